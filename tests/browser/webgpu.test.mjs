/** WebGPU: there, absent, and lost while running. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

/** The software adapter takes seconds for one face, and compiles its shaders before the first. */
const SOFTWARE_GPU_MS = 300_000;

/** @type {Site} */
let site;
before(async () => {
  site = await Site.open(settings.dist);
});
after(() => site?.close());

test('scores live on WebGPU, and goes on on the CPU when the GPU is lost', { timeout: 2 * SOFTWARE_GPU_MS }, async (t) => {
  const browser = await launch({ camera: 'face', gpu: 'software' });
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, { query: '?backend=webgpu' });
  // No one waits for a picture that is taken by itself, when a frame takes seconds.
  await visit.page.check('#trigger-shutter');
  await visit.startCamera();
  await visit.page.waitForSelector('#backend[data-backend="webgpu"]', { timeout: SOFTWARE_GPU_MS });
  const backend = visit.page.locator('#backend');
  assert.equal(await backend.getAttribute('data-backend'), 'webgpu');
  assert.equal(await visit.page.textContent('#fallback-reason'), '');
  assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'mc', 'the default on WebGPU');
  assert.match((await visit.page.textContent('#method')) ?? '', /\b100\b/, 'the default on WebGPU');

  await visit.scoredFrames(2, SOFTWARE_GPU_MS);
  const { raw, quality, scored } = await visit.facts();
  t.diagnostic(`WebGPU: raw ${raw}, quality ${quality}, ${await visit.page.textContent('#milliseconds')} a score`);
  assert.ok(raw > 0 && raw <= 1, `raw score ${raw}, expected within (0, 1]`);
  assert.ok(quality >= 0 && quality <= 100, `quality ${quality}, expected within 0..100`);
  visit.assertClean();

  const debuggerOfAll = await browser.newBrowserCDPSession();
  // The process goes down and takes the answer with it.
  debuggerOfAll.send('Browser.crashGpuProcess').catch(() => {});
  await visit.page.waitForSelector('#backend[data-backend="cpu"]');
  assert.match((await visit.page.textContent('#fallback-reason')) ?? '', /\blost\b/i, 'the page does not say that the GPU was lost');
  await visit.scoredFrames(scored + 3);
  const after = await visit.facts();
  t.diagnostic(`CPU afterwards: raw ${after.raw}, quality ${after.quality}`);
  assert.ok(after.raw > 0 && after.raw <= 1, `raw score ${after.raw}, expected within (0, 1]`);
  visit.assertNothingForeign();
});

for (const { gpu, why } of /** @type {const} */ ([
  { gpu: 'none', why: /adapter|WebGPU/ },
  { gpu: 'software', why: /software/i },
])) {
  test(`goes on on the CPU and says why, with ${gpu === 'none' ? 'no' : 'only a software'} adapter`, async (t) => {
    const browser = await launch({ camera: 'face', gpu });
    t.after(() => browser.close());
    const visit = await Visit.begin(browser, site);
    await visit.watchCamera(2);
    assert.equal(await visit.page.getAttribute('#backend', 'data-backend'), 'cpu');
    const reason = (await visit.page.textContent('#fallback-reason')) ?? '';
    t.diagnostic(reason);
    assert.match(reason, why);
    assert.ok(await visit.page.isVisible('#fallback-reason'), 'the reason is not visible');
    visit.assertClean();
  });
}

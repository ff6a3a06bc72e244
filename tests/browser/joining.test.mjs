/** A page served while some of its modules are still compiling, as with `cargo xtask serve`; and a build without them. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { launch } from './support/browser.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

const ASSETS = '/serfiq/assets.js';

/** Serves `dist/` as it is before all modules are compiled. @param {import('node:test').TestContext} t @param {boolean} compiling */
async function siteWithoutGpu(t, compiling) {
  const site = await Site.open(settings.dist);
  t.after(() => site.close());
  const whole = await readFile(join(settings.dist, ASSETS), 'utf8');
  const partial = whole.replace('missing: []', 'missing: ["cpuThreads", "webgpu"]').replace('compiling: false', `compiling: ${compiling}`);
  assert.notEqual(partial, whole, 'assets.js has another form');
  site.spoil(ASSETS, { body: Buffer.from(partial) });
  for (const name of ['serfiq_cpu_threads', 'serfiq_webgpu']) {
    site.spoil(`/serfiq/pkg/${name}.js`, { body: Buffer.from('export {};\n') });
    site.spoil(`/serfiq/pkg/${name}_bg.wasm`, { status: 404 });
  }
  return site;
}

test('the page runs on the CPU, says what is missing, and reloads once it is there', async (t) => {
  const site = await siteWithoutGpu(t, true);
  const browser = await launch({ gpu: 'software' });
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, { query: '?view=photos&lang=en' });
  await visit.ready();
  assert.equal(await visit.page.getAttribute('#backend', 'data-backend'), 'cpu');
  assert.match((await visit.page.textContent('#fallback-reason')) ?? '', /no module for WebGPU/);
  assert.match((await visit.page.textContent('#joining')) ?? '', /still being compiled/);
  assert.ok(await visit.page.isVisible('#joining'));
  visit.assertClean();

  const again = visit.page.waitForEvent('load');
  site.mend();
  await again;
  await visit.ready();
  assert.ok(await visit.page.isHidden('#joining'), 'everything is there');
  assert.doesNotMatch((await visit.page.textContent('#fallback-reason')) ?? '', /no module for WebGPU/);
  visit.assertClean();
});

test('a module that could not be compiled is said to be missing', async (t) => {
  const site = await siteWithoutGpu(t, false);
  const browser = await launch({});
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, { query: '?view=photos&lang=en&backend=webgpu' });
  await visit.page.waitForSelector('html[data-state="error"]');
  assert.match((await visit.page.textContent('#failure-detail')) ?? '', /no module for WebGPU/);
  assert.match((await visit.page.textContent('#joining')) ?? '', /could not be compiled/, 'nothing is to come');
});

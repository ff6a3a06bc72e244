/** WebGPU: present, absent, and lost while running. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';
import { WorkerInspector, assertFlat } from './support/worker-inspector.mjs';

/** The software adapter takes seconds per face, and compiles its shaders before the first. */
const SOFTWARE_GPU_MS = 300_000;
/** Scores over which nothing may grow. Each takes seconds; meanwhile, the camera is watched without a score. */
const MORE_SCORES = 5;

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
  // Automatic capture would take too long when a frame takes seconds.
  await visit.page.check('#trigger-shutter');
  await visit.startCamera();
  await visit.page.waitForSelector('#backend[data-backend="webgpu"]', { timeout: SOFTWARE_GPU_MS });
  const backend = visit.page.locator('#backend');
  assert.equal(await backend.getAttribute('data-backend'), 'webgpu');
  assert.equal(await visit.page.textContent('#fallback-reason'), '');
  assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'mc', 'the default on WebGPU');
  assert.match((await visit.page.textContent('#method')) ?? '', /\b100\b/, 'the default on WebGPU');

  await visit.scoredFrames(2, SOFTWARE_GPU_MS);
  const { raw, quality } = await visit.facts();
  t.diagnostic(`WebGPU: raw ${raw}, quality ${quality}, ${await visit.page.textContent('#milliseconds')} a score`);
  assert.ok(raw > 0 && raw <= 1, `raw score ${raw}, expected within (0, 1]`);
  assert.ok(quality >= 0 && quality <= 100, `quality ${quality}, expected within 0..100`);
  const made = await madeDuring(visit, async () => {
    const inspector = await WorkerInspector.attach(visit.page);
    const warm = await inspector.memory();
    const before = await visit.facts();
    await visit.scoredFrames(before.scored + MORE_SCORES, SOFTWARE_GPU_MS);
    const frames = (await visit.facts()).frames - before.frames;
    const end = await inspector.memory();
    await inspector.detach();
    t.diagnostic(`before ${MORE_SCORES} more scores ${JSON.stringify(warm)}, after them and ${frames} frames ${JSON.stringify(end)}`);
    assertFlat(warm, end);
  });
  const { scored } = await visit.facts();
  t.diagnostic(`made during ${MORE_SCORES} more scores: ${JSON.stringify(made)}`);
  assert.ok(made.dispatchWorkgroups >= 20 * MORE_SCORES, 'nothing ran on the GPU');
  const { dispatchWorkgroups, ...objects } = made;
  assert.deepEqual(objects, {}, 'made again for every frame');
  visit.assertClean();
  const modules = site.requests.map(({ path }) => path).filter((path) => path.endsWith('.wasm'));
  assert.deepEqual(modules, ['/serfiq/pkg/serfiq_webgpu_bg.wasm'], 'a usual session does not need the rest of the module; record the profile again: cargo xtask profile');

  const debuggerOfAll = await browser.newBrowserCDPSession();
  // The process dies before it can answer.
  debuggerOfAll.send('Browser.crashGpuProcess').catch(() => {});
  await visit.page.waitForSelector('#backend[data-backend="cpu"]');
  assert.match((await visit.page.textContent('#fallback-reason')) ?? '', /\blost\b/i, 'the page does not say that the GPU was lost');
  await visit.scoredFrames(scored + 3);
  const after = await visit.facts();
  t.diagnostic(`CPU afterwards: raw ${after.raw}, quality ${after.quality}`);
  assert.ok(after.raw > 0 && after.raw <= 1, `raw score ${after.raw}, expected within (0, 1]`);
  visit.assertNothingForeign();
});

/**
 * Counts the GPU objects that the engine's worker makes meanwhile, and its dispatches.
 * @param {Visit} visit @param {() => Promise<void>} meanwhile @returns {Promise<Record<string, number>>}
 */
async function madeDuring(visit, meanwhile) {
  const [worker] = visit.page.workers();
  await worker.evaluate(() => {
    /** @type {Record<string, number>} */
    const made = {};
    const all = /** @type {any} */ (globalThis);
    all.made = made;
    const count = (/** @type {string} */ name) => {
      made[name] = (made[name] ?? 0) + 1;
    };
    const { GPUDevice, GPUComputePassEncoder } = all;
    const makers = ['createBuffer', 'createTexture', 'createBindGroupLayout', 'createPipelineLayout', 'createComputePipeline', 'createComputePipelineAsync', 'createShaderModule'];
    for (const [{ prototype }, names] of [[GPUDevice, makers], [GPUComputePassEncoder, ['dispatchWorkgroups']]]) {
      for (const name of names) {
        const method = prototype[name];
        prototype[name] = function (/** @type {unknown[]} */ ...rest) {
          count(name);
          return method.apply(this, rest);
        };
      }
    }
    // The worker may hand out a bind group twice, so they are counted where they are used.
    const used = new WeakSet();
    const { setBindGroup } = GPUComputePassEncoder.prototype;
    GPUComputePassEncoder.prototype.setBindGroup = function (/** @type {number} */ index, /** @type {object} */ group, /** @type {unknown[]} */ ...rest) {
      if (all.counting && !used.has(group)) count('bindGroup');
      used.add(group);
      return setBindGroup.call(this, index, group, ...rest);
    };
  });
  // Known from now on: the bind groups of one more score.
  const { scored } = await visit.facts();
  await visit.scoredFrames(scored + 2, SOFTWARE_GPU_MS);
  await worker.evaluate(() => {
    const all = /** @type {any} */ (globalThis);
    for (const name of Object.keys(all.made)) delete all.made[name];
    all.counting = true;
  });
  await meanwhile();
  return worker.evaluate(() => /** @type {any} */ (globalThis).made);
}

test('the rest of the module comes when it is called for, and the engine goes on', { timeout: SOFTWARE_GPU_MS }, async (t) => {
  const browser = await launch({ gpu: 'software' });
  t.after(() => browser.close());
  // A worker like the engine's that loads the rest on request.
  site.spoil('/probe.js', { body: Buffer.from(`(${probe})();`) });
  t.after(() => site.mend());
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos' });
  const photo = (await portrait('astronaut.png')).toString('base64');
  const { before, after, twice } = await visit.page.evaluate(
    (base64) =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/probe.js', { type: 'module' });
        worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
        worker.postMessage(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
      }),
    photo,
  );
  const rest = site.requests.filter(({ path }) => path.endsWith('serfiq_webgpu_rest.wasm'));
  assert.equal(rest.length, 1);
  assert.ok(before > 0.5, `the raw score is ${before}`);
  assert.deepEqual([after, twice], [before, before]);
  await visit.end();
});

/** Runs in a worker: scores a photo, loads the rest, and scores the photo again. */
function probe() {
  const load = async () => {
    const [wasm, { provideRest }] = await Promise.all(['/serfiq/pkg/serfiq_webgpu.js', '/serfiq/worker/rest.js'].map((path) => import(path)));
    const bytes = async (/** @type {string} */ path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
    const exports = await wasm.default({ module_or_path: fetch('/serfiq/pkg/serfiq_webgpu_bg.wasm') });
    provideRest(exports, new URL('/serfiq/pkg/serfiq_webgpu_rest.wasm', location.href));
    const cards = ['recogniser', 'detector', 'landmarks'].map((role) => wasm.models().find((/** @type {any} */ model) => model.role === role));
    const [recogniser, detector, mesh] = await Promise.all(cards.map(({ file }) => bytes(`/serfiq/models/${file}`)));
    return { wasm, engine: await wasm.Engine.load(cards[0].name, recogniser, undefined, detector, mesh, 'webgpu', console.error) };
  };
  const loaded = load();
  self.onmessage = async ({ data }) => {
    try {
      const { wasm, engine } = await loaded;
      const score = async () => (await engine.scorePhoto(data, { method: 'mc', passes: 10, seed: 0 })).faces[0].raw;
      const before = await score();
      wasm.loadRest();
      self.postMessage({ before, after: await score(), twice: await score() });
    } catch (error) {
      self.postMessage({ error: String(error) });
    }
  };
}

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

test('starts on the CPU in WebKit, unless WebGPU is asked for', { timeout: SOFTWARE_GPU_MS }, async (t) => {
  const browser = await launch({ gpu: 'software' });
  t.after(() => browser.close());
  // Chromium with the names of Safari on a Mac, and of Chrome and Firefox on an iPhone: all of them are WebKit.
  const system = 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
  for (const userAgent of [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
    `${system} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1`,
    `${system} FxiOS/140.0 Mobile/15E148 Safari/605.1.15`,
  ]) {
    const visit = await Visit.begin(browser, site, { query: '?view=photos', userAgent });
    await visit.ready();
    assert.equal(await visit.page.getAttribute('#backend', 'data-backend'), 'cpu', userAgent);
    assert.match((await visit.page.textContent('#fallback-reason')) ?? '', /Safari uses it only on request/, userAgent);
    visit.assertClean();
    await visit.end();
  }
  const asked = await Visit.begin(browser, site, { query: '?view=photos&backend=webgpu', userAgent: `${system} Version/26.0 Safari/604.1` });
  await asked.page.waitForSelector('#backend[data-backend="webgpu"]', { timeout: SOFTWARE_GPU_MS });
  asked.assertClean();
});

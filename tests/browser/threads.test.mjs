/** Several CPU threads, in a page isolated from other origins. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { skipIf } from './support/skips.mjs';
import { Visit } from './support/visit.mjs';

/** At least this many run; more only if a measurement shows a gain, on an idle machine with enough processors. */
const SAFE = 2;
const MAX = Math.min(availableParallelism(), 4);
const QUERY = '?backend=cpu&view=photos';

describe('threads', { skip: skipIf(MAX < SAFE, 'threads in a browser', 'this machine has one core') }, () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Site} */
  let isolated;
  /** @type {Site} */
  let plain;
  /** @type {string} */
  let photo;
  before(async () => {
    browser = await launch();
    isolated = await Site.open(settings.dist, { isolated: true });
    plain = await Site.open(settings.dist);
    photo = (await portrait('astronaut.png')).toString('base64');
  });
  after(async () => {
    await browser?.close();
    await isolated?.close();
    await plain?.close();
  });

  test('are used where the page is isolated, and nowhere else', async () => {
    for (const [site, least, most, module] of /** @type {const} */ ([
      [isolated, SAFE, MAX, 'serfiq_cpu_threads_bg.wasm'],
      [plain, 1, 1, 'serfiq_cpu_bg.wasm'],
    ])) {
      const { info, visit } = await scored(site, { method: 'limit' });
      assert.equal(info.backend, 'cpu');
      assert.ok(info.threads >= least && info.threads <= most, `${info.threads} threads`);
      assert.equal(await visit.page.textContent('#backend'), info.threads > 1 ? `CPU × ${info.threads}` : 'CPU');
      const modules = site.requests.map(({ path }) => path).filter((path) => path.endsWith('.wasm'));
      assert.deepEqual(modules, [`/serfiq/pkg/${module}`]);
      await visit.end();
    }
  });

  for (const options of [{ method: 'limit' }, { method: 'mc', passes: 20, seed: 7 }]) {
    test(`leave the scores as they are, ${JSON.stringify(options)}`, async () => {
      const [several, one] = [await scored(isolated, options), await scored(plain, options)];
      assert.ok(several.raw > 0.5, `the raw score is ${several.raw}`);
      assert.equal(several.raw, one.raw);
      await several.visit.end();
      await one.visit.end();
    });
  }

  test('that die at work end the engine, and the next one has none', async () => {
    const path = '/serfiq/pkg/serfiq_cpu_threads.js';
    const text = await readFile(join(settings.dist, path), 'utf8');
    const spoilt = text.replace('export function runThread() {', "$& throw new WebAssembly.RuntimeError('unreachable');");
    assert.notEqual(spoilt, text);
    isolated.spoil(path, { body: Buffer.from(spoilt) });
    const { info, raw, visit } = await scored(isolated, { method: 'limit' });
    await visit.page.waitForFunction(() => /** @type {any} */ (window).serfiq.info.threads === 1);
    const { fallbackReason } = await visit.page.evaluate(() => /** @type {any} */ (window).serfiq.info);
    assert.match(fallbackReason ?? info.fallbackReason, /stopped: .*unreachable/);
    assert.ok(raw > 0.5, 'the photo is scored all the same');
    isolated.mend();
    await visit.end();
  });

  test('start in a browser that refuses no call of importScripts without an address, as Firefox', async (t) => {
    await inWorkers(t, () => {
      self.importScripts = (/** @type {string[]} */ ...urls) => {
        if (urls.length > 0) throw new TypeError('Using importScripts inside a Module Worker is not allowed.');
      };
    });
    const { info, visit } = await scored(isolated, { method: 'limit' });
    assert.ok(info.threads >= SAFE, `${info.threads} threads`);
    visit.assertClean();
    await visit.end();
  });

  test('that do not start are not counted, and the console says so', async (t) => {
    await inWorkers(t, () => {
      const Real = Worker;
      Object.assign(self, { Worker: class extends Real { constructor() { super('/nowhere.js', { type: 'module' }); } } });
    });
    const { info, raw, visit } = await scored(isolated, { method: 'limit' });
    assert.equal(info.threads, 1);
    assert.equal(await visit.page.textContent('#backend'), 'CPU');
    assert.ok(raw > 0.5, 'the photo is scored all the same');
    assert.match(visit.warnings.join(' '), /a thread did not start/);
    await visit.end();
  });

  test('are not tried where shared memory cannot be sent, as in WebKitGTK: their module is not fetched', async (t) => {
    await inWorkers(t, () => {
      const { postMessage } = MessagePort.prototype;
      MessagePort.prototype.postMessage = function (/** @type {any[]} */ ...sent) {
        if (sent[0] instanceof WebAssembly.Memory) throw new DOMException('The object can not be cloned.', 'DataCloneError');
        Reflect.apply(postMessage, this, sent);
      };
    });
    const before = isolated.requests.length;
    const { info, visit } = await scored(isolated, { method: 'limit' });
    assert.deepEqual({ threads: info.threads, fallbackReason: info.fallbackReason }, { threads: 1, fallbackReason: null });
    const modules = isolated.requests.slice(before).map(({ path }) => path).filter((path) => path.endsWith('.wasm'));
    assert.deepEqual(modules, ['/serfiq/pkg/serfiq_cpu_bg.wasm']);
    await visit.end();
  });

  test('are no more than there are processors, whatever the browser claims', { skip: MAX > 2 && 'this machine has more than two' }, async (t) => {
    await inWorkers(t, () => Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 }));
    // Measured: other work on this machine, such as another test, can disturb one measurement, but hardly ten.
    const found = [];
    for (let i = 0; i < 10 && !found.includes(MAX); i += 1) {
      const { info, visit } = await scored(isolated, { method: 'limit' });
      found.push(info.threads);
      await visit.end();
    }
    assert.ok(found.includes(MAX), `${found.join(', ')} threads`);
  });

  test('without a network and without their module, one thread scores', async (t) => {
    const path = '/serfiq/pkg/serfiq_cpu_threads_bg.wasm';
    isolated.spoil(path, { silent: true });
    t.after(() => isolated.mend());
    const { info, visit } = await scored(isolated, { method: 'limit' });
    assert.deepEqual([info.threads, info.module], [1, `${isolated.origin}/serfiq/pkg/serfiq_cpu_bg.wasm`]);
    await visit.end();
  });

  /**
   * Makes the engine's workers behave as in another browser.
   * @param {import('node:test').TestContext} t
   * @param {() => void} difference runs in them first
   */
  async function inWorkers(t, difference) {
    const path = '/serfiq/worker.js';
    isolated.spoil(path, { body: Buffer.concat([Buffer.from(`(${difference})();\n`), await readFile(join(settings.dist, path))]) });
    t.after(() => isolated.mend());
  }

  /** Returns the portrait's score, in a new page. @param {Site} site @param {object} options */
  async function scored(site, options) {
    const visit = await Visit.begin(browser, site, { query: QUERY });
    await visit.ready();
    const { raw, info } = await visit.page.evaluate(
      async ({ base64, options }) => {
        const { serfiq } = /** @type {any} */ (window);
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        // More than once: the first may finish before the threads are ready.
        await serfiq.score(new Blob([bytes]), options);
        const { faces } = await serfiq.score(new Blob([bytes]), options);
        return { raw: faces[0].raw, info: serfiq.info };
      },
      { base64: photo, options },
    );
    return { raw, info, visit };
  }
});

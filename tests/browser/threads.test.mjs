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

const THREADS = Math.min(availableParallelism(), 4);
const QUERY = '?backend=cpu&view=photos';

describe('threads', { skip: skipIf(THREADS < 2, 'threads in a browser', 'this machine has one core') }, () => {
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
    for (const [site, threads, module] of /** @type {const} */ ([
      [isolated, THREADS, 'serfiq_cpu_threads_bg.wasm'],
      [plain, 1, 'serfiq_cpu_bg.wasm'],
    ])) {
      const { info, visit } = await scored(site, { method: 'limit' });
      assert.deepEqual({ backend: info.backend, threads: info.threads }, { backend: 'cpu', threads });
      assert.equal(await visit.page.textContent('#backend'), threads > 1 ? `CPU × ${threads}` : 'CPU');
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

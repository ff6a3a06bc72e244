/** From an empty page to a running engine, and the files cached on the way. The offline worker has its own tests. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

const MODELS_BUDGET = 12_100_000;

describe('loading', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Site} */
  let site;
  /** @type {Visit} */
  let visit;

  before(async () => {
    browser = await launch({ camera: 'face' });
    site = await Site.open(settings.dist);
    visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos', beforehand: recordProgress });
    await visit.ready();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('progress is told in bytes', async () => {
    const told = await visit.page.evaluate(() => /** @type {any} */ (window).progressTold);
    // The engine is small enough to arrive in two chunks.
    for (const [what, least] of /** @type {const} */ ([['engine', 2], ['models', 3]])) {
      const texts = told.filter((/** @type {string[]} */ [id]) => id === `${what}-bytes`).map((/** @type {string[]} */ [, text]) => text);
      const amounts = new Set(texts.filter((/** @type {string} */ text) => /^\d+\.\d( of \d+\.\d)? MB$/.test(text)));
      assert.ok(amounts.size >= least, `${what}: expected the megabytes to grow step by step, but it said ${JSON.stringify(texts)}`);
      const [, loaded, total] = /^(\S+) of (\S+) MB$/.exec(texts.at(-1)) ?? [];
      assert.ok(loaded && loaded === total, `${what}: expected all to have arrived at the end, but it said "${texts.at(-1)}"`);
    }
  });

  test('the models travel in at most 12.1 MB', () => {
    const models = site.requests.filter(({ path }) => path.startsWith('/serfiq/models/'));
    const bytes = models.reduce((sum, request) => sum + request.bytes, 0);
    assert.equal(models.length, 3, `expected one request a model, but they were ${models.map(({ path }) => path).join(', ')}`);
    assert.ok(bytes > 0 && bytes <= MODELS_BUDGET, `${bytes} bytes of models, expected at most ${MODELS_BUDGET}`);
  });

  test('only the engine that runs is fetched', () => {
    const modules = site.requests.map(({ path }) => path).filter((path) => path.endsWith('.wasm'));
    assert.deepEqual(modules, ['/serfiq/pkg/serfiq_cpu_bg.wasm']);
  });

  for (const name of ['serfiq_webgpu_bg.wasm', 'serfiq_cpu_bg.wasm', 'serfiq_cpu_threads_bg.wasm']) {
    test(`${name} runs its constructors once, not at every call`, async () => {
      const module = await WebAssembly.compile(await readFile(join(settings.dist, 'serfiq', 'pkg', name)));
      const names = WebAssembly.Module.exports(module).map(({ name }) => name);
      // The linker's suffix for wrappers that run the constructors first.
      assert.deepEqual(names.filter((name) => name.endsWith('command_export')), [], names.join(', '));
    });
  }

  test('every request is answered, and none goes elsewhere', () => {
    assert.deepEqual(site.requests.filter(({ status }) => status !== 200), [], 'files that the server does not have');
    visit.assertClean();
  });

  test('the page says what runs', async () => {
    assert.equal(await visit.page.getAttribute('#backend', 'data-backend'), 'cpu');
    assert.notEqual(await visit.page.textContent('#fallback-reason'), '', 'why WebGPU does not run');
    assert.match((await visit.page.textContent('#model')) ?? '', /SFace/);
    assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'limit', 'the default on the CPU');
    assert.match((await visit.page.textContent('#credits')) ?? '', /Apache-2\.0[^]*MIT/, 'the licences of both models');
  });

  test('a second load takes the models from the cache, and nothing else is stored', async () => {
    await visit.page.click('#tab-capture');
    await visit.watchCamera(2);
    const before = site.requests.length;
    await visit.page.reload();
    await visit.ready();
    const fetched = site.requests.slice(before).map(({ path }) => path);
    assert.ok(fetched.includes('/index.html'), 'the page itself is asked for again');
    assert.deepEqual(fetched.filter((path) => path.startsWith('/serfiq/models/')), [], 'the models were fetched again');
    const { cached, ...stored } = await storedBy(visit);
    assert.ok(cached.length === 3 && cached.every((path) => path.startsWith('/serfiq-models/')), cached.join(', '));
    assert.deepEqual(stored, { databases: [], local: [], session: [], cookies: '' });
    visit.assertClean();
  });

  test('the privacy view says how much is stored, and deletes it', async () => {
    await visit.page.click('#tab-privacy');
    await visit.page.waitForSelector('#stored-count:has-text("3")');
    await visit.page.click('#forget');
    await visit.page.waitForSelector('#forgotten:not(:empty)');
    assert.match((await visit.page.textContent('#stored-count')) ?? '', /Nothing/);
    assert.deepEqual((await storedBy(visit)).cached, []);
    assert.ok(await visit.page.isDisabled('#forget'));
  });

  test('nothing is painted before there are words', async () => {
    const slow = await Visit.begin(browser, site, {
      query: '?lang=de',
      beforehand: () => {
        // Whenever the body is visible, it has text.
        const look = () => {
          const body = document.body;
          const seen = body && getComputedStyle(body).visibility === 'visible';
          if (seen && !document.querySelector('#tab-photos')?.textContent) Object.assign(window, { wordless: true });
          requestAnimationFrame(look);
        };
        look();
      },
    });
    await slow.page.waitForSelector('#tab-photos:has-text("Fotos")');
    assert.equal(await slow.page.evaluate(() => 'wordless' in window), false);
    await slow.end();
  });

  test('with the worker that works offline, nothing is stored but models and files of the page', async () => {
    const online = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos', serviceWorkers: 'allow' });
    await online.ready();
    await online.page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.active);
    const { cached, ...stored } = await storedBy(online);
    const files = new Set(site.requests.filter(({ status }) => status === 200).map(({ path }) => path));
    const foreign = cached.filter((path) => !path.startsWith('/serfiq-models/') && !files.has(path) && path !== '/');
    assert.deepEqual(foreign, [], 'stored, and no file of the page');
    assert.deepEqual(stored, { databases: [], local: [], session: [], cookies: '' });
    online.assertClean();
    await online.end();
  });
});

/** Returns everything the browser stores for the site. @param {Visit} visit */
function storedBy({ page }) {
  return page.evaluate(async () => ({
    cached: (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys())))
      .flat()
      .map(({ url }) => new URL(url).pathname),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    cookies: document.cookie,
  }));
}

/** Runs in the page: records every text of the loading panel. */
function recordProgress() {
  /** @type {string[][]} */
  const progressTold = [];
  Object.assign(window, { progressTold });
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const { id, textContent } = /** @type {Element} */ (target);
      if (id?.endsWith('-bytes') && textContent) progressTold.push([id, textContent]);
    }
  }).observe(document, { childList: true, subtree: true });
}

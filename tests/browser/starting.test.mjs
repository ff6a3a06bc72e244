/** The engine starts from another origin, under Trusted Types, and in a worker; or it says what is missing, and where. */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { ElementPage } from './support/element-page.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';

/** @import { Browser, Page } from 'playwright-core' */

/** What many servers send in place of a missing file. */
const WEB_PAGE = { body: Buffer.from('\n<!DOCTYPE html><html><body>Not here</body></html>'), type: 'text/html; charset=utf-8' };
const OPEN_POLICY = "default-src 'self'; script-src * blob: 'wasm-unsafe-eval'; worker-src * blob:; connect-src *";
const NO_THREADS = '/serfiq/pkg/serfiq_cpu_bg.wasm';
const MODELS = '/serfiq/models/';

/** @type {Browser} */
let browser;
/** @type {Site} */
let site;
/** @type {string} */
let photo;
before(async () => {
  browser = await launch({ camera: 'face' });
  site = await Site.open(settings.dist);
  photo = (await portrait('astronaut.png')).toString('base64');
});
after(async () => {
  await browser?.close();
  await site?.close();
});

test('a worker of another origin starts where the browser reports a foreign script late, as Firefox does', async (t) => {
  const cdn = await Site.open(settings.dist, { shared: true });
  t.after(() => cdn.close());
  const open = await Site.open(settings.dist, { policy: () => OPEN_POLICY });
  t.after(() => open.close());
  for (const beforehand of [undefined, workersAsInFirefox]) {
    const { page, problems } = await openPage(t, open, beforehand);
    const outcome = await page.evaluate(scoreWith, { module: `${cdn.origin}/serfiq/index.js`, photo, options: { backend: 'cpu' } });
    assert.equal(outcome.status, 'ok', JSON.stringify(outcome));
    assert.deepEqual(problems, []);
  }
});

test('no address of the build machine gets into a bundle: import.meta.url is only where bundlers replace it', async () => {
  const folder = fileURLToPath(new URL('../../www/package/', import.meta.url));
  // Modules for Node are in no page's bundle.
  const modules = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js') && !name.startsWith('node'));
  const found = await Promise.all(modules.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
  const bare = found.filter(([, text]) => /import\.meta\.url/.test(text.replaceAll(/new URL\('\.\/[\w./]+', import\.meta\.url\)/g, '')));
  assert.ok(found.some(([, text]) => text.includes("new Worker(new URL('./worker.js', import.meta.url), {")), 'bundlers find no worker');
  assert.deepEqual(bare.map(([name]) => name), []);
});

describe('under Trusted Types', () => {
  for (const isolated of [false, true]) {
    test(`the engine loads and scores${isolated ? ', with threads' : ''}`, async (t) => {
      const strict = await Site.open(settings.dist, { isolated, policy: withTrustedTypes('serfiq') });
      t.after(() => strict.close());
      const { page, problems } = await openPage(t, strict);
      const outcome = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
      assert.equal(outcome.status, 'ok', JSON.stringify(outcome));
      if (isolated && outcome.processors > 1) assert.ok(outcome.info.threads > 1, 'no threads');
      assert.deepEqual(problems, []);
    });
  }

  test('the element takes a picture', async (t) => {
    const strict = await Site.open(settings.dist, { policy: withTrustedTypes('serfiq') });
    t.after(() => strict.close());
    const body = '<serfiq-capture autostart auto-capture threshold="1" backend="cpu"></serfiq-capture>';
    const opened = await ElementPage.open(browser, strict, body, { policy: withTrustedTypes('serfiq') });
    t.after(() => opened.end());
    await opened.inState('captured');
    opened.assertClean();
  });

  test('a page that does not allow the policy is told which one', async (t) => {
    const strict = await Site.open(settings.dist, { policy: withTrustedTypes('none-of-ours') });
    t.after(() => strict.close());
    const { page } = await openPage(t, strict);
    const { code, message } = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
    assert.equal(code, 'engine-fetch');
    assert.match(message, /trusted-types serfiq/);
  });
});

test('an engine in a worker scores pictures and files', async (t) => {
  const { page, problems } = await openPage(t, site);
  site.spoil('/in-worker.js', { body: Buffer.from(`(${engineInWorker})();`), type: 'text/javascript' });
  t.after(() => site.mend());
  const { error, ...scored } = await page.evaluate(
    (base64) =>
      new Promise((resolve) => {
        const worker = new Worker('/in-worker.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(base64);
      }),
    photo,
  );
  assert.equal(error, undefined);
  assert.ok(scored.file > 0.5 && scored.bitmap > 0.5 && scored.canvas > 0.5, JSON.stringify(scored));
  assert.equal(scored.assetBase, scored.bitmap, 'with assetBase, relative to the worker');
  assert.deepEqual(problems, []);
});

describe('where a bundler has moved the engine’s files, the worker is where the bundler says', () => {
  /** Moves the module for the CPU, as bundlers do. @param {import('node:test').TestContext} t */
  async function bundle(t) {
    const list = await readFile(join(settings.dist, 'serfiq/assets.js'), 'utf8');
    site.spoil('/serfiq/assets.js', { body: Buffer.from(list.replace('./pkg/serfiq_cpu_bg.wasm', '../x/engine.wasm')), type: 'text/javascript' });
    site.spoil('/x/engine.wasm', { body: await readFile(join(settings.dist, NO_THREADS)), type: 'application/wasm' });
    t.after(() => site.mend());
  }

  test('it starts', async (t) => {
    await bundle(t);
    const { page, problems } = await openPage(t, site);
    const outcome = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
    assert.equal(outcome.status, 'ok', JSON.stringify(outcome));
    assert.deepEqual(problems, []);
  });

  test('it is missing', async (t) => {
    await bundle(t);
    site.spoil('/serfiq/worker.js', { status: 404 });
    const { page } = await openPage(t, site);
    const { code, message } = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
    assert.equal(code, 'engine-fetch', message);
    assert.match(message, /worker did not start\. .*bundle contains it; else set assetBase\.$/);
  });
});

describe('a signal ends the start at once, and leaves no worker', () => {
  for (const [when, path, abortAfter] of /** @type {const} */ ([
    ['before it begins', '/serfiq/assets.js', null],
    ['while the list of the files is awaited', '/serfiq/assets.js', 300],
    ['while a module is awaited', NO_THREADS, 1000],
  ])) {
    test(when, async (t) => {
      site.spoil(path, { held: true });
      t.after(() => site.mend());
      const { page } = await openPage(t, site);
      /** @type {string[]} */
      const requested = [];
      page.on('request', (request) => requested.push(new URL(request.url()).pathname));
      /** @type {string[]} */
      const workers = [];
      page.on('worker', (worker) => workers.push(worker.url()));
      const outcome = await page.evaluate(async (ms) => {
        const { createEngine } = await import(/** @type {string} */ ('/serfiq/index.js'));
        const signal = ms === null ? AbortSignal.abort() : AbortSignal.timeout(ms);
        const engine = createEngine({ backend: 'cpu', signal }).catch((/** @type {unknown} */ error) => error === signal.reason);
        return Promise.race([engine, new Promise((resolve) => setTimeout(resolve, 4000))]);
      }, abortAfter);
      assert.equal(outcome, true, 'it is not rejected with the reason');
      assert.equal(workers.length, path === NO_THREADS ? 1 : 0);
      // The browser ends a worker a little later.
      for (const worker of page.workers()) await worker.waitForEvent('close', { timeout: 5000 });
      if (abortAfter === null) assert.ok(!requested.includes(path), 'a file that nobody needs is fetched');
    });
  }
});

describe('what is not there is named, with its address, what was expected and what came:', () => {
  /** @type {string[]} */
  let models;
  before(async () => {
    models = await readdir(join(settings.dist, MODELS));
  });
  /** The address of the model whose file's name starts like this. @param {string} start */
  const ofModel = (start) => `${MODELS}${models.find((name) => name.startsWith(start))}`;

  for (const [what, path, code, expected] of /** @type {[string, string | (() => string), string, RegExp][]} */ ([
    ['the list of the files', '/serfiq/assets.js', 'engine-fetch', /JavaScript module/],
    ['the worker', '/serfiq/worker.js', 'engine-fetch', /JavaScript module/],
    ['the module', NO_THREADS, 'engine-fetch', /WebAssembly/],
    ['the recogniser', () => ofModel('face_recognition'), 'model-fetch', /the file of the model sface/],
    ['the detector', () => ofModel('face_detection'), 'model-fetch', /the file of the model yunet/],
    ['the landmarks', () => ofModel('face_mesh'), 'model-fetch', /the file of the model/],
  ])) {
    for (const [how, fault, came] of /** @type {const} */ ([
      ['missing', { status: 404 }, /404/],
      ['a web page', WEB_PAGE, /web page.*HTTP status 200.*text\/html/],
      ['a web page without its type', { ...WEB_PAGE, type: 'application/octet-stream' }, /web page|content type/],
    ])) {
      test(`${what}, ${how}`, async (t) => {
        const place = typeof path === 'string' ? path : path();
        site.spoil(place, fault);
        t.after(() => site.mend());
        const { page } = await openPage(t, site);
        const { code: found, message } = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
        t.diagnostic(message);
        assert.equal(found, code, message);
        for (const part of [came, /assetBase/]) assert.match(message, part);
        assert.ok(message.includes(site.origin + place), `expected the address in: ${message}`);
        if (how !== 'missing') assert.match(message, expected);
        assert.doesNotMatch(message, /\.\./);
      });
    }
  }

  test('a worker of the wrong type', async (t) => {
    site.spoil('/serfiq/worker.js', { body: await readFile(join(settings.dist, 'serfiq/worker.js')), type: 'text/plain' });
    t.after(() => site.mend());
    const { page } = await openPage(t, site);
    const { code, message } = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
    assert.equal(code, 'engine-fetch', message);
    assert.match(message, /worker\.js.*text\/javascript.*text\/plain/);
  });

  test('a module that the worker imports', async (t) => {
    site.spoil('/serfiq/worker/load.js', { status: 404 });
    t.after(() => site.mend());
    const { page } = await openPage(t, site);
    const { code, message } = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
    assert.equal(code, 'engine-fetch', message);
    assert.match(message, /worker\.js is there.*imports/);
  });

  test('a wrong assetBase', async (t) => {
    const { page } = await openPage(t, site);
    const options = { backend: 'cpu', assetBase: '/nowhere' };
    const { code, message } = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options });
    assert.equal(code, 'engine-fetch', message);
    assert.ok(message.includes(`${site.origin}/nowhere/worker.js`) && /404.*assetBase/.test(message), message);
  });

  test('the module with threads', async (t) => {
    const isolated = await Site.open(settings.dist, { isolated: true });
    t.after(() => isolated.close());
    isolated.spoil('/serfiq/pkg/serfiq_cpu_threads_bg.wasm', WEB_PAGE);
    const { page } = await openPage(t, isolated);
    const outcome = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options: { backend: 'cpu' } });
    if (outcome.processors === 1) return t.skip('this machine has one core');
    assert.equal(outcome.code, 'engine-fetch', JSON.stringify(outcome));
    assert.match(outcome.message, /serfiq_cpu_threads_bg\.wasm is not a WebAssembly module\. It is a web page.*text\/html/);
  });

  test('an own recogniser, and its card', async (t) => {
    site.spoil('/mine.onnx', WEB_PAGE);
    site.spoil('/mine.toml', WEB_PAGE);
    t.after(() => site.mend());
    const { page } = await openPage(t, site);
    for (const [own, address] of /** @type {[object, string][]} */ ([
      [{ onnx: '/mine.onnx' }, '/mine.onnx'],
      [{ onnx: ofModel('face_recognition'), card: '/mine.toml' }, '/mine.toml'],
    ])) {
      const options = { backend: 'cpu', recogniser: own };
      const { code, message } = await page.evaluate(scoreWith, { module: '/serfiq/index.js', photo, options });
      assert.equal(code, 'model-fetch', message);
      assert.ok(message.includes(`${site.origin}${address} is not`) && /web page.*HTTP status 200.*text\/html/.test(message), message);
      assert.doesNotMatch(message, /assetBase/);
    }
  });

  test('the rest of the module', async (t) => {
    site.spoil('/rest.wasm', WEB_PAGE);
    site.spoil('/rest.js', { body: Buffer.from(`(${loadRest})();`), type: 'text/javascript' });
    t.after(() => site.mend());
    const { page } = await openPage(t, site);
    const { code, message } = await page.evaluate(
      () =>
        new Promise((resolve) => {
          new Worker('/rest.js', { type: 'module' }).onmessage = ({ data }) => resolve(data);
        }),
    );
    assert.equal(code, 'engine-fetch');
    assert.match(message, /\/rest\.wasm is not the rest of the scoring engine.*web page.*text\/html/);
  });

  test('the person reads that something could not be loaded', async (t) => {
    site.spoil('/serfiq/worker.js', { status: 404 });
    t.after(() => site.mend());
    const opened = await ElementPage.open(browser, site, '<serfiq-capture backend="cpu" language="de"></serfiq-capture>');
    t.after(() => opened.end());
    await opened.speaks('de');
    await opened.page.click('serfiq-capture [data-action="start"]:visible');
    const { code, message, action } = await opened.event('error');
    assert.equal(code, 'engine-fetch', message);
    assert.match(action, /^Etwas konnte nicht geladen werden/);
  });
});

/** @param {string} allowed the name of a Trusted Types policy */
function withTrustedTypes(allowed) {
  return (/** @type {string} */ policy) => `${policy}; require-trusted-types-for 'script'; trusted-types ${allowed}`;
}

/** An empty page of a site. @param {import('node:test').TestContext} t @param {Site} from @param {() => void} [beforehand] runs in it first */
async function openPage(t, from, beforehand) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`console: ${message.text()}`);
  });
  if (beforehand) await page.addInitScript(beforehand);
  from.spoil('/empty.html', { body: Buffer.from('<!doctype html><link rel="icon" href="favicon.svg"><title>A page</title>') });
  await page.goto(`${from.origin}/empty.html`);
  return { page, problems };
}

/**
 * Runs in the page: loads an engine, and scores a photo.
 * @param {{ module: string, photo: string, options: object }} request
 * @returns {Promise<any>}
 */
async function scoreWith({ module, photo, options }) {
  const { createEngine } = await import(module);
  try {
    const engine = await createEngine(options);
    const bytes = Uint8Array.from(atob(photo), (character) => character.charCodeAt(0));
    const { status } = await engine.score(new Blob([bytes]));
    return { status, info: engine.info, processors: navigator.hardwareConcurrency };
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    return { code, message, processors: navigator.hardwareConcurrency };
  }
}

/** Runs in the page: a worker with a script from another origin fires `error` later, as in Firefox; in Chromium its constructor throws. */
function workersAsInFirefox() {
  const Real = Worker;
  const Late = function (/** @type {string | URL} */ url, /** @type {WorkerOptions} */ options) {
    if (new URL(url, location.href).origin === location.origin) return new Real(url, options);
    const failing = new EventTarget();
    setTimeout(() => failing.dispatchEvent(new Event('error')));
    return Object.assign(failing, { postMessage() {}, terminate() {} });
  };
  Object.assign(window, { Worker: Late });
}

/** Runs in a worker: loads its own engine. */
function engineInWorker() {
  self.onmessage = async ({ data }) => {
    try {
      const { createEngine } = await import('/serfiq/index.js');
      const blob = new Blob([Uint8Array.from(atob(data), (character) => character.charCodeAt(0))]);
      const bitmap = await createImageBitmap(blob);
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
      const rawOf = async (/** @type {any} */ engine, /** @type {any} */ source) => (await engine.score(source)).faces[0].raw;
      const engine = await createEngine({ backend: 'cpu' });
      const found = { file: await rawOf(engine, blob), bitmap: await rawOf(engine, bitmap), canvas: await rawOf(engine, canvas) };
      engine.close();
      const other = await createEngine({ backend: 'cpu', assetBase: 'serfiq' });
      self.postMessage({ ...found, assetBase: await rawOf(other, bitmap) });
    } catch (error) {
      self.postMessage({ error: String(error) });
    }
  };
}

/** Runs in a worker: requests the rest of a module, and gets a web page in its place. */
async function loadRest() {
  const { provideRest } = await import('/serfiq/worker/rest.js');
  provideRest({}, new URL('/rest.wasm', location.href));
  try {
    /** @type {any} */ (self).serfiqLoadRest();
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    self.postMessage({ code, message });
  }
}

/** Projects that developers build with the packed package, each in a real browser with a fake camera. */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from '../browser/support/browser.mjs';
import { settings } from '../browser/support/settings.mjs';
import { Server } from './support/server.mjs';
import { setting } from './support/settings.mjs';
import { Workplace } from './support/workplace.mjs';

const PATIENCE_MS = 60_000;

/** The strictest policy: nothing inline, no `eval`, no blob, no other origin. */
const STRICT_POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'connect-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/** Lets workers share memory. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** These pages have empty icons. */
const BUNDLE_POLICY = { ...STRICT_POLICY, 'img-src': "'self' data:" };

const BUNDLED = ['--module', 'esnext', '--moduleResolution', 'bundler'];

describe('the packed package', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Workplace} */
  let place;

  before(async () => {
    place = await Workplace.prepare(setting('SERFIQ_CONSUMERS'), setting('SERFIQ_PACKAGE'));
    browser = await launch({ camera: 'face' });
  });
  after(() => browser?.close());

  test('runs without a bundler, from another path, under a strict policy', async () => {
    const server = await Server.open({ '/': place.path('plain'), '/static/x/': place.package }, policy(STRICT_POLICY));
    const { quality, bytes } = await visit(browser, server, '/');
    assert.ok(quality > 20 && bytes > 1000, `a picture of ${bytes} bytes with quality ${quality}`);
  });

  test('is bundled by Vite, with engine, models and worker', async () => {
    const dist = await place.vite('vite');
    const names = await readdir(join(dist, 'assets'));
    for (const file of [/^worker-.*\.js$/, /^serfiq_webgpu_bg-.*\.wasm$/, /^serfiq_webgpu_rest-.*\.wasm$/, /^serfiq_cpu_bg-.*\.wasm$/, /^serfiq_cpu_threads_bg-.*\.wasm$/, /^face_detection_.*\.onnx$/, /^face_recognition_.*\.onnx$/]) {
      assert.equal(names.filter((name) => file.test(name)).length, 1, `expected one ${file} among ${names.join(', ')}`);
    }
    const server = await Server.open({ '/sub/folder/': dist }, { ...policy(BUNDLE_POLICY), ...ISOLATION });
    const { quality, bytes, band } = await visit(browser, server, '/sub/folder/');
    assert.ok(quality > 20 && bytes > 1000, `a picture of ${bytes} bytes with quality ${quality}`);
    assert.match(band, /^(poor|fair|good|excellent)$/);
    const module = availableParallelism() > 1 ? 'serfiq_cpu_threads' : 'serfiq_cpu';
    const modules = visit.requests.filter((url) => url.endsWith('.wasm'));
    assert.ok(modules.length === 1 && modules[0].includes(`${module}_bg-`), modules.join(', '));
  });

  test('gives React an element with properties, attributes and events', async () => {
    await place.tsc(...BUNDLED, '--jsx', 'react-jsx', 'react/src/main.tsx', 'react/src/wrong.tsx');
    const server = await Server.open({ '/sub/folder/': await place.vite('react') }, policy(BUNDLE_POLICY));
    const { quality, bytes, seen } = await visit(browser, server, '/sub/folder/', () => {
      const element = /** @type {any} */ (document.querySelector('serfiq-capture'));
      const { autoCapture, guide, dataset } = element;
      return { autoCapture, guide, purpose: dataset.purpose, threshold: element.getAttribute('threshold') };
    });
    assert.ok(quality > 20 && bytes > 1000, `a picture of ${bytes} bytes with quality ${quality}`);
    assert.deepEqual(seen, { autoCapture: true, guide: { yaw: { limit: 25, margin: 3 } }, purpose: 'passport', threshold: '20' });
  });

  for (const how of [BUNDLED, ['--module', 'nodenext']]) {
    test(`has types for TypeScript with ${how.join(' ')}`, async () => {
      await place.tsc(...how, 'typescript/app.ts');
    });

    test(`has types for Node, without those of a page, with ${how.join(' ')}`, async () => {
      await place.tsc(...how, '--lib', 'es2023', '--types', 'node', 'typescript/server.ts');
    });
  }

  test('can be imported on a server', async () => {
    const printed = await place.node(`
      import { createEngine } from 'serfiq';
      import { SerfiqCaptureElement } from 'serfiq/capture';
      console.log(typeof createEngine, typeof SerfiqCaptureElement);
    `);
    assert.equal(printed, 'function function\n');
  });

  test('can be imported, created, inserted and removed in jsdom', async () => {
    const seen = JSON.parse(await place.node("await import('./jsdom/main.js')"));
    assert.deepEqual(seen, {
      isElement: true,
      html: '<serfiq-capture auto-capture="" threshold="60" name="selfie" required=""></serfiq-capture>',
      words: 'Kamera starten',
      error: 'insecure-context',
      states: ['asking', 'error', 'idle'],
      parsed: 'error',
      complaints: [],
    });
  });

  test('is rendered by React on a server, and hydrated without a complaint', async () => {
    const { html, ...seen } = JSON.parse(await place.node("await import('./jsdom/hydrate.js')"));
    assert.match(html, /<serfiq-capture autoCapture="" autostart=""/);
    // There is no camera in jsdom.
    assert.deepEqual(seen, { complaints: [], autoCapture: true, timeLimit: 7, cameraFacing: 'environment', state: 'error' });
  });

  test('takes worker, engine and models from another origin', async (t) => {
    const assets = await Server.open({ '/v1/': place.package }, { 'Access-Control-Allow-Origin': '*' });
    t.after(() => assets.close());
    const server = await Server.open(
      { '/': place.path('elsewhere'), '/serfiq/': place.package, '/photos/': settings.portraits },
      // As the package's README says.
      policy({ ...BUNDLE_POLICY, 'connect-src': `'self' ${assets.origin}`, 'worker-src': `blob: ${assets.origin}` }),
    );
    const { origin } = server;
    const { quality } = await visit(browser, server, `/?assets=${encodeURIComponent(`${assets.origin}/v1`)}`);
    assert.deepEqual(assets.missing, []);
    assert.ok(quality > 0, `quality ${quality}`);
    // The page's own modules share two with the worker.
    const isShared = (/** @type {string} */ url) => /worker\/(errors|fetch)\.js$/.test(url);
    const fetched = visit.requests.filter((url) => url.startsWith(origin) && /worker\.js|worker\/|\.wasm|\.onnx/.test(url));
    assert.deepEqual(fetched.filter((url) => !isShared(url)), [], 'taken from the page’s own server');
  });

  test('credits everyone whose work it contains', async () => {
    const models = await readFile(join(place.package, 'MODELS.txt'), 'utf8');
    const onnx = await readdir(join(place.package, 'models'));
    for (const file of onnx) assert.ok(models.includes(file), `${file} is not in MODELS.txt`);
    assert.match(await readFile(join(place.package, 'THIRD-PARTY.txt'), 'utf8'), /^wasm-bindgen \d/m);
  });
});

/**
 * Opens a page that writes its result into its `<output>`, and closes its server; fails on any unseen error.
 * @param {import('playwright-core').Browser} browser
 * @param {Server} server
 * @param {string} path
 * @param {() => unknown} [look] runs in the page once the result is there
 */
async function visit(browser, server, path, look = () => null) {
  const context = await browser.newContext({ permissions: ['camera'] });
  /** @type {string[]} */
  const problems = [];
  visit.requests = /** @type {string[]} */ ([]);
  context.on('request', (request) => visit.requests.push(request.url()));
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`content security policy: ${violatedDirective} forbids ${blockedURI}`);
    });
  });
  try {
    await page.goto(`${server.origin}${path}`);
    const filled = page.locator('output:not(:empty)');
    await filled.waitFor({ state: 'attached', timeout: PATIENCE_MS }).catch((error) => {
      throw new Error(`no result; ${problems.join(' | ')}; missing: ${server.missing.join(', ')}`, { cause: error });
    });
    const result = JSON.parse((await filled.textContent()) ?? '');
    assert.equal(result.error, undefined, `${JSON.stringify(result)}; ${problems.join(' | ')}`);
    const seen = await page.evaluate(look);
    assert.deepEqual(problems, [], 'the page complained in its console');
    assert.deepEqual(server.missing, [], 'missing files');
    return { ...result, seen };
  } finally {
    await context.close();
    await server.close();
  }
}
visit.requests = /** @type {string[]} */ ([]);

/** @param {Record<string, string>} directives */
function policy(directives) {
  return { 'Content-Security-Policy': Object.entries(directives).map((one) => one.join(' ')).join('; ') };
}

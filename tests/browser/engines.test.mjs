/** The same work in three engines: Chromium, Firefox and WebKit. Makes the table of browsers in docs/capture.md. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { BrowserTable } from './support/browser-table.mjs';
import { CAMERA_PATH, install } from './support/canvas-camera.mjs';
import { ELEMENT_LINES, prepareElementLines } from './support/element-lines.mjs';
import { STRICT_POLICY } from './support/element-page.mjs';
import { engines } from './support/engines.mjs';
import { portrait, portraitNames, scoreNatively } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { skipIf } from './support/skips.mjs';

/** @import { Engine } from './support/engines.mjs' */

const METHODS = [
  { options: { method: 'limit' }, native: ['--method', 'limit'] },
  { options: { method: 'mc', passes: 100, seed: 1 }, native: ['--method', 'mc', '--passes', '100', '--seed', '1'] },
];
/** Tolerance between engines, which run the same instructions. */
const SAME = 1e-6;
/** Tolerance against the command line, since processors differ. */
const TOLERANCE = 2e-4;
const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'];
const PHONES = [[844, 390], [667, 375], [390, 844], [320, 568]];
const NARROW_PX = 360;
const PLAIN = '/plain.html';
const FRAMES = '/frames.html';
const HAND = '/hand.html';
const TRUSTED = "; require-trusted-types-for 'script'; trusted-types serfiq";

const table = new BrowserTable();
/** A cell of the table. */
const YES = 'yes';

/** Raw scores by engine, method and portrait. @type {Record<string, Record<string, number[]>[]>} */
const scores = {};

/** @param {string} policy @param {string} [body] */
function plainPage(policy, body = '') {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title><link rel="icon" href="/favicon.svg"><main>${body}</main></html>`;
  return { body: Buffer.from(html), headers: { 'Content-Security-Policy': policy } };
}

for (const [name, launch] of Object.entries(engines)) {
  const isMissing = name !== 'chromium' && settings[/** @type {'firefox' | 'webkit'} */ (name)] === null;
  describe(name, { skip: skipIf(isMissing, `the page in ${name}`, 'this browser is not installed') }, () => {
    /** @type {Engine} */
    let engine;
    /** @type {Site} */
    let site;
    /** @type {string[]} */
    let names;
    before(async () => {
      [site, names] = [await Site.open(settings.dist), await portraitNames()];
      site.spoil(PLAIN, plainPage(STRICT_POLICY));
      site.spoil(HAND, plainPage(`${STRICT_POLICY}; frame-src 'self'`));
      site.spoil(FRAMES, plainPage("default-src 'none'; img-src 'self'; frame-src 'self'"));
      await prepareElementLines(site, plainPage);
      for (const one of names) site.spoil(`/portraits/${one}`, { body: await portrait(one) });
      engine = await launch();
    });
    after(async () => {
      await engine?.close();
      await site?.close();
    });

    /**
     * A test that is a line of the table.
     * @param {string} line
     * @param {(t: import('node:test').TestContext) => Promise<string | null>} run returns the cell; null if this machine cannot tell
     */
    const tell = (line, run) => {
      table.add(line);
      test(line, async (t) => {
        const cell = await run(t);
        if (cell !== null) table.tell(line, name, cell);
      });
    };

    test('has a version', (t) => {
      assert.match(engine.version, /^\S+ \d+\./);
      table.head(name, engine.version);
      t.diagnostic(engine.version);
    });

    tell('Scores equal those of the others to 0.000001 and the command line’s to 0.0002, under a strict content security policy', async (t) => {
      await engine.goto(site.origin + PLAIN);
      scores[name] = await engine.evaluate(scoreAll, { names, methods: METHODS.map(({ options }) => options) });
      for (const [i, method] of METHODS.entries()) {
        const native = await scoreNatively(names, method.native);
        for (const one of names) {
          const found = scores[name][i][one];
          const expected = native[one].faces.map(({ raw }) => raw);
          assert.equal(found.length, expected.length, one);
          found.forEach((raw, face) => assert.ok(Math.abs(raw - expected[face]) <= TOLERANCE, `${one}: ${raw}, natively ${expected[face]}`));
          const other = Object.values(scores)[0][i][one];
          found.forEach((raw, face) => assert.ok(Math.abs(raw - other[face]) <= SAME, `${one}: ${raw}, in another engine ${other[face]}`));
        }
      }
      t.diagnostic(`${names.length} portraits`);
      return YES;
    });

    tell('Trusted Types', async () => {
      site.spoil('/trusted.html', plainPage(STRICT_POLICY + TRUSTED));
      await engine.goto(`${site.origin}/trusted.html`);
      const [{ [names[0]]: raws }] = await engine.evaluate(scoreAll, { names: names.slice(0, 1), methods: [METHODS[0].options] });
      assert.deepEqual(raws, scores[name][0][names[0]]);
      return YES;
    });

    tell('Without a GPU, the engine says why it is on the CPU', async () => {
      await engine.goto(site.origin + PLAIN);
      const { backend, fallbackCode } = await engine.evaluate(chosenBackend, undefined);
      assert.equal(backend, 'cpu');
      return `\`${fallbackCode}\``;
    });

    tell('`<serfiq-capture>` takes a picture by itself, of a real face on a canvas in place of a camera', async (t) => {
      await engine.goto(site.origin + PLAIN);
      await engine.evaluate(install, { path: `${CAMERA_PATH}/face`, exists: true, isAllowed: true });
      const taken = await engine.evaluate(takePicture, undefined);
      // On a busy machine a canvas may pause for so long that the camera counts as frozen for a while.
      assert.deepEqual([...taken.states.slice(0, 3), taken.states.at(-1)], ['asking', 'loading', 'running', 'captured']);
      assert.deepEqual([taken.type, taken.accepted], ['image/jpeg', true]);
      assert.ok(taken.size > 5_000 && taken.quality >= 50, `${taken.size} bytes, quality ${taken.quality}`);
      t.diagnostic(`${taken.milliseconds.toFixed(0)} ms a frame`);
      return YES;
    });

    /** @param {number} width @param {number} height */
    const takeInHand = async (width, height) => {
      for (let attempt = 1; ; attempt++) {
        await engine.goto(site.origin + HAND);
        await engine.evaluate(install, { path: `${CAMERA_PATH}/face`, exists: true, isAllowed: true });
        try {
          return await engine.evaluate(inTheHand, { address: PLAIN, width, height });
        } catch (error) {
          // In WebKitGTK, on a busy machine, the stream of a canvas at times stays black.
          if (name !== 'webkit' || attempt === 3) throw error;
        }
      }
    };

    tell('In a phone’s window, `<serfiq-capture>` is in view as a whole, its hint not over the face; the picture is reviewed, and sent by a form', async () => {
      for (const [width, height] of PHONES) {
        const { window, frame, hint, oval, shutter, use, states, sent } = await takeInHand(width, height);
        const said = JSON.stringify({ width, height, window, frame, hint, oval, shutter, use });
        assert.ok(frame.top >= -1 && frame.bottom <= window.bottom + 1 && frame.right <= window.right + 1, `not in view: ${said}`);
        assert.ok(hint.bottom <= oval.top + 1 || hint.left >= oval.right || hint.right <= oval.left, `the hint is over the face: ${said}`);
        assert.ok(shutter.width >= 64 && shutter.height >= 64 && shutter.bottom <= window.bottom + 1, `the shutter: ${said}`);
        assert.ok(use.bottom <= window.bottom + 1, `the main button of the review: ${said}`);
        assert.deepEqual(states.slice(-2), ['review', 'captured']);
        assert.deepEqual([sent.name, sent.type], ['picture.jpg', 'image/jpeg']);
        assert.ok(sent.size > 5_000, `${sent.size} bytes`);
      }
      return YES;
    });

    for (const [line, cellOf] of ELEMENT_LINES) tell(line, () => cellOf(engine, site));

    tell('Several threads, in a cross-origin isolated page', async (t) => {
      const isolated = await Site.open(settings.dist, { isolated: true });
      try {
        isolated.spoil(PLAIN, plainPage(STRICT_POLICY));
        isolated.spoil(`/portraits/${names[0]}`, { body: await portrait(names[0]) });
        await engine.goto(isolated.origin + PLAIN);
        const found = await engine.evaluate(threadsOf, names[0]);
        assert.deepEqual(found.raws, scores[name][0][names[0]]);
        const modules = isolated.requests.map(({ path }) => path).filter((path) => path.endsWith('.wasm'));
        assert.deepEqual(modules, [`/serfiq/pkg/${found.threads > 1 ? 'serfiq_cpu_threads_bg' : 'serfiq_cpu_bg'}.wasm`], 'one module is fetched');
        if (name === 'chromium') assert.ok(found.threads > 1 || found.cores < 2, `${found.threads} threads on ${found.cores} cores`);
        t.diagnostic(`${found.threads} threads`);
        if (found.threads > 1) return YES;
        return found.sharesMemory ? null : 'no: it does not share memory with workers';
      } finally {
        await isolated.close();
      }
    });

    tell(`The page fits ${NARROW_PX} pixels in five languages`, async () => {
      await engine.goto(site.origin + FRAMES);
      for (const language of LANGUAGES) {
        for (const view of ['capture', 'photos', 'compare', 'how', 'privacy']) {
          const address = `/?lang=${language}&view=${view}&backend=cpu`;
          const wide = await engine.evaluate(overflowing, { address, language, width: NARROW_PX });
          assert.deepEqual(wide, [], `${language}, ${view}`);
        }
      }
      return YES;
    });

    tell('axe finds no fault in the page', async () => {
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      for (const view of ['capture', 'photos']) {
        await engine.goto(`${site.origin}/?lang=en&view=${view}&backend=cpu`);
        await engine.evaluate(hasWords, undefined);
        // The capture view has no engine before its camera starts.
        if (view === 'photos') assert.equal(await engine.evaluate(stateOfPage, undefined), 'ready');
        await engine.execute(axe);
        assert.deepEqual(await engine.evaluate(violations, undefined), [], view);
      }
      return YES;
    });

    tell('The page works without a server, once loaded', async () => {
      const own = await Site.open(settings.dist);
      const address = `${own.origin}/?lang=en&view=photos&backend=cpu`;
      try {
        await engine.goto(address);
        assert.ok(await engine.evaluate(keptOffline, undefined), 'the page is not kept');
      } finally {
        await own.close();
      }
      await engine.goto(address);
      assert.equal(await engine.evaluate(stateOfPage, undefined), 'ready');
      return YES;
    });
  });
}

test('docs/capture.md has this table', async (t) => {
  t.diagnostic(String(table));
  if (process.env.SERFIQ_BROWSER_TABLE) await writeFile(process.env.SERFIQ_BROWSER_TABLE, String(table));
  await table.check(Object.keys(engines).length);
});

// What follows runs in the page.

/** @param {{ names: string[], methods: object[] }} argument */
async function scoreAll({ names, methods }) {
  const { createEngine } = await import(/** @type {string} */ ('/serfiq/index.js'));
  const engine = await createEngine({ backend: 'cpu' });
  /** @type {Record<string, number[]>[]} */
  const all = [];
  for (const method of methods) {
    /** @type {Record<string, number[]>} */
    const raws = {};
    for (const name of names) {
      const { faces } = await engine.score(await (await fetch(`/portraits/${name}`)).blob(), method);
      raws[name] = faces.map((/** @type {{ raw: number }} */ face) => face.raw);
    }
    all.push(raws);
  }
  engine.close();
  return all;
}

async function chosenBackend() {
  const { createEngine } = await import(/** @type {string} */ ('/serfiq/index.js'));
  const engine = await createEngine();
  const { backend, fallbackCode } = engine.info;
  engine.close();
  return { backend, fallbackCode };
}

/** @param {string} name */
async function threadsOf(name) {
  const { createEngine } = await import(/** @type {string} */ ('/serfiq/index.js'));
  const engine = await createEngine({ backend: 'cpu' });
  const { faces } = await engine.score(await (await fetch(`/portraits/${name}`)).blob(), { method: 'limit' });
  const raws = faces.map((/** @type {{ raw: number }} */ face) => face.raw);
  const { threads } = engine.info;
  engine.close();
  return { raws, threads, cores: navigator.hardwareConcurrency, sharesMemory: typeof SharedArrayBuffer !== 'undefined' };
}

async function takePicture() {
  await import(/** @type {string} */ ('/serfiq/capture/index.js'));
  /** @type {string[]} */
  const states = [];
  /** @type {number[]} */
  const times = [];
  document.addEventListener('serfiq-state', (event) => states.push(/** @type {CustomEvent} */ (event).detail.state));
  document.addEventListener('serfiq-frame', (event) => times.push(/** @type {CustomEvent} */ (event).detail.milliseconds.total));
  const element = document.createElement('serfiq-capture');
  element.setAttribute('backend', 'cpu');
  element.setAttribute('auto-capture', '');
  element.setAttribute('autostart', '');
  const taken = new Promise((resolve, reject) => {
    document.addEventListener('serfiq-capture', (event) => resolve(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener('serfiq-error', (event) => reject(new Error(/** @type {CustomEvent} */ (event).detail.message)));
  });
  document.body.append(element);
  const { blob, report } = await taken;
  await new Promise((resolve) => setTimeout(resolve, 100));
  const milliseconds = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const [{ quality }] = report.faces;
  element.remove();
  return { states, type: blob.type, size: blob.size, accepted: report.accepted, quality, milliseconds };
}

/**
 * In a frame of a phone's size: starts the camera, takes a picture, reviews and uses it. Some engines have no window that small.
 * @param {{ address: string, width: number, height: number }} argument
 */
async function inTheHand({ address, width, height }) {
  const frame = Object.assign(document.createElement('iframe'), { width: String(width), height: String(height), allow: 'camera', src: address });
  frame.style.cssText = 'border: 0';
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve));
  const [inside, inner] = [/** @type {Document} */ (frame.contentDocument), /** @type {Window & typeof globalThis} */ (frame.contentWindow)];
  inner.navigator.mediaDevices.getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  inside.body.style.margin = '0';
  const script = Object.assign(inside.createElement('script'), { type: 'module', src: '/serfiq/capture/index.js' });
  inside.head.append(script);
  await inner.customElements.whenDefined('serfiq-capture');
  const [form, element] = [inside.createElement('form'), inside.createElement('serfiq-capture')];
  for (const [name, value] of Object.entries({ backend: 'cpu', review: '', name: 'selfie', threshold: '0' })) element.setAttribute(name, value);
  form.append(element);
  inside.body.append(form);
  /** @type {string[]} */
  const states = [];
  /** @type {string[]} */
  const hints = [];
  element.addEventListener('serfiq-hint', (event) => hints.push(/** @type {CustomEvent} */ (event).detail.instruction));
  element.addEventListener('serfiq-state', (event) => states.push(/** @type {CustomEvent} */ (event).detail.state));
  const root = /** @type {ShadowRoot} */ (element.shadowRoot);
  const isShown = (/** @type {Element} */ one) => one.checkVisibility({ visibilityProperty: true }) && one.getAttribute('aria-disabled') !== 'true';
  const shown = async (/** @type {string} */ selector) => {
    for (const end = Date.now() + 40_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const found = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]).find(isShown);
      if (found) return found;
    }
    throw new Error(`${selector} is not there, ${width}x${height}; states: ${states.join(', ')}; hints: ${hints.join(', ')}`);
  };
  const box = (/** @type {Element} */ one) => {
    const { left, top, right, bottom, width: across, height: down } = one.getBoundingClientRect();
    return { left, top, right, bottom, width: across, height: down };
  };
  (await shown('[data-action="start"]')).click();
  const shutter = await shown('[data-action="shutter"]');
  const [hint, oval, whole] = [await shown('.hint'), await shown('.oval'), await shown('.frame')].map(box);
  const seen = { window: { right: inner.innerWidth, bottom: inner.innerHeight }, frame: whole, hint, oval, shutter: box(shutter) };
  shutter.click();
  const use = await shown('[data-action="use"]');
  // Layout follows the buttons.
  await new Promise((resolve) => inner.requestAnimationFrame(() => inner.requestAnimationFrame(resolve)));
  const useBox = box(use);
  use.click();
  const { name, type, size } = /** @type {File} */ (new inner.FormData(form).get('selfie'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  frame.remove();
  return { ...seen, use: useBox, states, sent: { name, type, size } };
}

/**
 * Opens an address in a frame, waits for its text, and returns the elements that are wider than the frame.
 * @param {{ address: string, language: string, width: number }} argument
 */
async function overflowing({ address, language, width }) {
  const frame = document.createElement('iframe');
  frame.width = String(width);
  frame.height = '800';
  frame.src = address;
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve));
  const inside = /** @type {Document} */ (frame.contentDocument);
  const root = inside.documentElement;
  for (const end = Date.now() + 30_000; root.lang !== language || !root.dataset.state; ) {
    if (Date.now() > end) return [`the page speaks ${root.lang}, and is ${root.dataset.state}`];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await inside.fonts.ready;
  const isFitting = root.scrollWidth <= root.clientWidth;
  const all = isFitting ? [] : [...inside.querySelectorAll('body *')];
  const wide = all.filter((one) => one.getBoundingClientRect().right > width + 1).map((one) => `${one.tagName}#${one.id}`);
  frame.remove();
  return isFitting ? [] : [`${root.scrollWidth} px`, ...wide];
}

async function violations() {
  const results = await /** @type {any} */ (window).axe.run(document);
  return results.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => node.target).join(' ')}`);
}

/** Waits until the page is ready, and its service worker keeps the module that the page runs. */
async function keptOffline() {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const isReady = document.documentElement.dataset.state === 'ready';
    if (isReady && (await caches.match('/serfiq/pkg/serfiq_cpu_bg.wasm'))) return true;
  }
  return false;
}

async function hasWords() {
  const { dataset } = document.documentElement;
  for (const end = Date.now() + 60_000; dataset.words === undefined && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function stateOfPage() {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const { state } = document.documentElement.dataset;
    if (state === 'ready' || state === 'error') return state;
  }
  return 'waiting';
}

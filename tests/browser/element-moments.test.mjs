/** `<serfiq-capture>` at awkward moments: set before it is defined, stopped while starting or changing cameras, cancelled, with listeners. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PROPERTIES } from '../../www/package/capture/properties.js';
import { elementSuite } from './support/element-suite.mjs';

/** @import { ElementPage } from './support/element-page.mjs' */

/** Long enough for an unwanted camera to start. */
const A_WHILE_MS = 700;

const { open, openBody } = elementSuite();

describe('a face before the camera', () => {
  test('properties that are set before it is defined count', async () => {
    const page = await openBody('<serfiq-capture></serfiq-capture>', {
      beforehand: () => {
        // Modules run once the whole page is parsed, and after this handler.
        document.addEventListener('readystatechange', () => {
          const element = document.querySelector('serfiq-capture');
          if (document.readyState !== 'interactive' || !element) return;
          const early = {
            threshold: 99,
            autoCapture: true,
            timeLimit: 7,
            belowThreshold: true,
            autostart: true,
            cameraFacing: 'environment',
            mirrored: false,
            meter: 'none',
            review: false,
            upload: true,
            name: 'selfie',
            required: true,
            disabled: false,
            language: 'fr',
            crop: true,
            standardMeasures: true,
            explain: true,
            pictureType: 'image/png',
            backend: 'cpu',
            landmarks: false,
            method: 'limit',
            passes: 50,
            model: 'sface',
            assetBase: '/serfiq/',
            guide: { yaw: { limit: 20, margin: 3 } },
            recogniser: { onnx: '/none.onnx' },
            messages: { start: 'Go' },
          };
          Object.assign(window, { early, defined: customElements.get('serfiq-capture') !== undefined });
          Object.assign(element, early);
        });
      },
    });
    // It starts automatically, with all properties; the two in this message exclude each other.
    assert.match((await page.event('error')).message, /Both model and recogniser/);
    const { defined, early, now, own } = await page.element.evaluate((element) => {
      const { early, defined } = /** @type {any} */ (window);
      const now = Object.fromEntries(Object.keys(early).map((name) => [name, /** @type {any} */ (element)[name]]));
      return { defined, early, now, own: Object.keys(early).filter((name) => Object.hasOwn(element, name)) };
    });
    assert.equal(defined, false, 'they were set too late to tell anything');
    assert.deepEqual(Object.keys(early).sort(), PROPERTIES.map(({ property }) => property).sort());
    assert.deepEqual(now, early);
    assert.deepEqual(own, [], 'what is set later is lost');
    await page.element.evaluate((element) => Object.assign(element, { recogniser: null, model: null, threshold: 20 }) && /** @type {any} */ (element).start());
    assert.equal(await page.element.getAttribute('threshold'), '20');
    const { blob, crop } = await page.event('capture');
    assert.deepEqual([blob.type, crop.type], ['image/png', 'image/png']);
    page.assertClean();
    await page.end();
  });

  describe('capture() with a signal', () => {
    /** The browser's permission prompt stays unanswered until the test answers it. */
    const slowPermission = () => {
      const devices = navigator.mediaDevices;
      const use = devices.getUserMedia.bind(devices);
      const camera = { tracks: /** @type {MediaStreamTrack[]} */ ([]), asked: 0, allow: () => {} };
      const allowed = new Promise((resolve) => Object.assign(camera, { allow: resolve }));
      Object.assign(window, { camera });
      devices.getUserMedia = async (wanted) => {
        camera.asked += 1;
        await allowed;
        const stream = await use(wanted);
        camera.tracks.push(...stream.getTracks());
        return stream;
      };
    };
    const allow = async (/** @type {ElementPage} */ page) => {
      await page.page.evaluate(() => /** @type {any} */ (window).camera.allow());
      await page.page.waitForFunction(() => /** @type {any} */ (window).camera.tracks.length > 0);
      await page.page.waitForTimeout(A_WHILE_MS);
      return page.element.evaluate((element) => ({
        state: /** @type {any} */ (element).state,
        camera: Boolean(element.shadowRoot?.querySelector('video')?.srcObject),
        tracks: /** @type {any} */ (window).camera.tracks.map((/** @type {MediaStreamTrack} */ { readyState }) => readyState),
      }));
    };

    test('is called off at once while it starts, and gives back the camera that it had asked for', async () => {
      const page = await open('', { beforehand: slowPermission });
      const { name, state } = await page.element.evaluate(async (element) => {
        const capture = /** @type {any} */ (element);
        const signal = AbortSignal.timeout(200);
        // At once is before the page does anything else.
        const late = new Promise((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 0, { name: 'nothing' })));
        const refused = capture.capture({ signal }).catch((/** @type {Error} */ error) => error);
        const { name } = await Promise.race([refused, late]);
        return { name, state: capture.state };
      });
      assert.equal(name, 'TimeoutError');
      assert.equal(state, 'idle');
      // The answer comes too late.
      assert.deepEqual(await allow(page), { state: 'idle', camera: false, tracks: ['ended'] });
      assert.deepEqual(await page.states(), ['asking', 'idle']);
      page.assertClean();
      await page.end();
    });

    test('leaves the camera to others who asked for it', async () => {
      const page = await open('', { beforehand: slowPermission });
      const name = await page.element.evaluate(async (element) => {
        const capture = /** @type {any} */ (element);
        const late = new Promise((resolve) => setTimeout(resolve, 5000, { name: 'nothing' }));
        const refused = capture.capture({ signal: AbortSignal.timeout(200) }).catch((/** @type {Error} */ error) => error);
        Object.assign(window, { started: capture.start() });
        return (await Promise.race([refused, late])).name;
      });
      assert.equal(name, 'TimeoutError');
      assert.deepEqual(await allow(page).then(({ camera, tracks }) => ({ camera, tracks })), { camera: true, tracks: ['live'] });
      await page.page.evaluate(() => /** @type {any} */ (window).started);
      await page.inState('running');
      page.assertClean();
      await page.end();
    });

    test('that has aborted asks for no camera', async () => {
      const page = await open('', { beforehand: slowPermission });
      const name = await page.element.evaluate((element) => {
        const late = new Promise((resolve) => setTimeout(resolve, 5000, 'nothing'));
        const refused = /** @type {any} */ (element).capture({ signal: AbortSignal.abort() }).catch((/** @type {Error} */ error) => error.name);
        return Promise.race([refused, late]);
      });
      assert.equal(name, 'AbortError');
      assert.equal(await page.page.evaluate(() => /** @type {any} */ (window).camera.asked), 0);
      assert.deepEqual(await page.states(), []);
      await page.end();
    });
  });

  test('no good picture: what was wrong most of the time is said to the page and to the person', async () => {
    const page = await open('auto-capture threshold="100" time-limit="1" language="de"');
    await page.speaks('de');
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    const { code, reason, message, action } = await page.event('error');
    assert.deepEqual([code, reason], ['no-good-picture', 'hard_to_recognise']);
    assert.match(message, /most of the time: hard_to_recognise/);
    assert.match(action, /Die Zeit ist abgelaufen.*„Schwer zu erkennen/);
    assert.match((await page.part('text').textContent()) ?? '', /„Schwer zu erkennen/);
    // The next attempt has its own: none is left over.
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.hasBeen('running', 2);
    page.assertClean();
    await page.end();
  });

  test('autostart that is set in the page starts it', async () => {
    const page = await open('');
    await page.inState('idle');
    await page.element.evaluate((element) => {
      /** @type {any} */ (element).autostart = true;
    });
    await page.frames(1);
    // Setting an unchanged value does not restart it after `stop()`.
    await page.element.evaluate((element) => {
      /** @type {any} */ (element).stop();
      /** @type {any} */ (element).autostart = true;
    });
    assert.equal(await page.state(), 'idle');
    page.assertClean();
    await page.end();
  });

  for (const name of ['serfiq-ready', 'serfiq-state', 'serfiq-frame', 'serfiq-hint']) {
    test(`stop() in a listener of ${name} is the end of it`, async () => {
      const page = await open('');
      await page.element.evaluate((element, event) => {
        const capture = /** @type {any} */ (element);
        element.addEventListener(event, ({ detail }) => {
          if (event === 'serfiq-state' && detail.state !== 'running') return;
          capture.stop();
          Object.assign(window, { after: [capture.state, element.shadowRoot?.querySelector('video')?.srcObject, capture.engine] });
        });
        capture.start().catch(() => {});
      }, name);
      await page.inState('idle');
      await page.page.waitForFunction(() => 'after' in window);
      await page.page.waitForTimeout(A_WHILE_MS);
      assert.deepEqual(await page.page.evaluate(() => /** @type {any} */ (window).after), ['idle', null, null], 'not at once');
      const states = await page.states();
      assert.deepEqual(states, ['asking', 'loading', ...(name === 'serfiq-ready' ? [] : ['running']), 'idle']);
      page.assertClean();
      await page.end();
    });
  }

  test('an engine that the page closes is the end of it, too', async () => {
    const page = await open('autostart');
    await page.frames(1);
    await page.element.evaluate((element) => /** @type {any} */ (element).engine.close());
    await page.inState('idle');
    assert.equal(await page.part('video').evaluate((video) => /** @type {HTMLVideoElement} */ (video).srcObject), null);
    page.assertClean();
    await page.end();
  });
});

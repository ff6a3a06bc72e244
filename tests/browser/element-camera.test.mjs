/** `<serfiq-capture>` and its camera: kept for another picture, frozen, forbidden, and an engine that does not answer. */

import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';

import { KeptCamera } from '../../www/package/capture/kept-camera.js';
import { Pulse } from '../../www/package/capture/pulse.js';
import { countingCamera, freezingCamera, silentCamera } from './support/controlled-camera.mjs';
import { elementSuite } from './support/element-suite.mjs';

/** @import { ElementPage } from './support/element-page.mjs' */
/** @import { How } from './support/element-suite.mjs' */

const suite = elementSuite();
const { open } = suite;

/** @param {ElementPage} page @returns {Promise<{ asked: number, live: number }>} how often a camera was asked for, and how many are open */
const camera = ({ page }) =>
  page.evaluate(() => {
    const { asked, tracks } = /** @type {any} */ (window).camera;
    return { asked, live: tracks.filter((/** @type {MediaStreamTrack} */ { readyState }) => readyState === 'live').length };
  });
/** @param {ElementPage} page @param {object} values of the test's camera */
const setCamera = ({ page }, values) => page.evaluate((set) => void Object.assign(/** @type {any} */ (window).camera, set), values);
/** @param {ElementPage} page @param {'start' | 'stop'} action */
const press = ({ page }, action) => page.click(`serfiq-capture [data-action="${action}"]:visible`);

describe('a camera is kept for another picture', () => {
  test('after a picture: the retake asks for no permission', async () => {
    const page = await open('autostart auto-capture', { beforehand: countingCamera });
    await page.event('capture');
    await page.inState('captured');
    assert.deepEqual(await camera(page), { asked: 1, live: 1 });
    await press(page, 'start');
    // A black picture from a paused camera would not be taken.
    await page.event('capture', 2);
    assert.deepEqual(await camera(page), { asked: 1, live: 1 });
    page.assertClean();
    await page.end();
  });

  test('when the time is up: to go on asks for no permission, and loads no engine', async () => {
    const page = await open('autostart auto-capture threshold="100" time-limit="1"', { beforehand: countingCamera });
    assert.equal((await page.event('error')).code, 'no-good-picture');
    const [worker] = page.page.workers();
    await press(page, 'start');
    await page.hasBeen('running', 2);
    assert.deepEqual(await camera(page), { asked: 1, live: 1 });
    assert.deepEqual(page.page.workers(), [worker]);
    page.assertClean();
    await page.end();
  });

  for (const [name, leave] of /** @type {const} */ ([
    ['stopped', (/** @type {Element} */ element) => /** @type {any} */ (element).stop()],
    ['taken out of the page', (/** @type {Element} */ element) => element.remove()],
    ['disabled', (/** @type {Element} */ element) => element.toggleAttribute('disabled')],
    ['asked for the other direction', (/** @type {Element} */ element) => element.setAttribute('camera-facing', 'environment')],
    ['in a page that is hidden', () => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    }],
  ])) {
    test(`its light goes out where the element is ${name}`, async () => {
      const page = await open('autostart auto-capture', { beforehand: countingCamera });
      await page.event('capture');
      await page.element.evaluate(leave);
      await page.page.waitForFunction(() => /** @type {any} */ (window).camera.tracks.every((/** @type {any} */ { readyState }) => readyState === 'ended'));
      await page.end();
    });
  }

  test('one that was unplugged meanwhile is opened again', async () => {
    const page = await open('autostart auto-capture', { beforehand: countingCamera });
    await page.event('capture');
    await page.page.evaluate(() => /** @type {any} */ (window).camera.tracks[0].stop());
    await press(page, 'start');
    await page.event('capture', 2);
    assert.deepEqual(await camera(page), { asked: 2, live: 1 });
    await page.end();
  });

  test('but not for long', (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.after(() => mock.timers.reset());
    const track = { enabled: true, readyState: 'live', getSettings: () => ({ deviceId: 'one' }), stop: () => (track.readyState = 'ended') };
    const stream = /** @type {any} */ ({ getTracks: () => [track], getVideoTracks: () => [track] });
    let unused = 0;
    const kept = new KeptCamera(() => (unused += 1));
    kept.keep(stream);
    assert.equal(track.enabled, false, 'it goes on filming');
    assert.equal(kept.take('one'), stream);
    mock.timers.tick(60_000);
    assert.deepEqual([track.enabled, track.readyState, unused], [true, 'live', 0], 'taken back, and then closed');
    kept.keep(stream);
    assert.equal(kept.take('two'), null);
    assert.equal(track.readyState, 'ended', 'another camera is wanted, and this one is still open');
    track.readyState = 'live';
    kept.keep(stream);
    mock.timers.tick(60_000);
    assert.equal(unused, 1);
  });
});

describe('a camera that gives no pictures', () => {
  /** @param {ElementPage} page */
  const shown = async (page) => ({
    hint: await page.part('hint').isVisible(),
    score: /\d/.test((await page.part('meter').textContent()) ?? ''),
    title: await page.part('title').textContent(),
  });

  test('any more: it is said, hint and score go; it goes on by itself', async () => {
    const page = await open('autostart', { beforehand: freezingCamera });
    await page.page.waitForFunction(() => /** @type {any} */ (window).lastFrame?.faces[0]?.quality > 0);
    await setCamera(page, { frozen: true });
    await page.inState('frozen');
    assert.deepEqual(await shown(page), { hint: false, score: false, title: 'The camera gives no picture' });
    assert.ok(await page.page.isVisible('serfiq-capture [data-action="stop"]'), 'no way out');
    await setCamera(page, { frozen: false });
    await page.inState('running');
    const frames = await page.page.evaluate(() => /** @type {any} */ (window).frames_);
    await page.frames(frames + 2);
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'frozen', 'running']);
    page.assertClean();
    await page.end();
  });

  test('and says that it is muted', async () => {
    const page = await open('autostart', { beforehand: freezingCamera });
    await page.frames(1);
    await setCamera(page, { muted: true });
    await page.inState('frozen');
    await setCamera(page, { muted: false });
    await page.inState('running');
    await page.end();
  });

  test('at all: its permission is not asked for for ever, and it goes on with the first one', async () => {
    // Not with autostart: Chromium does not finish loading a page while its video waits for the first picture.
    const page = await open('', { beforehand: silentCamera });
    await press(page, 'start');
    await page.inState('frozen');
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'frozen']);
    await page.page.evaluate(() => /** @type {any} */ (window).camera.begin());
    await page.frames(2);
    assert.equal(await page.state(), 'running');
    page.assertClean();
    await page.end();
  });

  test('until the time is up: the limit goes by the clock', async () => {
    /** With the first score the limit begins; 4 seconds without a picture from then on, and the camera counts as frozen. */
    const freezeAtFirstScore = () => {
      const freeze = (/** @type {Event} */ event) => {
        if (typeof (/** @type {CustomEvent} */ (event).detail.faces[0]?.raw) !== 'number') return;
        document.removeEventListener('serfiq-frame', freeze);
        /** @type {any} */ (window).camera.frozen = true;
      };
      document.addEventListener('serfiq-frame', freeze);
    };
    const page = await open('autostart auto-capture threshold="100" time-limit="8"', { beforehand: `(${freezingCamera})(); (${freezeAtFirstScore})();` });
    const { code, action } = await page.event('error');
    assert.equal(code, 'camera-frozen');
    assert.match(action, /gives no picture.*try again/);
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'frozen', 'error']);
    assert.deepEqual(await camera(page), { asked: 1, live: 0 });
    await setCamera(page, { frozen: false });
    await press(page, 'start');
    await page.inState('running');
    page.assertClean();
    await page.end();
  });

  test('while the page is hidden is not accused', async () => {
    const page = await open('autostart', { beforehand: freezingCamera });
    await page.frames(1);
    await page.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await setCamera(page, { frozen: true });
    await page.page.waitForTimeout(5500);
    await setCamera(page, { frozen: false });
    await page.page.evaluate(() => {
      Reflect.deleteProperty(document, 'visibilityState');
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.inState('running');
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'hidden', 'running']);
    await page.end();
  });
});

describe('an engine that does not answer', () => {
  /** The worker gets no frames while `window.deaf` is true. */
  const deafWorker = () => {
    const { postMessage } = Worker.prototype;
    Object.assign(window, { deaf: false });
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      if (/** @type {any} */ (window).deaf && message.kind === 'frame') return;
      postMessage.call(this, message, transfer);
    };
  };
  /** Makes the element check camera and engine twenty times as often. */
  const impatient = () => {
    const { setInterval } = window;
    Object.assign(window, { setInterval: (/** @type {() => void} */ tick, /** @type {number} */ ms) => setInterval(tick, ms / 20) });
  };

  test('hint and score go, and a notice asks for patience', async () => {
    const page = await open('autostart', { beforehand: deafWorker });
    await page.page.waitForFunction(() => /** @type {any} */ (window).lastFrame?.faces[0]?.quality > 0);
    await page.page.evaluate(() => Object.assign(window, { deaf: true }));
    await page.page.waitForSelector('serfiq-capture .notice:visible');
    assert.match((await page.page.textContent('serfiq-capture .notice')) ?? '', /still computing/);
    assert.ok(await page.part('hint').isHidden());
    assert.doesNotMatch((await page.part('meter').textContent()) ?? '', /\d/);
    assert.equal(await page.state(), 'running');
    page.assertClean();
    await page.end();
  });

  test('any more ends with an error, and the next start gets another engine', async () => {
    const page = await open('autostart', { beforehand: `(${deafWorker})(); (${impatient})();` });
    await page.frames(1);
    const [dead] = page.page.workers();
    await page.page.evaluate(() => Object.assign(window, { deaf: true }));
    const { code, message } = await page.event('error');
    assert.deepEqual([code, message], ['engine-died', 'The engine has not answered for a minute.']);
    await page.page.evaluate(() => Object.assign(window, { deaf: false }));
    await press(page, 'start');
    const frames = await page.page.evaluate(() => /** @type {any} */ (window).frames_);
    await page.frames(frames + 1);
    assert.notEqual(page.page.workers().at(-1), dead);
    await page.end();
  });

  test('is told from a camera that freezes, and from an engine that is being replaced', (t) => {
    mock.timers.enable({ apis: ['setInterval'] });
    t.after(() => mock.timers.reset());
    /** @type {string[]} */
    const said = [];
    const pulse = new Pulse({
      onCameraQuiet: () => said.push('camera quiet'),
      onCameraBack: () => said.push('camera back'),
      onEngineQuiet: () => said.push('engine quiet'),
      onEngineDead: () => said.push('engine dead'),
    });
    let beat = () => {};
    const video = /** @type {any} */ ({ requestVideoFrameCallback: (/** @type {() => void} */ callback) => (beat = callback) });
    const track = /** @type {any} */ ({ muted: false });
    const pass = (/** @type {number} */ seconds, /** @type {boolean} */ pictures) => {
      for (let i = 0; i < seconds * 10; i++) {
        if (pictures) beat();
        mock.timers.tick(100);
      }
    };
    pulse.start(video, track);
    pass(30, false);
    assert.deepEqual(said.splice(0), ['camera quiet'], 'the engine has nothing to answer');
    pass(4, true);
    assert.deepEqual(said.splice(0), ['camera back']);
    pulse.answered();
    pass(4, true);
    assert.deepEqual(said.splice(0), []);
    pass(2, true);
    assert.deepEqual(said.splice(0), ['engine quiet']);
    pulse.excuse(true);
    pass(200, true);
    pulse.excuse(false);
    assert.deepEqual(said.splice(0), []);
    pass(61, true);
    assert.deepEqual(said.splice(0), ['engine quiet', 'engine dead']);
    pulse.stop();
    pass(30, false);
    assert.deepEqual(said, []);
  });
});

describe('a page that may not use the camera', () => {
  /**
   * Opens a page with the element in a frame of another origin.
   * @param {string} allow attribute of the frame
   * @param {How} [how]
   */
  const framed = async (allow, how) => {
    const page = await open('autostart', how);
    const { port } = new URL(suite.site.origin);
    await page.context.route('**/outer.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Outer</title><iframe src="http://localhost:${port}/element.html" ${allow}></iframe>` }),
    );
    await page.page.goto(`${suite.site.origin}/outer.html`);
    const frame = page.page.frames()[1];
    await frame.waitForFunction(() => ['running', 'error'].includes(/** @type {any} */ (document.querySelector('serfiq-capture'))?.state));
    const seen = await frame.evaluate(() => ({
      code: /** @type {any} */ (window).told.find((/** @type {any} */ { name }) => name === 'error')?.detail.code,
      message: /** @type {any} */ (window).told.find((/** @type {any} */ { name }) => name === 'error')?.detail.message,
      title: document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('[part~="title"]')?.textContent,
      text: document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('[part~="text"]')?.textContent,
    }));
    await page.end();
    return seen;
  };

  test('in a frame without allow="camera": the person is not sent to the address bar', async () => {
    const { code, message, title, text } = await framed('');
    assert.equal(code, 'camera-not-allowed-here');
    assert.match(message, /<iframe allow="camera">/);
    assert.equal(title, 'The camera is not available here');
    assert.doesNotMatch(text ?? '', /address bar/);
    assert.match(text ?? '', /tab of its own/);
  });

  test('in a frame with it, it runs', async () => {
    assert.equal((await framed('allow="camera"')).code, undefined);
  });

  /**
   * As in Firefox and WebKit, which do not expose their policy. By the page's clock, an answer takes as long as the test says: on a busy
   * machine even a browser's own refusal comes late.
   */
  const untold = (/** @type {number} */ milliseconds) => {
    Object.defineProperty(document, 'featurePolicy', { value: undefined });
    const devices = navigator.mediaDevices;
    if (!devices) return;
    const use = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
      const asked = performance.now();
      try {
        return await use(wanted);
      } finally {
        performance.now = () => asked + milliseconds;
        setTimeout(() => Reflect.deleteProperty(performance, 'now'));
      }
    };
  };
  const [inHaste, atLeisure] = [0, 1000].map((milliseconds) => ({ beforehand: `(${untold})(${milliseconds})` }));

  test('in a browser that does not tell its policy, the haste of the refusal tells', async () => {
    assert.equal((await framed('', inHaste)).code, 'camera-not-allowed-here');
    assert.equal((await framed('', atLeisure)).code, 'camera-denied', 'a person has refused');
    assert.equal((await framed('allow="camera"', inHaste)).code, undefined);
    // In a top-level page, only the user can refuse.
    const page = await open('autostart', { ...inHaste, cameraAllowed: false });
    assert.equal((await page.event('error')).code, 'camera-denied');
    await page.end();
  });

  test('by its own header', async () => {
    const page = await open('autostart', { headers: { 'Permissions-Policy': 'camera=()' } });
    assert.equal((await page.event('error')).code, 'camera-not-allowed-here');
    await page.end();
  });
});

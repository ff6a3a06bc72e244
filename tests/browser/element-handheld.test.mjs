/** `<serfiq-capture>` on a phone in the hand: the screen stays on, vibrations, the screen as a light, upright cameras. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, mock, test } from 'node:test';
import { chromium } from 'playwright-core';

import { vibrationOf } from '../../www/package/capture/haptics.js';
import { INITIAL } from '../../www/package/capture/machine.js';
import { ScreenLight } from '../../www/package/capture/screen-light.js';
import { launch } from './support/browser.mjs';
import { chromiumFlags } from './support/chromium.mjs';
import { freezingCamera } from './support/controlled-camera.mjs';
import { ElementPage } from './support/element-page.mjs';
import { elementSuite } from './support/element-suite.mjs';
import { settings } from './support/settings.mjs';
import { assertUsable } from './support/usable.mjs';

/** @import { MachineState } from '../../www/package/capture/machine.js' */

const suite = elementSuite();
const { open } = suite;

/** @param {ElementPage} page @param {'start' | 'stop' | 'shutter'} action */
const press = ({ page }, action) => page.click(`serfiq-capture [data-action="${action}"]:visible`);
/** @param {ElementPage} page @param {object} values of the test's camera */
const setCamera = ({ page }, values) => page.evaluate((set) => void Object.assign(/** @type {any} */ (window).camera, set), values);
/** @param {ElementPage} page @param {boolean} hidden */
const hide = ({ page }, hidden) =>
  page.evaluate((now) => {
    if (now) Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    else Reflect.deleteProperty(document, 'visibilityState');
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

describe('the screen stays on', () => {
  /** Records the locks: `locks.asked` counts requests, `locks.held` those not released. */
  const lockable = () => {
    const locks = { asked: 0, held: 0, refuse: false };
    const request = async () => {
      locks.asked += 1;
      if (locks.refuse) throw new DOMException('The battery is low.', 'NotAllowedError');
      locks.held += 1;
      const lock = { released: false, release: async () => void (lock.released ||= (locks.held--, true)) };
      return lock;
    };
    Object.assign(window, { locks });
    Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: { request } });
  };
  const locks = (/** @type {ElementPage} */ { page }) => page.evaluate(() => ({ .../** @type {any} */ (window).locks }));

  test('while the camera runs and is seen, and no longer', async () => {
    const page = await open('', { beforehand: lockable });
    assert.deepEqual(await locks(page), { asked: 0, held: 0, refuse: false });
    await press(page, 'start');
    await page.frames(2);
    assert.deepEqual(await locks(page), { asked: 1, held: 1, refuse: false });
    await hide(page, true);
    assert.equal((await locks(page)).held, 0, 'the page is hidden');
    await hide(page, false);
    await page.inState('running');
    assert.equal((await locks(page)).held, 1, 'the page is visible again');
    await press(page, 'stop');
    assert.equal((await locks(page)).held, 0, 'stopped');
    page.assertClean();
    await page.end();
  });

  for (const [end, attributes, leave] of /** @type {const} */ ([
    ['a picture', 'auto-capture', () => {}],
    ['an error', 'auto-capture threshold="100" time-limit="1"', () => {}],
    ['its removal from the page', '', (/** @type {Element} */ element) => element.remove()],
    ['its being disabled', '', (/** @type {Element} */ element) => element.toggleAttribute('disabled')],
  ])) {
    test(`until ${end}`, async () => {
      const page = await open(`autostart ${attributes}`, { beforehand: lockable });
      await page.hasBeen('running');
      await page.element.evaluate(leave);
      await page.page.waitForFunction(() => /** @type {any} */ (window).locks.asked > 0 && /** @type {any} */ (window).locks.held === 0);
      page.assertClean();
      await page.end();
    });
  }

  for (const [name, without] of /** @type {const} */ ([
    ['refuses', `(${lockable})(); locks.refuse = true;`],
    ['does not exist', () => void Object.defineProperty(navigator, 'wakeLock', { value: undefined })],
  ])) {
    test(`or not, where a lock ${name}: the camera runs all the same`, async () => {
      const page = await open('autostart', { beforehand: without });
      await page.frames(2);
      page.assertClean();
      await page.end();
    });
  }
});

describe('vibrations', () => {
  const shaking = () => {
    const shaken = /** @type {number[]} */ ([]);
    Object.assign(window, { shaken });
    navigator.vibrate = (pattern) => (shaken.push(Number(pattern)), true);
  };
  const shaken = (/** @type {ElementPage} */ { page }) => page.evaluate(() => /** @type {any} */ (window).shaken);

  test('a light one when to hold still, a clear one when the picture is taken', async () => {
    const page = await open('auto-capture', { beforehand: shaking });
    await press(page, 'start');
    await page.inState('captured');
    const told = await shaken(page);
    assert.ok(told.length >= 2, told.join());
    assert.ok(told.slice(0, -1).every((/** @type {number} */ ms) => ms > 0 && ms < told.at(-1)), told.join());
    assert.ok(told.at(-1) <= 50, 'a buzz');
    page.assertClean();
    await page.end();
  });

  for (const [name, start, how] of /** @type {const} */ ([
    ['where motion is to be reduced', '', { reducedMotion: 'reduce', beforehand: shaking }],
    [
      'before the person has touched the page, which browsers do not allow',
      'autostart',
      // Whatever the test asks the page counts as a touch.
      { beforehand: `(${shaking})(); Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } });` },
    ],
  ])) {
    test(`none ${name}`, async () => {
      const page = await open(`auto-capture ${start}`, how);
      if (!start) await press(page, 'start');
      await page.inState('captured');
      assert.deepEqual(await shaken(page), []);
      page.assertClean();
      await page.end();
    });
  }

  test('are no error where there are none', async () => {
    const page = await open('auto-capture', { beforehand: () => void Object.assign(navigator, { vibrate: undefined }) });
    await press(page, 'start');
    await page.inState('captured');
    page.assertClean();
    await page.end();
  });

  test('say what has just happened, once', () => {
    /** @param {Partial<MachineState>} own @returns {MachineState} */
    const state = (own) => ({ ...INITIAL, name: 'running', session: 1, ...own });
    const picture = /** @type {any} */ ({});
    const still = state({ instruction: 'hold_still' });
    const captured = state({ name: 'captured', session: 0, picture });
    assert.ok(vibrationOf(state({ instruction: 'too_far' }), still) > 0);
    assert.equal(vibrationOf(still, state({ instruction: 'hold_still', passes: true })), 0);
    assert.equal(vibrationOf(still, state({ instruction: 'too_far' })), 0);
    assert.ok(vibrationOf(still, captured) > vibrationOf(state({}), still));
    assert.equal(vibrationOf(captured, state({ name: 'captured', session: 0, picture, cameras: [] })), 0);
    for (const end of /** @type {const} */ (['idle', 'error'])) assert.equal(vibrationOf(still, state({ name: end, session: 0 })), 0, end);
    assert.equal(vibrationOf(state({ name: 'judging' }), captured), 0, 'a file');
  });
});

describe('the screen is the light', () => {
  const isLit = (/** @type {ElementPage} */ { element }) => element.evaluate((one) => one.matches(':state(light)'));
  /** Colours of the bar and of what is around the oval, and the element's size. @param {ElementPage} page */
  const look = ({ element }) =>
    element.evaluate((one) => {
      const root = /** @type {ShadowRoot} */ (one.shadowRoot);
      const style = (/** @type {string} */ selector) => getComputedStyle(/** @type {Element} */ (root.querySelector(selector)));
      const boxes = [...root.querySelectorAll('.frame, .stage, .bar, video, button')].map((box) => box.getBoundingClientRect().toJSON());
      return { ground: style('.frame').backgroundColor, scrim: style('.scrim').fill, text: style('.frame').color, boxes };
    });
  /** Waits until the frame has its colour, and whatever changes with it (the scrim may be a frame later) has ended. @param {ElementPage} page @param {string} ground */
  const faded = ({ page }, ground) =>
    page.waitForFunction((wanted) => {
      const root = document.querySelector('serfiq-capture')?.shadowRoot;
      const fading = [...(root?.querySelectorAll('.frame, .stage, .scrim') ?? [])].flatMap((part) => part.getAnimations());
      return fading.length === 0 && getComputedStyle(/** @type {Element} */ (root?.querySelector('.frame'))).backgroundColor === wanted;
    }, ground);

  test('when it is too dark, and no longer than the camera runs; nothing moves', async () => {
    const page = await open('', { beforehand: freezingCamera, colorScheme: 'dark', css: 'serfiq-capture { --serfiq-ground: #222; --serfiq-text: #eee; }' });
    await press(page, 'start');
    await page.frames(2);
    const before = await look(page);
    assert.equal(before.ground, 'rgb(34, 34, 34)');
    await setCamera(page, { filter: 'brightness(0.12)' });
    await page.page.waitForFunction(() => document.querySelector('serfiq-capture')?.matches(':state(light)'));
    await faded(page, 'rgb(255, 255, 255)');
    const lit = await look(page);
    assert.equal(lit.scrim, 'rgba(255, 255, 255, 0.94)');
    assert.equal(lit.text, 'rgb(22, 24, 29)');
    assert.deepEqual(lit.boxes, before.boxes, 'the light moves something');
    await assertUsable(page);
    // Bright enough with the light: without it, it would be dark again.
    const frames = await page.page.evaluate(() => /** @type {any} */ (window).frames_);
    await setCamera(page, { filter: 'none' });
    await page.frames(frames + 20);
    assert.equal(await isLit(page), true, 'the light has gone out');
    await press(page, 'stop');
    assert.equal(await isLit(page), false, 'stopped, and lit');
    await faded(page, 'rgb(34, 34, 34)');
    page.assertClean();
    await page.end();
  });

  test('slowly, also where motion is to be reduced: a change at once would be a flash', async () => {
    const page = await open('autostart', { beforehand: freezingCamera, colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.frames(1);
    const seconds = await page.element.evaluate((one) => {
      const frame = /** @type {Element} */ (one.shadowRoot?.querySelector('.frame'));
      frame.classList.add('light');
      return ['.frame', '.scrim'].map((selector) => parseFloat(getComputedStyle(/** @type {Element} */ (one.shadowRoot?.querySelector(selector))).transitionDuration));
    });
    assert.deepEqual(seconds, [1.5, 1.5]);
    await page.end();
  });

  test('not with a camera that looks away from the user', async () => {
    const page = await open('autostart camera-facing="environment"', { beforehand: freezingCamera });
    await page.frames(1);
    await setCamera(page, { filter: 'brightness(0.12)' });
    await page.page.waitForFunction(() => /** @type {any} */ (window).lastFrame?.instruction === 'too_dark');
    await page.page.waitForTimeout(2500);
    assert.equal(await isLit(page), false);
    await page.end();
  });

  test('after a second without interruption, once, until it is too bright or over', (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.after(() => mock.timers.reset());
    /** @type {boolean[]} */
    const told = [];
    const light = new ScreenLight((lit) => told.push(lit));
    const see = (/** @type {MachineState['instruction']} */ instruction, name = 'running', facesUser = true) =>
      light.follow({ ...INITIAL, name: /** @type {any} */ (name), instruction }, facesUser);
    const pass = (/** @type {number} */ ms) => mock.timers.tick(ms);
    see('too_dark');
    pass(900);
    see('no_face');
    pass(2000);
    see('too_dark');
    pass(900);
    assert.deepEqual(told, [], 'interrupted');
    see('too_dark');
    pass(200);
    assert.deepEqual(told.splice(0), [true]);
    for (const instruction of /** @type {const} */ (['too_dark', 'hold_still', 'backlit', null, 'too_dark'])) {
      see(instruction);
      pass(5000);
    }
    see(null, 'frozen');
    see(null, 'hidden');
    assert.deepEqual(told, [], 'it blinks');
    see('too_bright');
    assert.deepEqual(told.splice(0), [false]);
    see('too_dark');
    pass(5000);
    assert.deepEqual(told, [], 'on again, to become too bright again');
    see(null, 'captured');
    see('too_dark');
    pass(5000);
    assert.deepEqual(told.splice(0), [true], 'the next start');
    for (const end of ['idle', 'error', 'captured', 'asking']) {
      see(null, end);
      assert.deepEqual(told.splice(0), [false], end);
      see('too_dark');
      see(null, end);
      pass(5000);
      assert.deepEqual(told.splice(0), [], `lit after ${end}`);
      see('too_dark');
      pass(5000);
      assert.deepEqual(told.splice(0), [true]);
    }
    see('too_dark', 'running', false);
    assert.deepEqual(told.splice(0), [false], 'turned away');
  });
});

test('an upright camera gives its whole picture', async (t) => {
  const [width, height, frames] = [720, 1280, 4];
  const folder = await mkdtemp(join(tmpdir(), 'serfiq-camera-'));
  t.after(() => rm(folder, { recursive: true }));
  const video = join(folder, 'upright.y4m');
  const picture = [Buffer.from('FRAME\n'), Buffer.alloc(width * height, 120), Buffer.alloc((width * height) / 4, 110), Buffer.alloc((width * height) / 4, 150)];
  await writeFile(video, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F20:1 Ip A1:1 C420jpeg\n`), ...Array(frames).fill(picture).flat()]));
  const upright = await chromium.launch({
    executablePath: settings.chrome,
    args: [...chromiumFlags('none'), '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${video}`],
  });
  t.after(() => upright.close());
  const page = await ElementPage.open(upright, suite.site, '<serfiq-capture backend="cpu" autostart></serfiq-capture>');
  await page.frames(1);
  const { report, seen } = await page.element.evaluate((element) => {
    const { videoWidth, videoHeight } = /** @type {HTMLVideoElement} */ (element.shadowRoot?.querySelector('video'));
    const { width, height } = /** @type {any} */ (window).lastFrame;
    return { report: [width, height], seen: [videoWidth, videoHeight] };
  });
  assert.deepEqual(seen, [width, height]);
  assert.equal(report[0] / report[1], width / height, 'not all of it is judged');
  page.assertClean();
  await page.end();
});

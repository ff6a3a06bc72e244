/** `<serfiq-capture>` with several cameras: their names, the list to choose from, and those without colour. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isColourlessByName, namesOf } from '../../www/package/capture/camera-names.js';
import { seenIn } from '../../www/package/capture/colour.js';
import { speak } from '../../www/package/capture/language.js';
import { drawnCameras } from './support/drawn-cameras.mjs';
import { elementSuite } from './support/element-suite.mjs';
import { assertUsable } from './support/usable.mjs';

/** @import { DrawnCamera } from './support/drawn-cameras.mjs' */
/** @import { ElementPage } from './support/element-page.mjs' */
/** @import { How } from './support/element-suite.mjs' */

const suite = elementSuite();

/** @param {string} attributes @param {DrawnCamera[]} cameras @param {How} [how] */
const open = (attributes, cameras, how) =>
  suite.open(attributes, { beforehand: `(${drawnCameras})(${JSON.stringify(cameras)})`, ...how });
/** @param {string} deviceId @param {Partial<DrawnCamera>} [own] @returns {DrawnCamera} */
const camera = (deviceId, own) => ({ deviceId, label: deviceId, picture: 'colour', ...own });
/** @param {ElementPage} page @returns {Promise<{ asked: string[], opened: string[], live: string[] }>} */
const cameras = ({ page }) => page.evaluate(() => /** @type {any} */ (window).cameras);
/** What the list shows. @param {ElementPage} page */
const listed = (page) =>
  page.part('camera-picker').evaluate((list) => {
    const { options, value, hidden, ariaLabel } = /** @type {HTMLSelectElement} */ (list);
    return { names: [...options].map((option) => option.text), value, hidden, label: ariaLabel };
  });
/** @param {ElementPage} page @param {string} deviceId */
const choose = (page, deviceId) => page.part('camera-picker').selectOption(deviceId);

/** The instruction `too_colourless`. */
const NO_COLOUR = 'serfiq-capture :visible:text("This camera gives no colour")';

describe('names', () => {
  /** @param {string[]} labels @param {string} [tag] */
  const names = async (labels, tag = 'en') => namesOf(labels.map((label) => ({ deviceId: label, label })), await speak([tag], null));

  test('without the numbers of the USB port, and what Linux cuts off', async () => {
    assert.deepEqual(await names(['HD Webcam (046d:0825)', 'Integrated Camera: Integrated C (13d3:56FF)', 'FaceTime HD Camera (Built-in)', 'UVC: Studio']), [
      'HD Webcam', 'Integrated Camera', 'FaceTime HD Camera (Built-in)', 'UVC: Studio',
    ]);
  });

  test('numbered where they are equal, or empty', async () => {
    assert.deepEqual(await names(['C920 (046d:082d)', 'Other', 'C920 (046d:082e)', '', '']), ['C920 1', 'Other', 'C920 2', 'Camera 1', 'Camera 2']);
    assert.deepEqual(await names(['']), ['Camera']);
  });

  test('of phones, in every language', async () => {
    const phone = ['camera2 1, facing front', 'camera2 0, facing back', 'camera2 2, facing back', 'Camera 1, Facing front, Orientation 270', 'Back Ultra Wide Camera', 'Front Camera'];
    assert.deepEqual(await names(phone), ['Front camera 1', 'Back camera 1', 'Back camera 2', 'Front camera 2', 'Back Ultra Wide Camera', 'Front camera 3']);
    const said = new Set();
    for (const tag of ['en', 'de', 'fr', 'es', 'ar']) {
      const [front, back] = await names(['camera2 1, facing front', 'camera2 0, facing back'], tag);
      assert.doesNotMatch(front + back, /facing|camera2/);
      said.add(front).add(back);
    }
    assert.equal(said.size, 10);
  });

  test('of cameras without colour', () => {
    for (const name of [
      'IR Camera', 'Integrated IR Camera (04f2:b6d9)', 'USB2.0 IR UVC', 'HP_IR_Camera', 'IRCamera', 'Surface Infrared', 'Infrarot-Kamera', 'Caméra infrarouge',
      'Windows Hello Face Software Device', 'Intel(R) RealSense(TM) Depth Camera 415  Depth', 'Mono camera',
    ]) {
      assert.ok(isColourlessByName(name), name);
    }
    for (const name of [
      '', 'FaceTime HD Camera', 'Iris', 'AIR Cam', 'Virtual Camera', 'OBS Virtual Camera', 'Mirror', 'First camera', 'IRIScan Desk', 'Intel(R) RealSense(TM) Depth Camera 415  RGB',
      'Hello Kitty Webcam', 'Monomer', 'camera2 1, facing front', 'IR and colour camera',
    ]) {
      assert.ok(!isColourlessByName(name), name);
    }
  });
});

describe('the list', () => {
  test('shows the cameras by name, where there are several; the one chosen is used, and kept for the next start', async () => {
    const page = await open('', [camera('one', { label: 'camera2 1, facing front' }), camera('two', { label: 'HD Webcam (046d:0825)' })]);
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.inState('running');
    await page.page.waitForSelector('serfiq-capture select:visible');
    assert.deepEqual(await listed(page), { names: ['Front camera', 'HD Webcam'], value: 'one', hidden: false, label: 'Camera' });
    await assertUsable(page);
    await choose(page, 'two');
    await page.page.waitForFunction(() => /** @type {any} */ (window).cameras.opened.length === 2);
    await page.inState('running');
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'asking', 'loading', 'running']);
    assert.equal((await listed(page)).value, 'two');
    await page.page.click('serfiq-capture [data-action="stop"]:visible');
    assert.ok(await page.part('camera-picker').isHidden());
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.inState('running');
    const { asked, live } = await cameras(page);
    assert.deepEqual([asked, live], [['', 'two', 'two'], ['two']]);
    page.assertClean();
    await page.end();
  });

  test('is not there for one camera, and comes with a second one', async () => {
    const page = await open('autostart', [camera('one')]);
    await page.frames(1);
    assert.ok(await page.part('camera-picker').isHidden());
    await page.page.evaluate(() => {
      /** @type {any} */ (window).cameras.plugged.push({ deviceId: 'two', label: 'Two', picture: 'colour' });
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await page.page.waitForSelector('serfiq-capture select:visible');
    assert.deepEqual((await listed(page)).names, ['one', 'Two']);
    await page.end();
  });

  test('speaks the language of the person, from right to left too', async () => {
    const page = await open('autostart', [camera('one', { label: 'Front Camera' }), camera('two', { label: '' })], { lang: 'ar', viewport: { width: 320, height: 568 } });
    await page.speaks('ar');
    await page.page.waitForSelector('serfiq-capture select:visible');
    assert.deepEqual((await listed(page)).names, ['الكاميرا الأمامية', 'الكاميرا']);
    await page.page.evaluate(() => document.documentElement.setAttribute('lang', 'de'));
    await page.page.waitForFunction(() => document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('option')?.text === 'Frontkamera');
    await assertUsable(page);
    await page.end();
  });

  test('works by keyboard, and gets the focus back with the new camera', async () => {
    const page = await open('autostart', [camera('one'), camera('two')]);
    await page.page.waitForSelector('serfiq-capture select:visible');
    await page.part('camera-picker').focus();
    await page.page.keyboard.press('ArrowDown');
    await page.page.keyboard.press('Enter');
    await page.page.waitForFunction(() => /** @type {any} */ (window).cameras.opened.length === 2);
    await page.page.waitForFunction(() => document.querySelector('serfiq-capture')?.shadowRoot?.activeElement?.tagName === 'SELECT');
    assert.equal(await page.state(), 'running');
    await page.end();
  });

  for (const [how, leave] of /** @type {const} */ ([
    ['stopped', (/** @type {Element} */ element) => /** @type {any} */ (element).stop()],
    ['taken out of the page', (/** @type {Element} */ element) => element.remove()],
  ])) {
    test(`no camera stays on where the element is ${how} just after a choice`, async () => {
      const page = await open('autostart', [camera('one'), camera('two')]);
      await page.page.waitForSelector('serfiq-capture select:visible');
      const element = /** @type {import('playwright-core').ElementHandle<Element>} */ (await page.element.elementHandle());
      await choose(page, 'two');
      await element.evaluate(leave);
      // The browser opens it all the same.
      await page.page.waitForFunction(() => /** @type {any} */ (window).cameras.opened.length === 2);
      await page.page.waitForTimeout(1000);
      assert.deepEqual((await cameras(page)).live, []);
      assert.equal(await element.evaluate((one) => /** @type {any} */ (one).state), 'idle');
      page.assertClean();
      await page.end();
    });
  }

  test('a choice that another program uses is no dead end: the next attempt takes any camera', async () => {
    const page = await open('autostart', [camera('one'), camera('two', { busy: true })]);
    await page.page.waitForSelector('serfiq-capture select:visible');
    await choose(page, 'two');
    assert.equal((await page.event('error')).code, 'camera-busy');
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.inState('running');
    assert.deepEqual((await cameras(page)).opened, ['one', 'one']);
    page.assertClean();
    await page.end();
  });
});

describe('a camera without colour', () => {
  const infrared = camera('ir', { label: 'Integrated IR Camera (04f2:b6d9)', picture: 'grey' });
  const unnamed = camera('grey', { picture: 'grey' });

  for (const [how, first] of /** @type {const} */ ([['by its name', infrared], ['by its pictures', unnamed]])) {
    test(`is passed over, ${how}: one start, and one set of states`, async () => {
      const page = await open('', [first, camera('good')]);
      const started = await page.element.evaluate((element) => /** @type {any} */ (element).start().then(() => 'started', (/** @type {Error} */ error) => error.message));
      assert.equal(started, 'started');
      await page.frames(2);
      const { opened, live } = await cameras(page);
      assert.deepEqual([opened, live], [[first.deviceId, 'good'], ['good']]);
      assert.deepEqual(await page.states(), ['asking', 'loading', 'running']);
      assert.equal((await listed(page)).value, 'good');
      page.assertClean();
      await page.end();
    });
  }

  test('is passed over while a program waits for its picture', async () => {
    const page = await open('', [unnamed, camera('good')]);
    const type = await page.element.evaluate((element) => /** @type {any} */ (element).capture().then((/** @type {any} */ { blob }) => blob.type));
    assert.equal(type, 'image/jpeg');
    assert.deepEqual((await cameras(page)).live, ['good']);
    await page.end();
  });

  test('is used where it is the only one, or all are like it, and the guide asks for another one; each is tried once', async () => {
    for (const all of [[unnamed], [infrared], [unnamed, camera('grey 2', { picture: 'grey' }), infrared, camera('busy', { busy: true })]]) {
      const page = await open('autostart', all);
      await page.page.waitForSelector(NO_COLOUR);
      assert.equal(await page.state(), 'running');
      const { asked, live } = await cameras(page);
      assert.equal(new Set(asked).size, asked.length, `twice: ${asked}`);
      assert.equal(live.length, 1);
      page.assertClean();
      await page.end();
    }
  });

  test('is not replaced any more once the element is stopped', async () => {
    const page = await open('', [infrared, camera('busy', { busy: true, delay: 800 }), camera('good')]);
    await page.element.evaluate((element) => {
      const { asked } = /** @type {any} */ (window).cameras;
      // Stopped while the browser tries this camera, however slow the test is.
      asked.push = (/** @type {string} */ id) => {
        if (id === 'busy') queueMicrotask(() => /** @type {any} */ (element).stop());
        return Array.prototype.push.call(asked, id);
      };
    });
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.hasBeen('idle');
    await page.page.waitForTimeout(1500);
    const { asked, live } = await cameras(page);
    assert.deepEqual([asked, live], [['', 'busy'], []]);
    page.assertClean();
    await page.end();
  });

  test('is used where the person has chosen it, and the guide asks for another one', async () => {
    const page = await open('autostart', [camera('good'), infrared]);
    await page.page.waitForSelector('serfiq-capture select:visible');
    await choose(page, 'ir');
    await page.page.waitForSelector(NO_COLOUR);
    const { opened, live } = await cameras(page);
    assert.deepEqual([opened, live], [['good', 'ir'], ['ir']]);
    await page.end();
  });

  test('is not mistaken for one that sees a grey wall, or nothing at all', async () => {
    for (const picture of /** @type {const} */ (['grey wall', 'black'])) {
      const page = await open('autostart', [camera('first', { picture }), camera('good')]);
      await page.frames(2);
      assert.deepEqual((await cameras(page)).opened, ['first'], picture);
      await page.end();
    }
  });

  test('has pixels whose red, green and blue are equal, apart from rounding', () => {
    /** @param {number} count @param {(i: number) => number[]} pixel */
    const picture = (count, pixel) => new Uint8ClampedArray(Array.from({ length: count }, (_, i) => [...pixel(i), 255]).flat());
    assert.equal(seenIn(picture(1000, (i) => [i % 256, i % 256, i % 256])), 'grey');
    assert.equal(seenIn(picture(1000, () => [100, 102, 101])), 'grey', 'rounded');
    assert.equal(seenIn(picture(1000, (i) => (i === 500 ? [100, 104, 100] : [100, 100, 100]))), 'colour', 'one pixel');
    assert.equal(seenIn(picture(1000, () => [0, 3, 9])), 'too little', 'dark');
    assert.equal(seenIn(picture(1000, () => [255, 255, 240])), 'too little', 'overexposed');
    assert.equal(seenIn(picture(1000, (i) => (i < 40 ? [90, 90, 90] : [0, 0, 0]))), 'too little', 'a small part');
  });
});

/** `<serfiq-capture upload>`: a photo in place of the camera's picture, where there is no camera. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { ElementPage } from './support/element-page.mjs';
import { elementSuite } from './support/element-suite.mjs';
import { holdPhotos } from './support/hold-photos.mjs';
import { portrait } from './support/portraits.mjs';
import { unreadableFiles } from './support/unreadable-files.mjs';
import { assertUsable } from './support/usable.mjs';

/** @import { How } from './support/element-suite.mjs' */

const suite = elementSuite({ camera: 'none' });

/** @param {string} attributes @param {How} [how] */
const open = (attributes, how) =>
  suite.openBody(`<form><serfiq-capture backend="cpu" name="selfie" autostart ${attributes}></serfiq-capture></form>`, how);
const BUTTON = 'serfiq-capture [data-action="upload"]:visible';
const GOOD = 'astronaut.png';

/** Chooses a file as a person does. @param {ElementPage} page @param {{ name: string, mimeType: string, buffer: Buffer }} file */
async function choose({ page }, file) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click(BUTTON)]);
  await chooser.setFiles(file);
}

/** @param {string} name */
const photo = async (name) => ({ name, mimeType: 'image/png', buffer: await portrait(name) });
/** A picture without a face. @param {ElementPage} page */
const wall = async ({ page }) => ({
  name: 'wall.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(320, 240);
      const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      pen.fillStyle = '#a98';
      pen.fillRect(0, 0, 320, 240);
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    }),
  ),
});
/** @param {ElementPage} page */
const sent = ({ page }) =>
  page.evaluate(() => {
    const file = new FormData(/** @type {HTMLFormElement} */ (document.querySelector('form'))).get('selfie');
    return file instanceof File ? { name: file.name, type: file.type, size: file.size } : file;
  });
/** @param {ElementPage} page */
const texts = async (page) => [await page.part('title').textContent(), await page.part('text').textContent()];

describe('where there is no camera', () => {
  test('a photo can be chosen; it is judged, offered and kept like a picture', async () => {
    const page = await open('upload crop');
    assert.equal((await page.event('error')).code, 'camera-none');
    await assertUsable(page);
    const file = await photo(GOOD);
    await choose(page, file);
    const { blob, crop, report } = await page.event('capture');
    assert.deepEqual(blob, { size: file.buffer.length, type: 'image/png' }, 'not the file itself');
    assert.equal(crop.type, 'image/png');
    assert.equal(report.accepted, true);
    assert.equal('explanation' in report, false);
    assert.ok(report.faces[0].quality > 50);
    await page.inState('captured');
    assert.deepEqual(await sent(page), { name: GOOD, type: 'image/png', size: file.buffer.length });
    assert.deepEqual((await page.states()).slice(-3), ['error', 'judging', 'captured']);
    assert.ok(await page.part('picture').isVisible());
    page.assertClean();
    await page.end();
  });

  test('a photo is explained, if the page wants it', async () => {
    const page = await open('upload explain');
    await page.page.waitForSelector(BUTTON);
    await choose(page, await photo(GOOD));
    const { report } = await page.event('capture');
    assert.equal(report.explanation.reading.length, 49);
    assert.equal('standard_measures' in report, false);
    await page.inState('captured');
    await page.page.click('serfiq-capture [part="explanation"] summary');
    await page.page.waitForSelector('serfiq-capture .veil');
    page.assertClean();
    await page.end();
  });

  test('a photo that is not good enough is refused with words that help; another one may follow, without loading again', async () => {
    const page = await open('upload');
    await page.page.waitForSelector(BUTTON);
    await choose(page, await wall(page));
    const { code, reason, message, action } = await page.event('error', 2);
    assert.deepEqual([code, reason], ['photo-refused', 'no_face']);
    assert.match(message, /did not pass the checks: no_face/);
    assert.match(action, /Look into the camera/);
    assert.deepEqual(await texts(page), ['This photo is not good enough', 'What would help: “Look into the camera”. Then choose another photo.']);
    assert.equal(await sent(page), null);
    const [worker] = page.page.workers();
    assert.equal(await page.element.evaluate((element) => element.shadowRoot?.activeElement?.getAttribute('data-action')), 'upload', 'the focus is lost');
    await assertUsable(page);
    await choose(page, await photo(GOOD));
    await page.inState('captured');
    assert.deepEqual(page.page.workers(), [worker]);
    page.assertClean();
    await page.end();
  });

  for (const language of /** @type {const} */ (['de', 'en'])) {
    test(`a file that cannot be read is refused with what is wrong with it, in ${language}`, async () => {
      const page = await open('upload', { lang: language });
      await page.speaks(language);
      await page.page.waitForSelector(BUTTON);
      for (const [i, { name, reason, buffer, [language]: words }] of (await unreadableFiles()).entries()) {
        await choose(page, { name, mimeType: 'image/jpeg', buffer });
        const error = await page.event('error', i + 2);
        assert.deepEqual([error.code, error.reason], ['photo-unreadable', reason], name);
        const [title, text] = await texts(page);
        assert.equal(title, { de: 'Diese Datei ist nicht lesbar', en: 'This file cannot be read' }[language]);
        assert.match(text ?? '', words, name);
        assert.equal(error.action, `${title}. ${text}`);
      }
      page.assertClean();
      await page.end();
    });
  }

  test('threshold and below-threshold apply to a photo as to a picture', async () => {
    const page = await open('upload threshold="100"');
    await page.page.waitForSelector(BUTTON);
    await choose(page, await photo(GOOD));
    assert.equal((await page.event('error', 2)).reason, 'hard_to_recognise');
    await page.element.evaluate((element) => element.toggleAttribute('below-threshold'));
    await choose(page, await photo(GOOD));
    await page.inState('captured');
    await page.end();
  });

  test('the page may refuse it', async () => {
    const page = await open('upload');
    await page.element.evaluate((element) => element.addEventListener('serfiq-capture', (event) => event.preventDefault()));
    await page.page.waitForSelector(BUTTON);
    await choose(page, await photo(GOOD));
    const { code, reason } = await page.event('error', 2);
    assert.deepEqual([code, reason], ['photo-refused', null]);
    assert.deepEqual(await texts(page), ['This photo is not good enough', 'Choose another photo.']);
    assert.equal(await sent(page), null);
    await page.end();
  });

  /** A browser that cannot decode files. The engine does not need it for that. */
  const decodeNothing = () => {
    const { createImageBitmap } = window;
    window.createImageBitmap = (/** @type {any} */ source, /** @type {any[]} */ ...rest) =>
      source instanceof Blob ? Promise.reject(new DOMException('Not decoded.', 'InvalidStateError')) : createImageBitmap(source, ...rest);
  };

  test('a photo that the browser cannot show is kept, with a word about it until there is another one', async () => {
    const page = await open('upload', { beforehand: decodeNothing });
    await page.page.waitForSelector(BUTTON);
    await choose(page, await photo(GOOD));
    await page.inState('captured');
    assert.deepEqual(await sent(page), { name: GOOD, type: 'image/png', size: (await portrait(GOOD)).length });
    const notice = page.page.locator('serfiq-capture .notice');
    assert.equal(await notice.textContent(), 'This browser cannot show the picture.');
    assert.ok(await notice.isVisible());
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.inState('error');
    assert.ok(await notice.isHidden());
    page.assertClean();
    await page.end();
  });

  test('nor is it cut out', async () => {
    const page = await open('upload crop', { beforehand: decodeNothing });
    await page.page.waitForSelector(BUTTON);
    await choose(page, await photo(GOOD));
    const { code, reason } = await page.event('error', 2);
    assert.deepEqual([code, reason], ['photo-unreadable', 'damaged']);
    assert.match((await texts(page))[1] ?? '', /^This picture is damaged/);
    page.assertClean();
    await page.end();
  });

  for (const [how, leave] of /** @type {const} */ ([
    ['stopped', (/** @type {Element} */ element) => /** @type {any} */ (element).stop()],
    ['reset', (/** @type {Element} */ element) => element.closest('form')?.reset()],
    ['disabled', (/** @type {Element} */ element) => element.toggleAttribute('disabled')],
  ])) {
    test(`a photo is not kept where the element is ${how} while it is judged`, async () => {
      const page = await open('upload', { beforehand: holdPhotos });
      await page.page.waitForSelector(BUTTON);
      await page.element.evaluate((element) => element.removeAttribute('autostart'));
      await choose(page, await photo(GOOD));
      await page.page.waitForFunction(() => /** @type {any} */ (window).held.length > 0);
      assert.equal(await page.state(), 'judging');
      await page.element.evaluate(leave);
      await page.page.evaluate(() => /** @type {any} */ (window).sendPhotos());
      await page.page.waitForTimeout(4000);
      assert.equal(await page.state(), 'idle');
      assert.equal(await sent(page), null);
      page.assertClean();
      await page.end();
    });
  }

  test('there is no such button unless the page wants it', async () => {
    const page = await open('');
    await page.inState('error');
    assert.equal(await page.page.locator(BUTTON).count(), 0);
    await page.element.evaluate((element) => element.toggleAttribute('upload'));
    await page.page.waitForSelector(BUTTON);
    await page.end();
  });
});

test('where the camera is denied, and where the page has no access to one', async () => {
  const withCamera = await launch({ camera: 'face' });
  for (const [code, how] of /** @type {const} */ ([
    ['camera-denied', { cameraAllowed: false }],
    ['insecure-context', { beforehand: () => void Object.defineProperty(navigator, 'mediaDevices', { value: undefined }) }],
  ])) {
    const page = await ElementPage.open(withCamera, suite.site, '<form><serfiq-capture backend="cpu" name="selfie" autostart upload></serfiq-capture></form>', how);
    assert.equal((await page.event('error')).code, code);
    await choose(page, await photo(GOOD));
    await page.inState('captured');
    await page.end();
  }
  await withCamera.close();
});

/** What other browsers do differently, imitated in Chromium: false pixels, frames that cannot be read, a format that cannot be written. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { ElementPage } from './support/element-page.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Site} */
let site;
before(async () => {
  browser = await launch({ camera: 'face' });
  site = await Site.open(settings.dist);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

test('a browser that gives false pixels is told from a picture without a face, in the language of the person', async (t) => {
  await inWorker(t, () => giveFalsePixels(() => Math.random() * 256));
  const opened = await ElementPage.open(browser, site, '<serfiq-capture backend="cpu" language="de"></serfiq-capture>');
  t.after(() => opened.end());
  await opened.speaks('de');
  await opened.page.click('serfiq-capture [data-action="start"]:visible');
  const { code, action } = await opened.event('error');
  assert.equal(code, 'pixels-hidden');
  assert.match(action, /^Dieser Browser verbirgt Bilder/);

  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos' });
  t.after(() => visit.end());
  await visit.ready();
  const { file, bitmap } = await scores(visit);
  assert.ok(file > 0.5, 'files need no canvas');
  assert.equal(bitmap, 'pixels-hidden');
});

test('faint noise in the pixels is no reason to refuse them', async (t) => {
  await inWorker(t, () => giveFalsePixels((value) => value + (Math.random() < 0.5 ? 1 : -1)));
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos' });
  t.after(() => visit.end());
  await visit.ready();
  const { file, bitmap } = await scores(visit);
  assert.ok(Math.abs(file - bitmap) < 0.02, `${file} and ${bitmap}`);
});

test('where WebP cannot be written, the picture is a JPEG, not a PNG many times the size', async (t) => {
  await inWorker(t, () => {
    const { convertToBlob } = OffscreenCanvas.prototype;
    OffscreenCanvas.prototype.convertToBlob = function (options) {
      return convertToBlob.call(this, options?.type === 'image/webp' ? { type: 'image/png' } : options);
    };
  });
  const body = '<serfiq-capture autostart auto-capture threshold="1" backend="cpu" picture-type="image/webp"></serfiq-capture>';
  const opened = await ElementPage.open(browser, site, body);
  t.after(() => opened.end());
  const { blob } = await opened.event('capture');
  assert.equal(blob.type, 'image/jpeg');
});

test('a frame that cannot be read is passed over, and the camera is still watched', async (t) => {
  await inWorker(t, () => {
    VideoFrame.prototype.copyTo = () => Promise.reject(new DOMException('Not here.', 'NotSupportedError'));
    const { getImageData } = OffscreenCanvasRenderingContext2D.prototype;
    let reads = 0;
    OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...part) {
      reads += 1;
      if (reads % 7 > 0) return getImageData.apply(this, part);
      console.warn('unread');
      throw new DOMException('Not now.', 'InvalidStateError');
    };
  });
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos' });
  t.after(() => visit.end());
  await visit.ready();
  const frames = await visit.page.evaluate(async () => {
    const video = Object.assign(document.createElement('video'), { muted: true });
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
    await video.play();
    let count = 0;
    for await (const _ of /** @type {any} */ (window).serfiq.watch(video)) if (++count === 20) break;
    return count;
  });
  assert.equal(frames, 20);
  assert.ok(visit.warnings.filter((text) => text === 'unread').length > 1, 'every frame was read');
});

/**
 * Runs in the engine's worker: every picture is read through a canvas, which returns altered values.
 * @param {(value: number) => number} other
 */
function giveFalsePixels(other) {
  const { getImageData } = OffscreenCanvasRenderingContext2D.prototype;
  OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...part) {
    const image = getImageData.apply(this, part);
    for (let i = 0; i < image.data.length; i += 1) if (i % 4 < 3) image.data[i] = other(image.data[i]);
    return image;
  };
  VideoFrame.prototype.copyTo = () => Promise.reject(new DOMException('Not here.', 'NotSupportedError'));
}

/**
 * Makes the engine's worker behave as in another browser.
 * @param {import('node:test').TestContext} t
 * @param {() => void} difference runs in it first
 */
async function inWorker(t, difference) {
  const path = '/serfiq/worker.js';
  const head = Buffer.from(`${giveFalsePixels};\n(${difference})();\n`);
  site.spoil(path, { body: Buffer.concat([head, await readFile(join(settings.dist, path))]) });
  t.after(() => site.mend());
}

/** Returns the raw score of a photo as a file and as a bitmap, or the code of the error. @param {Visit} visit @returns {Promise<any>} */
async function scores({ page }) {
  return page.evaluate(async (base64) => {
    const blob = new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]);
    const { serfiq } = /** @type {any} */ (window);
    const rawOf = (/** @type {any} */ source) => serfiq.score(source).then(({ faces }) => faces[0]?.raw, (/** @type {any} */ { code }) => code);
    return { file: await rawOf(blob), bitmap: await rawOf(await createImageBitmap(blob)) };
  }, (await portrait('astronaut.png')).toString('base64'));
}

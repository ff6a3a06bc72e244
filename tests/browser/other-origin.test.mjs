/** Pictures of another origin, which the page may show but not read: the error says so, and not that they have no pixels. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grab } from '../../www/package/pictures.js';
import { launch } from './support/browser.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';

test('pictures of a page', async (t) => {
  const policy = (/** @type {string} */ ofPage) => ofPage.replace('img-src', 'img-src http:');
  const [browser, foreign, site] = await Promise.all([launch(), Site.open(settings.dist), Site.open(settings.dist, { policy })]);
  t.after(() => Promise.all([browser, foreign, site].map((one) => one.close())));
  foreign.spoil('/portrait.png', { body: await portrait('astronaut.png'), type: 'image/png' });
  site.spoil('/empty.html', { body: Buffer.from('<!doctype html><title>A page</title>') });
  const page = await browser.newPage();
  await page.goto(`${site.origin}/empty.html`);
  const found = await page.evaluate(async (address) => {
    const { createEngine } = await import(/** @type {string} */ ('/serfiq/index.js'));
    const serfiq = await createEngine({ backend: 'cpu' });
    const img = Object.assign(new Image(64, 64), { src: address });
    await img.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
    canvas.getContext('2d')?.drawImage(img, 0, 0, 64, 64);
    const sources = { img, canvas, bitmap: await createImageBitmap(canvas) };
    const whyNot = (/** @type {object} */ source) => serfiq.score(source).catch((/** @type {any} */ { code, reason }) => `${code}: ${reason}`);
    return Promise.all(Object.entries(sources).map(async ([kind, source]) => [kind, await whyNot(source)]));
  }, `${foreign.origin}/portrait.png`);
  const expected = 'unreadable-image: other-origin';
  assert.deepEqual(Object.fromEntries(found), { img: expected, canvas: expected, bitmap: expected });
});

for (const [name, reason, says] of /** @type {const} */ ([
  ['SecurityError', 'other-origin', /another origin/],
  ['InvalidStateError', 'no-pixels', /no picture yet.*The element has no frame\.$/],
])) {
  test(`a video at which the browser says ${name}`, async (t) => {
    Object.assign(globalThis, {
      VideoFrame: function () {
        throw new DOMException('The element has no frame', name);
      },
    });
    t.after(() => delete (/** @type {any} */ (globalThis).VideoFrame));
    const video = /** @type {HTMLVideoElement} */ ({});
    await assert.rejects(grab(video), (/** @type {any} */ error) => {
      assert.deepEqual([error.code, error.reason], ['unreadable-image', reason]);
      assert.match(error.message, says);
      return true;
    });
  });
}

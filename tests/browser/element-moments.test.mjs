/** `<serfiq-capture>` at awkward moments: set before it is defined. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PROPERTIES } from '../../www/package/capture/properties.js';
import { launch } from './support/browser.mjs';
import { ElementPage } from './support/element-page.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';

describe('a face before the camera', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Site} */
  let site;
  before(async () => {
    site = await Site.open(settings.dist);
    browser = await launch({ camera: 'face' });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('properties that are set before it is defined count', async () => {
    const page = await ElementPage.open(browser, site, '<serfiq-capture></serfiq-capture>', {
      beforehand: () => {
        // Modules run when the whole page is read, and after this.
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
            language: 'fr',
            crop: true,
            pictureType: 'image/png',
            backend: 'cpu',
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
    // It starts by itself, with all of them: these two exclude each other.
    assert.match((await page.event('error')).message, /both model and recogniser/);
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
});

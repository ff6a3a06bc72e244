/** `<serfiq-capture>` in other people's pages: rendered on a server, in shadow trees, in every size, before it is defined. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';

import { elementSuite } from './support/element-suite.mjs';

/** @import { ElementPage } from './support/element-page.mjs' */

const { open, openBody } = elementSuite();

describe('rendered on a server', () => {
  test('its attributes count as React writes them, and it adds none of its own', async () => {
    const written = 'autocapture="" belowthreshold="" timelimit="7" camerafacing="environment" picturetype="image/png" threshold="30" autostart=""';
    const page = await open(written);
    await page.event('capture');
    const { attributes, properties } = await page.element.evaluate((element) => {
      const { autoCapture, belowThreshold, timeLimit, cameraFacing, pictureType } = /** @type {any} */ (element);
      return { attributes: element.outerHTML, properties: { autoCapture, belowThreshold, timeLimit, cameraFacing, pictureType } };
    });
    assert.deepEqual(properties, { autoCapture: true, belowThreshold: true, timeLimit: 7, cameraFacing: 'environment', pictureType: 'image/png' });
    assert.equal(attributes, `<serfiq-capture backend="cpu" ${written}></serfiq-capture>`);
    page.assertClean();
    await page.end();
  });

  test('its states are there for style sheets', async () => {
    const page = await open('', { css: 'serfiq-capture:state(idle) { opacity: 0.9 } serfiq-capture:state(running) { opacity: 0.8 }' });
    const opacity = () => page.element.evaluate((element) => getComputedStyle(element).opacity);
    await page.inState('idle');
    assert.equal(await opacity(), '0.9');
    await page.element.evaluate((element) => /** @type {any} */ (element).start());
    assert.equal(await opacity(), '0.8');
    await page.end();
  });
});

describe('the language around it', () => {
  /** @param {ElementPage} page @param {string} words on its button */
  const says = (page, words) =>
    page.page.waitForFunction((wanted) => {
      const host = document.getElementById('host');
      const element = host?.shadowRoot?.querySelector('serfiq-capture') ?? document.querySelector('serfiq-capture');
      return element?.shadowRoot?.querySelector('.message button')?.textContent === wanted;
    }, words);

  test('is found through shadow trees, and followed when it changes', async () => {
    const page = await openBody('<div id="host"></div>', { lang: 'de' });
    await page.page.evaluate(() => {
      const outer = /** @type {HTMLElement} */ (document.getElementById('host')).attachShadow({ mode: 'open' });
      outer.append(document.createElement('serfiq-capture'));
    });
    await says(page, 'Kamera starten');
    await page.page.evaluate(() => document.documentElement.setAttribute('lang', 'fr'));
    await says(page, 'Démarrer la caméra');
    await page.page.evaluate(() => document.getElementById('host')?.setAttribute('lang', 'es'));
    await says(page, 'Iniciar la cámara');
    await page.page.evaluate(() => document.getElementById('host')?.removeAttribute('lang'));
    await says(page, 'Démarrer la caméra');
    page.assertClean();
    await page.end();
  });

  test('is that of its new place when it is moved, and no longer that of the old one', async () => {
    const page = await openBody('<div id="a" lang="de"><serfiq-capture></serfiq-capture></div><div id="b" lang="fr"></div>');
    await says(page, 'Kamera starten');
    await page.page.evaluate(() => document.getElementById('b')?.append(/** @type {Element} */ (document.querySelector('serfiq-capture'))));
    await says(page, 'Démarrer la caméra');
    await page.page.evaluate(() => {
      document.getElementById('a')?.setAttribute('lang', 'es');
      document.getElementById('b')?.setAttribute('lang', 'de');
    });
    await says(page, 'Kamera starten');
    await page.end();
  });

  test('does not count where it is told one, nor is a change of it heard while it is out of the page', async () => {
    const page = await open('language="fr"', { lang: 'de' });
    await says(page, 'Démarrer la caméra');
    await page.page.evaluate(() => document.documentElement.setAttribute('lang', 'es'));
    await page.page.waitForTimeout(300);
    await says(page, 'Démarrer la caméra');
    await page.element.evaluate((element) => element.removeAttribute('language'));
    await says(page, 'Iniciar la cámara');
    await page.end();
  });
});

describe('before it is defined', async () => {
  const docs = await readFile(new URL('../../docs/capture.md', import.meta.url), 'utf8');
  const [, rules] = /```css\n(serfiq-capture:not\(:defined\)[^]*?)```/.exec(docs) ?? [];

  /**
   * Loads the page, and defines the element only after the page has been painted without it.
   * @param {string} attributes
   * @param {string} css
   * @param {{ width: number, height: number }} viewport
   * @param {{ touch?: boolean, moves?: boolean }} [how] `moves`: waits until a shift is reported
   */
  const shift = async (attributes, css, viewport, { touch = false, moves = false } = {}) => {
    const page = await openBody(`<serfiq-capture backend="cpu" ${attributes}></serfiq-capture><p>Below</p>`, {
      css,
      viewport,
      hasTouch: touch,
      isMobile: touch,
      beforehand: () => {
        Object.assign(window, { shifts: /** @type {number[]} */ ([]) });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) /** @type {any} */ (window).shifts.push(/** @type {any} */ (entry).value);
        }).observe({ type: 'layout-shift', buffered: true });
        const { define } = customElements;
        customElements.define = (...rest) => void Object.assign(window, { define: () => define.apply(customElements, rest) });
      },
    });
    const height = () => page.element.evaluate((element) => element.getBoundingClientRect().height);
    await page.page.waitForFunction(() => 'define' in window);
    const before = await height();
    await page.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.page.evaluate(() => /** @type {any} */ (window).define());
    if (attributes) await page.hasBeen('loading');
    if (moves) await page.page.waitForFunction(() => /** @type {any} */ (window).shifts.length > 0);
    else await page.page.waitForTimeout(300);
    const seen = { before, after: await height(), shifts: await page.page.evaluate(() => /** @type {any} */ (window).shifts) };
    await page.end();
    return seen;
  };

  for (const [width, height, touch] of /** @type {const} */ ([
    [1280, 900, false],
    [1280, 700, false],
    [360, 640, false],
    [390, 844, true],
    [844, 390, true],
    [320, 568, true],
    [820, 1180, true],
  ])) {
    // The camera of a phone that is held upright is as tall as expected, but the fake one is not.
    for (const attributes of touch && height > width ? [''] : ['', 'autostart']) {
      test(`the rules of the documentation keep its place, ${width}x${height}${touch ? ', touch' : ''} ${attributes}`, async () => {
        // Box sizing as in most pages.
        const { before, after, shifts } = await shift(attributes, `* { box-sizing: border-box } ${rules}`, { width, height }, { touch });
        assert.ok(Math.abs(before - after) < 0.5, `${before} pixels, then ${after}`);
        // A starting camera changes the element's text, which moves its parts.
        if (!attributes) assert.deepEqual(shifts, []);
      });
    }
  }

  test('without the rule the page moves: a shift would be noticed', async () => {
    const { shifts } = await shift('', '', { width: 1280, height: 900 }, { moves: true });
    assert.ok(shifts.length > 0);
  });
});

describe('the preview is what is judged', () => {
  /** @param {ElementPage} page */
  const boxes = (page) =>
    page.element.evaluate((element) => {
      const find = (/** @type {string} */ selector) => /** @type {Element} */ (element.shadowRoot?.querySelector(selector));
      const video = /** @type {HTMLVideoElement} */ (find('video'));
      const box = (/** @type {Element} */ one) => {
        const { left, top, right, bottom, width, height } = one.getBoundingClientRect();
        return { left, top, right, bottom, width, height };
      };
      return { ratio: video.videoWidth / video.videoHeight, video: box(video), stage: box(find('.stage')), frame: box(find('.frame')), oval: box(find('.oval')), outline: box(find('.outline')) };
    });
  /** @param {{ left: number, top: number, right: number, bottom: number }} one @param {typeof one} other */
  const within = (one, other) => one.left >= other.left - 1 && one.top >= other.top - 1 && one.right <= other.right + 1 && one.bottom <= other.bottom + 1;

  for (const [width, height] of [[1280, 900], [844, 390], [390, 844], [667, 375], [320, 568], [1600, 500]]) {
    for (const camera of /** @type {const} */ (['landscape', 'portrait'])) {
      test(`uncropped, with the whole oval, ${width}x${height}, ${camera} camera`, async () => {
        const page = await open('autostart', { viewport: { width, height } });
        await page.frames(1);
        if (camera === 'portrait') {
          await page.part('video').evaluate((video) => {
            const [track] = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (video).srcObject).getVideoTracks();
            return track.applyConstraints({ width: 360, height: 480 });
          });
          await page.page.waitForFunction(() => /** @type {any} */ (window).lastFrame.height > /** @type {any} */ (window).lastFrame.width);
          // The element hears of it from the video, which may be a little later.
          await page.page.waitForFunction(() => {
            const frame = document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('.frame');
            return parseFloat(/** @type {HTMLElement} */ (frame).style.getPropertyValue('--_ratio')) < 1;
          });
        }
        const { ratio, video, stage, frame, oval, outline } = await boxes(page);
        assert.equal(ratio < 1, camera === 'portrait');
        assert.ok(Math.abs(video.width / video.height / ratio - 1) < 0.01, `cropped: ${JSON.stringify(video)} for ${ratio}`);
        assert.ok(within(video, stage), `the picture leaves the stage: ${JSON.stringify({ video, stage })}`);
        assert.ok(within(oval, video), `the oval leaves the picture: ${JSON.stringify({ oval, video })}`);
        assert.deepEqual(outline, video, 'the oval is not drawn on the picture');
        assert.ok(oval.width > 0.2 * video.width && oval.height > 0.3 * video.height, JSON.stringify(oval));
        assert.ok(frame.height <= height + 1, `an element of ${frame.height} pixels in a window of ${height}`);
        await page.end();
      });
    }
  }
});

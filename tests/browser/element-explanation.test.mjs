/** `<serfiq-capture explain>`: why the score of the picture taken is what it is, in words and over the picture. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PNG } from 'pngjs';

import { explainedIfPossible } from '../../www/package/explained.js';
import { drawnFace } from './support/drawn-face.mjs';
import { elementSuite } from './support/element-suite.mjs';
import { scriptedEngine } from './support/scripted-engine.mjs';
import { assertUsable } from './support/usable.mjs';

/** @import { ElementPage } from './support/element-page.mjs' */
/** @import { How } from './support/element-suite.mjs' */

const SUMMARY = 'serfiq-capture [part="explanation"] summary';
const VEIL = 'serfiq-capture .veil';
/** @param {ElementPage} page */
const words = ({ page }) => page.locator('serfiq-capture [part="explanation"] > :is(p, ul)').allInnerTexts();
/** @param {ElementPage} page */
const retake = ({ page }) => page.click('serfiq-capture [data-action="start"]:visible');

describe('a face before the camera', () => {
  const { open, openBody } = elementSuite();

  test('the picture is explained, if the page wants it, and the explanation can be opened below it', async () => {
    const page = await open('autostart auto-capture explain');
    const { report } = await page.event('capture');
    await page.inState('captured');
    assert.equal(report.explanation.reading.length, 49);
    assert.equal('standard_measures' in report || 'mesh' in report, false);
    assert.deepEqual([await page.page.locator(VEIL).isVisible(), (await words(page)).some(Boolean)], [false, false], 'it is shown unasked');
    await page.page.focus(SUMMARY);
    await page.page.keyboard.press('Enter');
    const told = 'The recogniser reads every part of the face about as usual.';
    await page.page.getByRole('img', { name: told }).waitFor();
    assert.equal((await words(page))[0], told);
    await assertUsable(page);
    // Soon there would be another picture, with an explanation of its own.
    await page.element.evaluate((element) => element.removeAttribute('auto-capture'));
    await retake(page);
    await page.inState('running');
    assert.deepEqual([await page.page.locator(VEIL).isVisible(), await page.page.locator(SUMMARY).isVisible()], [false, false], 'it outlasts the picture');
    page.assertClean();
    await page.end();
  });

  test('it is not explained unasked', async () => {
    const page = await open('autostart auto-capture');
    const { report } = await page.event('capture');
    await page.inState('captured');
    assert.equal('explanation' in report, false);
    assert.equal(await page.page.locator(SUMMARY).isVisible(), false);
    await page.end();
  });

  test('the page may show something in its place', async () => {
    const page = await openBody(
      '<serfiq-capture backend="cpu" autostart auto-capture explain><p slot="explanation" id="own">Thank you.</p></serfiq-capture>',
    );
    assert.equal(await page.page.locator('#own').isVisible(), false);
    await page.event('capture');
    await page.inState('captured');
    assert.equal(await page.page.locator('#own').isVisible(), true);
    assert.equal(await page.page.locator(SUMMARY).isVisible(), false);
    await page.end();
  });
});

describe('a picture of which little is read', () => {
  const suite = elementSuite({ camera: 'none' });
  const ROW = [0, 0, 0, 1, 1, 1, 1];
  /** Of the drawn face, the left of the picture is not read. */
  const EXPLANATION = {
    rows: 7,
    columns: 7,
    corners: /** @type {[number, number][]} */ ([[220, 120], [420, 120], [420, 320], [220, 320]]),
    reading: Array(7).fill(ROW).flat(),
    parts: { forehead: 0.6, eyes: 0.45, nose: 0.7, mouth: 0.8, left: 0.2, right: 1 },
  };
  const [UNREAD, READ, OUTSIDE] = /** @type {[number, number][]} */ ([[240, 220], [400, 220], [100, 220]]);
  const [WIDTH, HEIGHT] = [640, 480];
  /** The close look's magnification, 0.82 of the picture's height for a box of half of it, and how far it moves the picture down. */
  const [SCALE, DOWN] = [1.64, 0.082];

  /** Opens an element whose picture has this explanation. @param {string} attributes @param {object} [explanation] @param {How} [how] */
  async function taken(attributes, explanation = EXPLANATION, how = {}) {
    suite.site.spoil('/serfiq/worker.js', scriptedEngine({ quality: 40, takes: true, explanation }));
    const page = await suite.open(`autostart auto-capture explain ${attributes}`, { reducedMotion: 'reduce', beforehand: `(${drawnFace})()`, ...how });
    await page.page.waitForSelector(SUMMARY);
    await page.page.waitForFunction(() => document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('canvas')?.width === 640);
    return page;
  }

  /** Brightness of places of the picture as it is shown. @param {ElementPage} page @param {{ mirrored?: boolean, close?: boolean }} [how] */
  async function look({ page }, { mirrored = true, close = false } = {}) {
    const { data, width, height } = PNG.sync.read(await page.locator('serfiq-capture .camera').screenshot());
    return [UNREAD, READ, OUTSIDE].map(([x, y]) => {
      const [across, down] = [x / WIDTH - 0.5, y / HEIGHT - 0.5].map((from) => from * (close ? SCALE : 1));
      const [column, row] = [(0.5 + (mirrored ? -across : across)) * width, (0.5 + down + (close ? DOWN : 0)) * height].map(Math.floor);
      const pixel = 4 * (row * width + column);
      return data[pixel] + data[pixel + 1] + data[pixel + 2];
    });
  }

  /** @param {number[]} before @param {number[]} veiled */
  function assertVeiled(before, veiled) {
    const [unread, read, outside] = before.map((brightness, i) => veiled[i] - brightness);
    const said = `from ${before} to ${veiled}`;
    assert.ok(unread < -150, `what is not read is not veiled: ${said}`);
    assert.ok(Math.abs(read) < 20 && Math.abs(outside) < 20, `what is read is veiled: ${said}`);
  }

  for (const mirrored of [true, false]) {
    test(`${mirrored ? 'a mirror' : 'no mirror'}: a veil lies over what is not read while the explanation is open, also in a close look`, async () => {
      const page = await taken(`mirrored="${mirrored}"`);
      const [whole, close] = [{ mirrored }, { mirrored, close: true }];
      const before = await look(page, whole);
      await page.part('picture').click();
      const closely = await look(page, close);
      await page.page.click(SUMMARY);
      await page.page.waitForSelector(VEIL);
      assertVeiled(closely, await look(page, close));
      // The veil does not catch the click.
      await page.part('picture').click();
      assertVeiled(before, await look(page, whole));
      await page.page.click(SUMMARY);
      await page.page.waitForSelector(VEIL, { state: 'hidden' });
      assert.deepEqual(await look(page, whole), before, 'something is left of the veil');
      page.assertClean();
      await page.end();
    });
  }

  test('the words name the parts, the least first, with the sides of the picture as it is shown', async () => {
    const page = await taken('');
    await page.page.click(SUMMARY);
    const [said, legend, about] = await words(page);
    assert.equal(said, 'The recogniser reads little here: the side on the right of the picture and the eyes.');
    assert.deepEqual(legend.split('\n'), ['Clear: read as usual', 'Veiled: the recogniser reads little or nothing here']);
    assert.match(about, /not why/);
    assert.equal(await page.page.getByRole('img', { name: said }).count(), 1);
    await page.element.evaluate((element) => element.setAttribute('mirrored', 'false'));
    assert.match((await words(page))[0], /: the side on the left of the picture and the eyes\.$/);
    await page.element.evaluate((element) => element.setAttribute('language', 'de'));
    await page.page.getByRole('img', { name: 'Hier liest das Erkennungsmodell wenig: die Seite links im Bild und Augen.' }).waitFor();
    assert.equal(await page.page.locator(SUMMARY).innerText(), 'Warum dieser Wert?');
    assert.ok(await page.page.locator(VEIL).isVisible(), 'another language closes it');
    page.assertClean();
    await page.end();
  });

  test('without what is usual, it says so, and veils nothing', async () => {
    const page = await taken('', { ...EXPLANATION, reading: null, parts: null });
    await page.page.click(SUMMARY);
    assert.deepEqual(await words(page), ['For this recogniser it is not known how much it usually reads, so there is nothing to compare with.']);
    assert.equal(await page.page.locator(VEIL).isVisible(), false);
    await assertUsable(page);
    await page.end();
  });

  for (const viewport of [{ width: 320, height: 640 }, { width: 740, height: 360 }]) {
    test(`has the whole width below everything else, in ${viewport.width} x ${viewport.height}`, async () => {
      const page = await taken('', EXPLANATION, { viewport });
      await page.page.click(SUMMARY);
      const [all, stage, bar, below] = await page.element.evaluate((element) =>
        ['.frame', '.stage', '.bar', 'details'].map((part) => element.shadowRoot?.querySelector(part)?.getBoundingClientRect().toJSON()),
      );
      assert.ok(below.width > all.width - 4, `${below.width} of ${all.width} pixels`);
      assert.ok(below.top >= Math.max(stage.bottom, bar.bottom) - 1, JSON.stringify({ stage, bar, below }));
      await assertUsable(page);
      await page.end();
    });
  }

  for (const [what, leave] of /** @type {const} */ ([
    ['another picture', retake],
    ['stop()', (/** @type {ElementPage} */ { element }) => element.evaluate((element) => /** @type {any} */ (element).stop())],
  ])) {
    test(`${what} removes the veil`, async () => {
      const page = await taken('');
      await page.page.click(SUMMARY);
      await page.page.waitForSelector(VEIL);
      await leave(page);
      await page.page.waitForSelector(VEIL, { state: 'hidden' });
      if (what !== 'stop()') {
        await page.event('capture', 2);
        await page.page.waitForSelector(SUMMARY);
        assert.deepEqual([await page.page.locator(VEIL).isVisible(), (await words(page)).some(Boolean)], [false, false], 'the next one is open');
      }
      page.assertClean();
      await page.end();
    });
  }
});

describe('what cannot be explained', () => {
  const failing = (/** @type {string} */ code, /** @type {boolean} */ always = false) => async (/** @type {boolean} */ explain) => {
    if (explain || always) throw Object.assign(new Error(code), { code });
    return 'a score';
  };

  test('is scored without', async () => {
    assert.equal(await explainedIfPossible(failing('invalid-option')), 'a score');
  });

  test('hides no other error', async () => {
    for (const code of ['gpu-lost', 'not-finite', 'closed']) await assert.rejects(explainedIfPossible(failing(code)), { code });
    await assert.rejects(explainedIfPossible(failing('invalid-option', true)), { code: 'invalid-option' });
    await assert.rejects(explainedIfPossible(async () => Promise.reject(new TypeError('a trap'))), TypeError);
  });
});

/** Why a score is what it is: `engine.explain()`, and how `drawExplanation()` shows it. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { partsReadLittle } from '../../www/package/explanation.js';
import { openAlone } from './support/alone.mjs';
import { portrait } from './support/portraits.mjs';

const PORTRAIT = 'astronaut.png';
const PARTS = ['eyes', 'forehead', 'left', 'mouth', 'nose', 'right'];
const COVERED = ['mouth_covered', 'eyes_covered', 'face_covered'];
/** Landmarks of the jaw from ear to ear, and of what joins its ends over the nose. */
const MASK = [93, 50, 195, 280, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132];

/** @type {import('./support/visit.mjs').Visit} */
let visit;
/** @type {() => Promise<void>} */
let close;
before(async () => {
  ({ visit, close } = await openAlone('photos'));
  await visit.page.evaluate((base64) => {
    Object.assign(window, { photo: new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]) });
  }, (await portrait(PORTRAIT)).toString('base64'));
});
after(() => close?.());

describe('engine.explain', () => {
  test('gives what engine.score does, and what each cell adds to the score', async () => {
    const [scored, explained] = await visit.page.evaluate(async () => {
      const { serfiq, photo } = /** @type {any} */ (window);
      return [await serfiq.score(photo), await serfiq.explain(photo)];
    });
    assert.equal('explanation' in scored, false);
    const { explanation, milliseconds, ...rest } = explained;
    assert.ok(milliseconds.total > 0);
    delete scored.milliseconds;
    assert.deepEqual(rest, scored);
    const { rows, columns, corners, signal, noise, energy, reading, parts, cover } = explanation;
    assert.deepEqual([rows, columns], [7, 7]);
    for (const list of [signal, noise, energy, reading]) assert.equal(list.length, 49);
    assert.ok(sum(signal) > 0 && Math.min(...noise, ...energy) >= 0 && sum(noise) > 0, JSON.stringify({ signal, noise, energy }));
    assert.ok(reading.every((/** @type {number} */ share) => share >= 0 && share <= 1), reading.join(', '));
    assert.deepEqual(Object.keys(parts).sort(), PARTS);
    for (const part of PARTS) assert.ok(parts[part] > 0.5, `${part}: ${parts[part]}`);
    assert.ok(cover.mouth < 0 && cover.eyes < 0 && cover.face < 0, JSON.stringify(cover));
    assert.deepEqual(explained.measures.face.cover, cover);
    assert.ok(!COVERED.some((issue) => explained.issues.includes(issue)), explained.issues.join());
    const [[left, top], , [right, bottom]] = corners;
    for (const [x, y] of explained.faces[0].landmarks) assert.ok(x > left && x < right && y > top && y < bottom, `${x}, ${y} is outside ${JSON.stringify(corners)}`);
  });

  test('takes pictures and options as engine.score does', async () => {
    const [ofPicture, withMeasures, refused] = await visit.page.evaluate(async () => {
      const { serfiq, photo } = /** @type {any} */ (window);
      const code = (/** @type {any} */ error) => error.code;
      return [
        await serfiq.explain(await createImageBitmap(photo), { method: 'mc', passes: 20, seed: 1 }),
        await serfiq.explain(photo, { standardMeasures: true }),
        await Promise.all([serfiq.explain(photo, { method: 'best' }).catch(code), serfiq.explain(new Blob(['no picture'])).catch(code)]),
      ];
    });
    assert.deepEqual([ofPicture.method, ofPicture.passes, ofPicture.explanation.signal.length], ['mc', 20, 49]);
    assert.equal(Object.keys(withMeasures.standard_measures).length, 20);
    assert.equal(withMeasures.explanation.signal.length, 49);
    assert.deepEqual(refused, ['invalid-option', 'unreadable-image']);
  });

  test('explains nothing without a face', async () => {
    const empty = await visit.page.evaluate(async () => /** @type {any} */ (window).serfiq.explain(new ImageData(320, 240)));
    assert.deepEqual([empty.status, empty.faces, 'explanation' in empty], ['no_face', [], false]);
  });

  test('tells a mask, and reads less where it is', async () => {
    const [clear, masked] = await visit.page.evaluate(async (outline) => {
      const { serfiq, photo } = /** @type {any} */ (window);
      const clear = await serfiq.explain(photo, { standardMeasures: true });
      const picture = await createImageBitmap(photo);
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(picture, 0, 0);
      context.beginPath();
      for (const index of outline) context.lineTo(clear.mesh[index][0], clear.mesh[index][1]);
      context.fillStyle = 'rgb(120 170 210)';
      context.fill();
      return [clear, await serfiq.explain(canvas)];
    }, MASK);
    assert.deepEqual(masked.issues.filter((/** @type {string} */ issue) => COVERED.includes(issue)), ['mouth_covered']);
    assert.ok(masked.explanation.cover.mouth > 0, JSON.stringify(masked.explanation.cover));
    const [before, after] = [clear, masked].map(({ explanation }) => explanation.parts.mouth);
    assert.ok(after < before - 0.15, `${before} of the mouth without a mask, ${after} with one`);
  });

  test('without a complaint', () => visit.assertClean());
});

describe('drawExplanation', () => {
  /** Two rows of two cells, turned by a quarter: right is down, and down is left. */
  const TURNED = { rows: 2, columns: 2, corners: [[100, 0], [100, 40], [60, 40], [60, 0]], reading: [1, 0.5, 0, 1] };
  const [WIDTH, HEIGHT] = [120, 60];

  /** Returns the red channel of a white canvas after the drawing. @param {object} explanation @param {number} [scale] of the canvas */
  async function draw(explanation, scale = 1) {
    return visit.page.evaluate(
      async ([explanation, width, height, scale]) => {
        const { drawExplanation } = await import(/** @type {string} */ ('/serfiq/index.js'));
        const canvas = new OffscreenCanvas(width * scale, height * scale);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
        context.fillStyle = '#fff';
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.scale(scale, scale);
        context.imageSmoothingEnabled = false;
        drawExplanation(context, explanation);
        if (context.getTransform().a !== scale || context.imageSmoothingEnabled) throw new Error('the context is not as it was');
        return [...context.getImageData(0, 0, canvas.width, canvas.height).data].filter((_, i) => i % 4 === 0);
      },
      /** @type {const} */ ([explanation, WIDTH, HEIGHT, scale]),
    );
  }

  /** The red channel under a veil over white. @param {number} unread */
  const veiled = (unread) => 255 + 0.72 * unread * (24 - 255);

  for (const scale of [1, 3]) {
    test(`veils what is not read, gradually between the cells, at scale ${scale}`, async () => {
      const red = await draw(TURNED, scale);
      const middle = Math.floor(scale / 2);
      // As the command line draws it; a canvas rounds the peaks off.
      for (const [x, y, unread] of [[90, 10, 0], [90, 30, 0.5], [70, 10, 1], [80, 20, 0.375], [70, 0, 0], [60, 20, 0]]) {
        const found = red[(y * scale + middle) * WIDTH * scale + x * scale + middle];
        assert.ok(Math.abs(found - veiled(unread)) < 15, `${x}, ${y}: ${found}, expected ${veiled(unread)}`);
      }
    });
  }

  test('leaves everything outside the face as it is', async () => {
    const red = await draw({ ...TURNED, reading: [0, 0, 0, 0] });
    const isOutside = (/** @type {number} */ x, /** @type {number} */ y) => x < 60 || x > 100 || y > 40;
    assert.ok(red.every((value, i) => value === 255 || !isOutside(i % WIDTH, Math.floor(i / WIDTH))));
    assert.ok(red.filter((value) => value < 255).length > 1400, 'hardly anything is drawn');
  });

  test('draws nothing if it is not known what is usual', async () => {
    const red = await draw({ ...TURNED, reading: null });
    assert.ok(red.every((value) => value === 255));
  });
});

test('the parts that are read little, the least first; both sides say no more than the parts between them', () => {
  const usual = { forehead: 1, eyes: 0.9, nose: 0.5, mouth: 0.8, left: 0.7, right: 0.9 };
  for (const [parts, little] of /** @type {const} */ ([
    [{}, []],
    [{ nose: 0.49, forehead: 0 }, ['forehead', 'nose']],
    [{ mouth: 0.3, left: 0.2 }, ['left', 'mouth']],
    [{ mouth: 0.1, nose: 0.4, left: 0.3, right: 0.2 }, ['mouth', 'nose']],
    [{ left: 0.4, right: 0.3 }, ['right', 'left']],
  ])) {
    assert.deepEqual(partsReadLittle({ ...usual, ...parts }), little);
  }
});

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** The engine as a developer uses it: cancellation, typed errors, memory. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openAlone } from './support/alone.mjs';
import { portrait } from './support/portraits.mjs';
import { WorkerInspector, assertFlat } from './support/worker-inspector.mjs';

const FRAMES = 300;
/** By then buffers have their final size. */
const WARM_FRAMES = 50;
const MEMORY_TEST_MS = 600_000;

describe('the engine', () => {
  /** @type {import('./support/visit.mjs').Visit} */
  let visit;
  /** @type {() => Promise<void>} */
  let close;
  before(async () => {
    ({ visit, close } = await openAlone('photos'));
    await visit.page.evaluate((base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      Object.assign(window, { photo: new Blob([bytes]) });
    }, (await portrait('astronaut.png')).toString('base64'));
  });
  after(() => close?.());

  test('cancels what waits, what is under way, and what has not begun, and goes on', async () => {
    const outcome = await visit.page.evaluate(async () => {
      const { serfiq, photo } = /** @type {any} */ (window);
      const name = (/** @type {Error} */ error) => error.name;
      const [underWay, waiting] = [new AbortController(), new AbortController()];
      const first = serfiq.score(photo, { signal: underWay.signal }).catch(name);
      const second = serfiq.score(photo, { signal: waiting.signal }).catch(name);
      const third = serfiq.score(photo);
      // The first one is sent already, and cannot be answered before this function waits for something.
      underWay.abort();
      waiting.abort();
      const already = serfiq.score(photo, { signal: AbortSignal.abort() }).catch(name);
      const frame = serfiq.score(await createImageBitmap(photo), { signal: AbortSignal.abort() }).catch(name);
      return { cancelled: await Promise.all([first, second, already, frame]), next: (await third).status };
    });
    assert.deepEqual(outcome, { cancelled: ['AbortError', 'AbortError', 'AbortError', 'AbortError'], next: 'ok' });
  });

  for (const kind of /** @type {const} */ (['canvas', 'img', 'video'])) {
    test(`cancels while the browser still reads the picture of a ${kind}, and closes the picture that comes late`, async () => {
      const outcome = await visit.page.evaluate(async (tag) => {
        const { serfiq } = /** @type {any} */ (window);
        const own = /** @type {any} */ (globalThis);
        const { createImageBitmap, VideoFrame } = own;
        let [arrive, closed] = [(/** @type {object} */ _picture) => {}, false];
        own.createImageBitmap = () => new Promise((resolve) => (arrive = resolve));
        // Without it, the browser makes a bitmap of a video, too.
        delete own.VideoFrame;
        const scored = serfiq.score(document.createElement(tag), { signal: AbortSignal.timeout(100) });
        const name = await Promise.race([scored.catch((/** @type {Error} */ error) => error.name), new Promise((resolve) => setTimeout(resolve, 2000))]);
        arrive({ close: () => (closed = true) });
        await new Promise((resolve) => setTimeout(resolve));
        Object.assign(own, { createImageBitmap, VideoFrame });
        return { name, closed };
      }, kind);
      assert.deepEqual(outcome, { name: 'TimeoutError', closed: true });
    });
  }

  for (const options of [
    { method: 'best' },
    { method: 'mc', passes: 1 },
    { method: 'mc', passes: 1001 },
    { method: 'mc', passes: 2.5 },
    { method: 'limit', passes: 1 },
    { method: 'limit', passes: 5000 },
    { passes: NaN },
    { method: 'mc', passes: 'many' },
    { method: 'mc', seed: -1 },
    { method: 'mc', pases: 10 },
    { standardMeasures: 'yes' },
    { explain: true },
  ]) {
    test(`refuses ${JSON.stringify(options)}`, async () => {
      const error = await visit.page.evaluate(async (chosen) => {
        const { serfiq, photo } = /** @type {any} */ (window);
        return serfiq.score(photo, chosen).then(
          () => null,
          (/** @type {any} */ { name, code, message }) => ({ name, code, message }),
        );
      }, options);
      assert.ok(error, 'it was taken');
      assert.deepEqual([error.name, error.code], ['SerfiqError', 'invalid-option'], error.message);
      const [key, value] = Object.entries(options).at(-1) ?? [];
      assert.ok(
        error.message.includes(String(key)) || error.message.includes(String(value)),
        `expected ${key} or ${value} to be named in: ${error.message}`,
      );
    });
  }

  test('refuses a file that is no picture, and goes on', async () => {
    const [code, status] = await visit.page.evaluate(async () => {
      const { serfiq, photo } = /** @type {any} */ (window);
      const refused = await serfiq.score(new Blob(['This is not a picture.'])).catch((/** @type {any} */ error) => error.code);
      return [refused, (await serfiq.score(photo)).status];
    });
    assert.deepEqual([code, status], ['unreadable-image', 'ok']);
  });

  test('the same photo, method and seed give the same score', async () => {
    const [first, second, other] = await visit.page.evaluate(async () => {
      const { serfiq, photo } = /** @type {any} */ (window);
      const raws = [];
      for (const seed of [7, 7, 8]) raws.push((await serfiq.score(photo, { method: 'mc', passes: 50, seed })).faces[0].raw);
      return raws;
    });
    assert.equal(first, second);
    assert.notEqual(first, other);
  });

  test(`memory is flat over ${FRAMES} frames`, { timeout: MEMORY_TEST_MS }, async (t) => {
    const inspector = await WorkerInspector.attach(visit.page);
    await scoreFrames(visit, WARM_FRAMES);
    const warm = await inspector.memory();
    await scoreFrames(visit, FRAMES - WARM_FRAMES);
    const end = await inspector.memory();
    await inspector.detach();
    t.diagnostic(`after ${WARM_FRAMES} frames ${JSON.stringify(warm)}, after ${FRAMES} ${JSON.stringify(end)}`);
    assertFlat(warm, end);
  });

  test('without a complaint', () => visit.assertClean());

  test('rejects everything once it is closed', async () => {
    const codes = await visit.page.evaluate(async () => {
      const { serfiq, photo } = /** @type {any} */ (window);
      const pending = serfiq.score(photo);
      serfiq.close();
      return Promise.all([pending, serfiq.score(photo)].map((one) => one.catch((/** @type {any} */ error) => error.code)));
    });
    assert.deepEqual(codes, ['closed', 'closed']);
  });
});

/** Scores slightly different frames, as from a camera. @param {import('./support/visit.mjs').Visit} visit @param {number} frames */
async function scoreFrames({ page }, frames) {
  const faces = await page.evaluate(async (count) => {
    const { serfiq, photo } = /** @type {any} */ (window);
    const portrait = await createImageBitmap(photo);
    const canvas = new OffscreenCanvas(640, 480);
    const context = canvas.getContext('2d');
    let found = 0;
    for (let i = 0; i < count; i++) {
      context?.drawImage(portrait, 80 + (i % 20), 0, 480, 480);
      found += (await serfiq.score(canvas.transferToImageBitmap(), { method: 'limit' })).faces.length;
    }
    return found;
  }, frames);
  assert.ok(faces >= frames, `faces in ${faces} of ${frames} frames only`);
}

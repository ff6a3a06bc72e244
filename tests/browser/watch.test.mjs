/** Custom user interfaces: `engine.watch(video)` without the element. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { ElementPage } from './support/element-page.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { WorkerInspector, assertFlat } from './support/worker-inspector.mjs';

/** `cargo xtask bench` watches 10,000. */
const FRAMES = 300;
/** By then buffers have their final size. */
const WARM_FRAMES = 50;
/** The camera gives 20 frames a second, and a busy machine takes fewer. */
const MEMORY_TEST_MS = 300_000;

describe('a watched camera', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Site} */
  let site;
  /** @type {ElementPage} */
  let page;
  before(async () => {
    browser = await launch({ camera: 'face' });
    site = await Site.open(settings.dist);
    page = await ElementPage.open(browser, site, '<video muted playsinline></video>');
    await page.page.evaluate(async () => {
      const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
      await video.play();
      const serfiq = await import(/** @type {string} */ ('/serfiq/index.js'));
      Object.assign(window, { video, engine: await serfiq.createEngine({ backend: 'cpu' }) });
    });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('gives one frame after the other, and in the end the picture', async () => {
    const seen = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const frames = [];
      for await (const frame of engine.watch(video, { crop: true })) {
        frames.push({ ...frame, picture: frame.picture && { size: frame.picture.blob.size, crop: frame.picture.crop.type } });
        if (frame.picture) break;
      }
      return frames;
    });
    assert.ok(seen.length >= 3, `${seen.length} frames`);
    const [first, last] = [seen[0], seen[seen.length - 1]];
    assert.deepEqual([first.status, first.width, first.height, first.instruction], ['ok', 640, 480, 'hold_still']);
    assert.ok(first.measures.face.framing.inter_eye > 80 && first.measures.light.luminance > 0.1, JSON.stringify(first.measures));
    assert.equal(last.capture.state, 'taken');
    assert.ok(last.picture.size > 10_000 && last.picture.crop === 'image/png');
    assert.ok(seen.slice(0, -1).every(({ capture }) => capture.state === 'waiting'));
    const progress = seen.slice(0, -1).map(({ capture }) => capture.progress);
    assert.deepEqual(progress, [...progress].sort((a, b) => a - b), 'the ring goes back though nothing is wrong');
  });

  test('the picture comes once; after a restart there is another', async () => {
    const pictures = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const watch = engine.watch(video);
      const found = [];
      let frames = 0;
      for await (const { picture } of watch) {
        frames += 1;
        if (picture) found.push(frames);
        if (found.length === 1 && frames === found[0] + 5) watch.restart();
        if (found.length === 2) break;
      }
      return found;
    });
    assert.equal(pictures.length, 2);
    assert.ok(pictures[1] > pictures[0] + 5, pictures.join(', '));
  });

  test('take(): the next frame that will do, or any', async () => {
    const outcome = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const watch = engine.watch(video, { guide: { score: { limit: 100, margin: 0 }, capture: null } });
      const strict = watch.take({ signal: AbortSignal.timeout(1500) }).catch((/** @type {Error} */ error) => error.name);
      const lenient = watch.take({ belowThreshold: true });
      const both = Promise.all([strict, lenient]);
      const states = new Set();
      for await (const { capture } of watch) {
        states.add(capture.state);
        if ((await Promise.race([both, null])) !== null) break;
      }
      const after = await watch.take().catch((/** @type {any} */ error) => error.code);
      return { strict: await strict, lenient: (await lenient).report.accepted, states: [...states], after };
    });
    assert.deepEqual(outcome, { strict: 'TimeoutError', lenient: false, states: ['off'], after: 'closed' });
  });

  test('a signal is heard while the browser still reads a frame', async () => {
    const ended = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const own = /** @type {any} */ (globalThis);
      const { createImageBitmap, VideoFrame } = own;
      own.createImageBitmap = () => new Promise(() => {});
      // Without it, the browser makes a bitmap of each frame.
      delete own.VideoFrame;
      const watching = engine.watch(video, { signal: AbortSignal.timeout(500) })[Symbol.asyncIterator]();
      const next = await Promise.race([watching.next(), new Promise((resolve) => setTimeout(resolve, 4000))]);
      Object.assign(own, { createImageBitmap, VideoFrame });
      return next?.done;
    });
    assert.equal(ended, true);
  });

  test('a signal ends the loop of a camera that gives no frames', async () => {
    const frames = await page.page.evaluate(async () => {
      const frozen = document.createElement('video');
      frozen.srcObject = document.createElement('canvas').captureStream();
      let count = 0;
      for await (const _ of /** @type {any} */ (window).engine.watch(frozen, { signal: AbortSignal.timeout(300) })) count += 1;
      return count;
    });
    assert.equal(frames, 0);
  });

  test(`memory is flat over ${FRAMES} frames`, { timeout: MEMORY_TEST_MS }, async (t) => {
    const inspector = await WorkerInspector.attach(page.page);
    await page.page.evaluate(() => {
      const { engine, video } = /** @type {any} */ (window);
      Object.assign(window, { endless: engine.watch(video, { guide: { capture: null } })[Symbol.asyncIterator]() });
    });
    const watch = (/** @type {number} */ frames) =>
      page.page.evaluate(async (count) => {
        for (let i = 0; i < count; i += 1) await /** @type {any} */ (window).endless.next();
      }, frames);
    await watch(WARM_FRAMES);
    const warm = await inspector.memory();
    await watch(FRAMES - WARM_FRAMES);
    const end = await inspector.memory();
    await inspector.detach();
    await page.page.evaluate(() => /** @type {any} */ (window).endless.return());
    t.diagnostic(`after ${WARM_FRAMES} frames ${JSON.stringify(warm)}, after ${FRAMES} ${JSON.stringify(end)}`);
    assertFlat(warm, end);
  });

  test('explains the picture, if it is asked to', async () => {
    const [reports, refused] = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const take = async (/** @type {object} */ options) => {
        for await (const { picture } of engine.watch(video, options)) if (picture) return picture.report;
      };
      const all = [await take({}), await take({ explain: true }), await take({ explain: true, standardMeasures: true })];
      return [all, await take({ explain: 'yes' }).catch((/** @type {any} */ { code, message }) => `${code}: ${message}`)];
    });
    const found = reports.map(({ explanation, standard_measures, mesh }) => [explanation?.reading.length, Boolean(standard_measures), mesh?.length]);
    assert.deepEqual(found, [[undefined, false, undefined], [49, false, undefined], [49, true, 468]]);
    assert.equal('mesh' in reports[1], false);
    const { parts, cover } = reports[1].explanation;
    assert.ok(Math.min(...Object.values(parts).map(Number)) > 0.5 && cover.mouth < 0 && cover.eyes < 0, JSON.stringify({ parts, cover }));
    assert.match(refused, /^invalid-option: explain/);
  });

  test('options may change from frame to frame, and refused ones end it', async () => {
    const outcome = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const watch = engine.watch(video, { method: 'limit' });
      const methods = [];
      for await (const { method, faces } of watch) {
        // A slow machine does not score every frame.
        if (faces[0].raw === null) continue;
        methods.push([method, faces[0].std_error === null]);
        watch.options = { method: 'mc', passes: 20 };
        if (methods.length === 2) break;
      }
      const refused = [];
      for (const options of [{ method: 'mc', passes: 1 }, { method: 'best' }, { guide: { yaw: 3 } }, { guide: { yaw: { limit: 3, margin: -1 } } }]) {
        try {
          for await (const _ of engine.watch(video, options)) break;
          refused.push('accepted');
        } catch (error) {
          refused.push(/** @type {any} */ (error).code);
        }
      }
      return { methods, refused };
    });
    assert.deepEqual(outcome.methods, [['limit', true], ['mc', false]]);
    assert.deepEqual(outcome.refused, ['invalid-option', 'invalid-option', 'invalid-option', 'invalid-option']);
  });

  test('large frames are looked at in a smaller copy, and told of in their own pixels', async () => {
    const [small, large] = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const canvas = document.createElement('canvas');
      const look = async (/** @type {number} */ width, /** @type {number} */ height) => {
        Object.assign(canvas, { width, height });
        canvas.getContext('2d')?.drawImage(still, 0, 0, width, height);
        const stream = canvas.captureStream(30);
        const other = document.createElement('video');
        Object.assign(other, { srcObject: stream, muted: true });
        await other.play();
        // A canvas emits a frame when it is drawn.
        const timer = setInterval(() => canvas.getContext('2d')?.drawImage(still, 0, 0, width, height), 30);
        for await (const frame of engine.watch(other)) {
          // A slow machine does not score every frame.
          if (frame.width !== width || frame.faces[0]?.raw === null) continue;
          clearInterval(timer);
          return frame;
        }
      };
      const still = await createImageBitmap(video);
      return [await look(640, 480), await look(2560, 1920)];
    });
    assert.deepEqual([large.width, large.height], [2560, 1920]);
    // A second look at a still face may differ from the first by some 3 %.
    const ratio = large.measures.face.framing.inter_eye / small.measures.face.framing.inter_eye;
    assert.ok(Math.abs(ratio - 4) < 0.2, `${ratio} times as far apart`);
    for (const i of [0, 1, 2, 3]) assert.ok(Math.abs(large.faces[0].box[i] - 4 * small.faces[0].box[i]) < 16, `${large.faces[0].box} ${small.faces[0].box}`);
    assert.ok(Math.abs(large.faces[0].raw - small.faces[0].raw) < 0.01, `${large.faces[0].raw} ${small.faces[0].raw}`);
  });

  test('every kind of picture can be scored, and is left as it was', async () => {
    const scores = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const bitmap = await createImageBitmap(video);
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(bitmap, 0, 0);
      const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
      offscreen.getContext('2d')?.drawImage(bitmap, 0, 0);
      const blob = await offscreen.convertToBlob();
      const frame = new VideoFrame(canvas, { timestamp: 0 });
      const sources = { bitmap, canvas, offscreen, data: context.getImageData(0, 0, bitmap.width, bitmap.height), blob, frame };
      const raws = Object.fromEntries(
        await Promise.all(Object.entries(sources).map(async ([kind, source]) => [kind, (await engine.score(source)).faces[0].raw])),
      );
      const left = [bitmap.width, frame.codedWidth];
      frame.close();
      const nothing = await engine.score(new Image()).catch((/** @type {any} */ error) => error.code);
      return { raws, left, nothing, video: (await engine.score(video)).faces.length };
    });
    const raws = Object.values(scores.raws);
    for (const raw of raws) assert.ok(Math.abs(Number(raw) - Number(raws[0])) < 1e-3, JSON.stringify(scores.raws));
    assert.deepEqual([scores.left, scores.nothing, scores.video], [[640, 640], 'unreadable-image', 1]);
  });

  test('the jitter of a face, as points', async () => {
    const { sharp, blurred, again, nobody } = await page.page.evaluate(async () => {
      const { engine, video } = /** @type {any} */ (window);
      const still = await createImageBitmap(video);
      const copy = async (/** @type {string} */ filter) => {
        const canvas = new OffscreenCanvas(still.width, still.height);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        context.filter = filter;
        context.drawImage(still, 0, 0);
        return canvas.convertToBlob();
      };
      const original = await copy('none');
      return {
        sharp: await engine.jitter(original),
        again: await engine.jitter(original),
        blurred: await engine.jitter(await copy('blur(9px)'), { passes: 50 }),
        nobody: await engine.jitter(await copy('brightness(0)')),
      };
    });
    assert.deepEqual([sharp.points.length, blurred.points.length, nobody], [100, 50, null]);
    assert.deepEqual(again.points, sharp.points, 'the same masks, and not the same points');
    const reach = (/** @type {any} */ { points }) => Math.sqrt(points.reduce((/** @type {number} */ sum, /** @type {number[]} */ [x, y]) => sum + x * x + y * y, 0) / points.length);
    assert.ok(blurred.raw < sharp.raw && reach(blurred) > 1.2 * reach(sharp), `${reach(blurred)} ${reach(sharp)}`);
  });

  test('without a complaint', () => page.assertClean());
});

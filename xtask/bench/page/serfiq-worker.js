import { readable } from '/serfiq/worker/pictures.js';
import { openThreads, runThread } from '/serfiq/worker/threads.js';

import { answerWith, backend, bytesOf, threads } from './contender.js';

/** A camera's frame: the portrait as if held up to a camera, 640 x 480. */
const FRAME = { width: 640, height: 480 };
/** Of the portrait, in pixels: left, top, width, height. */
const HEAD = [93, 27, 256, 192];
const FRAMES_APART_MS = 50;

const module = backend === 'webgpu' ? 'serfiq_webgpu' : threads > 1 ? 'serfiq_cpu_threads' : 'serfiq_cpu';

// As in the engine's worker: its other threads run this same script.
self.addEventListener('message', async ({ data }) => {
  if (data.kind === 'hello') self.postMessage('ready');
  if (data.kind === 'thread') await runThread(await import(`/serfiq/pkg/${module}.js`), data);
});

answerWith(async () => {
  const wasm = await import(`/serfiq/pkg/${module}.js`);
  const { Engine, Watch, models } = wasm;
  const { memory } = await wasm.default({ module_or_path: fetch(`/serfiq/pkg/${module}_bg.wasm`) });
  if (threads > 1) await openThreads(wasm, threads);
  // The first recogniser, the default of `createEngine`.
  const cards = ['recogniser', 'detector', 'landmarks'].map((role) => models().find((model) => model.role === role));
  const [recogniser, detector, mesh] = await Promise.all(cards.map(({ file }) => bytesOf(`/serfiq/models/${file}`)));
  const lost = (message) => console.error(`GPU lost: ${message}`);
  const engine = await Engine.load(cards[0].name, recogniser, undefined, detector, mesh, backend, lost);
  const crop = await bytesOf('/bench/data/crop.rgb');
  const watch = new Watch(engine);
  const portrait = await createImageBitmap(new Blob([await bytesOf('/bench/portraits/astronaut.png')]));
  const camera = new VideoFrame(pictureOf(portrait, FRAME.width, FRAME.height, 1), { timestamp: 0 });
  /** Makes a job for each number. @param {string} of @param {number[]} numbers @param {(number: number) => () => Promise<number[]>} job */
  const each = (of, numbers, job) => Object.fromEntries(numbers.map((number) => [`${of}-${number}`, job(number)]));
  const score = (picture) => async () => {
    const bitmap = await createImageBitmap(picture);
    const { faces } = await engine.scorePicture(bitmap, { method: 'limit' });
    bitmap.close();
    return faces.map(({ raw }) => raw);
  };
  let frames = 0;
  return {
    about: engine.info(),
    jobs: {
      embed: () => engine.embed(crop),
      limit: async () => [(await engine.scoreCrop(crop, { method: 'limit' })).raw],
      mc: async () => [(await engine.scoreCrop(crop, { method: 'mc', passes: 100, seed: 0 })).raw],
      ...each('passes', [2, 10, 100, 400], (passes) => async () => [(await engine.scoreCrop(crop, { method: 'mc', passes, seed: 0 })).raw]),
      ...each('faces', [1, 2, 4, 8, 16], (faces) => score(pictureOf(portrait, 1280, 960, faces, 4))),
      ...each('side', [320, 640, 1280, 2560], (side) => score(pictureOf(portrait, side, (side * 3) / 4, 1))),
      memory: () => [memory.buffer.byteLength],
      frame: async () => {
        const time = FRAMES_APART_MS * frames++;
        const { width, height } = FRAME;
        // Requested explicitly, so that it is scored even on a slow machine.
        const report = await watch.next(engine, await readable(camera), width, height, time, 'scored', { method: 'limit' });
        return [report.faces[0].raw];
      },
    },
  };
});

/**
 * Draws the portrait once per face, in a grid of `across` columns.
 * @param {ImageBitmap} portrait @param {number} width @param {number} height @param {number} faces @param {number} across
 */
function pictureOf(portrait, width, height, faces, across = 1) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  for (let face = 0; face < faces; face += 1) {
    const [x, y] = [face % across, Math.floor(face / across)];
    context.drawImage(portrait, ...HEAD, (x * width) / across, (y * height) / across, width / across, height / across);
  }
  return canvas;
}

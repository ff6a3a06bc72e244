/**
 * The engine's thread: loads the engine, then answers one request at a time.
 *
 * Request `{ id, kind, ... }`; answer `{ id, result }` or `{ id, error: { code, message, reason } }`. Unsolicited messages: `{ progress }` while
 * loading; `{ fault: { code, message } }` when this worker becomes unusable; `{ faults: port }`, a port on which more faults may arrive.
 * The page sends a request only after the previous answer, so no queue is needed here.
 *
 * With threads, each additional thread is another instance of this worker. It answers `hello` and perhaps `count`; its last request is
 * `thread`.
 */

import { checkCanvas } from './worker/canvas-check.js';
import { codeOf, describe } from './worker/errors.js';
import { load } from './worker/load.js';
import { modules } from './worker/module.js';
import { bitmapOf, bytesOf } from './worker/pictures.js';
import { countTogether } from './worker/parallelism.js';
import { runThread } from './worker/threads.js';
import { cropOf, endWatch, watchFrame } from './worker/watched.js';

/** @import { GuideSettings, Report, ScoreSettings } from './types.js' */

/**
 * How a picture is assessed.
 * @typedef {{ options: ScoreSettings, guide?: GuideSettings, standardMeasures: boolean, explain: boolean }} How
 */

/** @type {any} the generated module, once loaded */
let wasm = null;
/** @type {any} the wasm-bindgen `Engine`, once loaded */
let engine = null;

/** @type {Record<string, (request: any) => unknown>} */
const handlers = {
  load: async (request) => {
    const loaded = await load(request, {
      onProgress: (progress) => self.postMessage({ progress }),
      onDeviceLost: (message) => self.postMessage({ fault: { code: 'gpu-lost', message } }),
    });
    ({ wasm, engine } = loaded);
    return { info: loaded.info, models: loaded.models };
  },

  /** @param {{ photo: Blob } & How} request */
  photo: async ({ photo, options, guide, standardMeasures, explain }) =>
    engine.scorePhoto(await bytesOf(photo), options, guide, standardMeasures, explain),

  /** @param {{ picture: ImageBitmap | VideoFrame } & How} request */
  picture: async ({ picture, options, guide, standardMeasures, explain }) => {
    const bitmap = await bitmapOf(picture);
    try {
      checkCanvas();
      return await engine.scorePicture(bitmap, options, guide, standardMeasures, explain);
    } finally {
      bitmap.close();
    }
  },

  /** @param {{ photo: Blob, options: ScoreSettings }} request */
  jitter: async ({ photo, options }) => engine.jitter(await bytesOf(photo), options),

  /** @param {{ picture: ImageBitmap, report: Report }} request */
  crop: async ({ picture, report }) => {
    try {
      checkCanvas();
      return await cropOf(engine, picture, report);
    } finally {
      picture.close();
    }
  },

  frame: (request) => watchFrame(wasm, engine, request),
  hello: () => 'ready',
  count: ({ memory }) => countTogether(memory),
  thread: (request) => runThread(modules.cpuThreads.wasm, request),
  unwatch: ({ watch }) => endWatch(watch),
};

self.addEventListener('message', async ({ data }) => {
  try {
    const result = await handlers[data.kind](data);
    self.postMessage({ id: data.id, result });
  } catch (error) {
    self.postMessage({ id: data.id, error: describe(error) });
  }
});

// A panic inside a Rust future reaches no caller. Without this handler, the request would wait for ever.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  // Errors with a code are answers to requests; an error without one is a trap.
  if (codeOf(event.reason) === undefined) self.postMessage({ fault: describe(event.reason) });
});

/**
 * The engine's thread: loads, then answers one request after the other.
 *
 * Request `{ id, kind, ... }`; answer `{ id, result }` or `{ id, error: { code, message } }`. Unasked messages: `{ progress }` while
 * loading, `{ fault: { code, message } }` when this worker is of no more use. The engine sends a request only when the last one was
 * answered, so nothing here waits in a queue. `{ faults: port }` hands the page a port on which there may be more of the last.
 *
 * Where there are threads, each of the others is this worker once more, with a single request of the kind `thread`.
 */

import { codeOf, describe } from './worker/errors.js';
import { load } from './worker/load.js';
import { modules } from './worker/module.js';
import { bitmapOf, bytesOf } from './worker/pictures.js';
import { runThread } from './worker/threads.js';
import { endWatch, watchFrame } from './worker/watched.js';

/** @import { GuideSettings, ScoreSettings } from './types.js' */

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

  /** @param {{ photo: Blob, options: ScoreSettings, guide?: GuideSettings }} request */
  photo: async ({ photo, options, guide }) => engine.scorePhoto(await bytesOf(photo), options, guide),

  /** @param {{ picture: ImageBitmap | VideoFrame, options: ScoreSettings, guide?: GuideSettings }} request */
  picture: async ({ picture, options, guide }) => {
    const bitmap = await bitmapOf(picture);
    try {
      return await engine.scorePicture(bitmap, options, guide);
    } finally {
      bitmap.close();
    }
  },

  /** @param {{ photo: Blob, options: ScoreSettings }} request */
  jitter: async ({ photo, options }) => engine.jitter(await bytesOf(photo), options),

  frame: (request) => watchFrame(wasm, engine, request),
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

// A panic inside a Rust future is thrown at nobody: without this the request would wait for ever.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  // Errors with a code are answers to requests; whatever has none is a trap.
  if (codeOf(event.reason) === undefined) self.postMessage({ fault: describe(event.reason) });
});

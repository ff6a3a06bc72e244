/**
 * The engine's thread: fetches the WebAssembly module and the models, then answers one request after the other.
 *
 * Request `{ id, kind: 'load' | 'frame' | 'photo', ... }`; answer `{ id, result }` or `{ id, error: { code, message } }`.
 * Unasked messages: `{ progress }` while loading, `{ fault: { code, message } }` when this worker is of no more use.
 * The client sends a scoring request only when the last one was answered, so nothing here waits in a queue.
 */

/** @import { BackendChoice, ModelCard, Progress, ScoreOptions } from './types.js' */

/** Raise the number when the meaning of an entry changes; older caches are then removed. */
const CACHE_NAME = 'serfiq-models-1';
const CACHE_PREFIX = 'serfiq-models-';

/** An error of this worker's own, with the code that the page goes by. */
class WorkerError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @type {any} the wasm-bindgen `Engine`, once loaded */
let engine = null;

const handlers = {
  load,
  /** @param {{ picture: ImageBitmap | VideoFrame, options: ScoreOptions }} request */
  frame: async ({ picture, options }) => engine.scoreFrame(await bitmapOf(picture), options),
  /** @param {{ photo: Blob, options: ScoreOptions }} request */
  photo: async ({ photo, options }) => engine.scorePhoto(await bytesOf(photo), options),
};

self.addEventListener('message', async ({ data }) => {
  try {
    const result = await handlers[/** @type {keyof typeof handlers} */ (data.kind)](data);
    self.postMessage({ id: data.id, result });
  } catch (error) {
    self.postMessage({ id: data.id, error: describe(error) });
  }
});

// A panic inside a Rust future is thrown at nobody: without this the request would wait for ever.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  self.postMessage({ fault: describe(event.reason) });
});

/** @param {{ backend: BackendChoice }} request */
async function load({ backend }) {
  const wasm = await loadModule();
  /** @type {ModelCard[]} */
  const models = wasm.models();
  const cache = await openCache();
  const files = await fetchModels(models, cache);

  report({ what: 'starting', loaded: 0, total: null });
  /** @param {ModelCard['role']} role */
  const bytesFor = (role) => files[models.findIndex((model) => model.role === role)];
  try {
    engine = await wasm.Engine.load(bytesFor('recogniser'), bytesFor('detector'), backend, onDeviceLost);
  } catch (error) {
    // A file that was refused must be fetched anew when the user tries again.
    if (codeOf(error) === 'model-hash') await Promise.all(models.map((model) => cache?.delete(cacheKey(model))));
    throw error;
  }
  // Only what the engine has accepted is kept.
  if (cache) await Promise.all(models.map((model, i) => keep(cache, model, files[i])));
  return { info: engine.info(), models };
}

/** @param {string} message */
function onDeviceLost(message) {
  self.postMessage({ fault: { code: 'gpu-lost', message } });
}

/** The generated module, its WebAssembly compiled while it arrives. */
async function loadModule() {
  const url = new URL('./pkg/serfiq_bg.wasm', import.meta.url);
  const response = await fetchFile(url, 'serfiq_bg.wasm', 'engine-fetch');
  const total = bodyLength(response);
  // The copy is read for its length only, so that the browser may compile the original as it streams in.
  const counted = readAll(response.clone(), (loaded) => report({ what: 'engine', loaded, total }));
  try {
    const wasm = await import(new URL('./pkg/serfiq.js', import.meta.url).href);
    await Promise.all([wasm.default({ module_or_path: response }), counted]);
    return wasm;
  } catch (error) {
    counted.catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkerError('engine-fetch', `The scoring engine (pkg/serfiq.js, pkg/serfiq_bg.wasm) did not load: ${reason}.`);
  }
}

/**
 * All model files, from the cache or from the server, in the order of `models`.
 * @param {ModelCard[]} models
 * @param {Cache | null} cache
 * @returns {Promise<Uint8Array[]>}
 */
async function fetchModels(models, cache) {
  const total = models.reduce((sum, model) => sum + model.bytes, 0);
  const loaded = models.map(() => 0);
  return Promise.all(
    models.map(async (model, i) => {
      const kept = await cache?.match(cacheKey(model));
      const url = new URL(`./models/${model.file}`, import.meta.url);
      // With a cache of our own, the browser's would only keep everything twice, and wrong bytes for longer.
      const init = /** @type {RequestInit} */ ({ cache: cache ? 'no-store' : 'default' });
      const response = kept ?? (await fetchFile(url, model.file, 'model-fetch', init));
      try {
        return await readAll(response, (bytes) => {
          loaded[i] = bytes;
          report({ what: 'models', loaded: loaded.reduce((sum, one) => sum + one, 0), total });
        });
      } catch {
        throw new WorkerError('model-fetch', `The connection broke while ${model.file} was being fetched. Try again.`);
      }
    }),
  );
}

/**
 * @param {URL} url
 * @param {string} file the name to give in errors
 * @param {string} code of the error
 * @param {RequestInit} [init]
 */
async function fetchFile(url, file, code, init) {
  let response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new WorkerError(code, `${file} could not be fetched: the server did not answer. Check the connection and try again.`);
  }
  if (!response.ok) {
    throw new WorkerError(code, `${file} could not be fetched: the server answered with HTTP status ${response.status}, expected 200.`);
  }
  return response;
}

/**
 * @param {Response} response
 * @param {(bytes: number) => void} onBytes called with the number of bytes so far
 */
async function readAll(response, onBytes) {
  if (!response.body) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    onBytes(bytes.length);
    return bytes;
  }
  const reader = response.body.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    chunks.push(chunk.value);
    length += chunk.value.length;
    onBytes(length);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The body's length, or null where it is unknown: a compressed body is longer than its header says. @param {Response} response */
function bodyLength(response) {
  const length = Number(response.headers.get('content-length'));
  return length > 0 && !response.headers.has('content-encoding') ? length : null;
}

/** @param {Progress} progress */
function report(progress) {
  self.postMessage({ progress });
}

/** The models' cache, or null where the browser has none (plain HTTP, some private windows): loading works without. */
async function openCache() {
  try {
    for (const name of await caches.keys()) {
      if (name.startsWith(CACHE_PREFIX) && name !== CACHE_NAME) await caches.delete(name);
    }
    return await caches.open(CACHE_NAME);
  } catch {
    return null;
  }
}

/** @param {ModelCard} model */
function cacheKey(model) {
  return new URL(`./models/${model.file}?sha256=${model.sha256}`, import.meta.url).href;
}

/** @param {Cache} cache @param {ModelCard} model @param {Uint8Array} bytes */
async function keep(cache, model, bytes) {
  try {
    if (!(await cache.match(cacheKey(model)))) await cache.put(cacheKey(model), new Response(/** @type {BlobPart} */ (bytes)));
  } catch {
    // A full disk costs the next visit a download, nothing more.
  }
}

/** @param {ImageBitmap | VideoFrame} picture */
async function bitmapOf(picture) {
  if (picture instanceof ImageBitmap) return picture;
  try {
    return await createImageBitmap(picture);
  } catch {
    throw new WorkerError('unreadable-image', 'The camera’s picture could not be read. Start the camera again.');
  } finally {
    picture.close();
  }
}

/** @param {Blob} photo */
async function bytesOf(photo) {
  try {
    return new Uint8Array(await photo.arrayBuffer());
  } catch {
    throw new WorkerError('unreadable-image', 'The file could not be read. It may have been moved or changed since it was chosen.');
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {{ code?: unknown } | null} */ (error)?.code;
}

/** @param {unknown} error @returns {{ code: string, message: string }} */
function describe(error) {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (typeof code === 'string') return { code, message };
  // Whatever comes without a code is a trap of the WebAssembly instance, which cannot be used again.
  return { code: 'engine-died', message: `The scoring engine stopped: ${message}.` };
}

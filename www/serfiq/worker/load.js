import { assets } from '../assets.js';
import { WorkerError, codeOf } from './errors.js';
import { bodyLength, fetchFile, readAll } from './fetch.js';
import { choose, modules, webgpuRest } from './module.js';
import { provideRest } from './rest.js';
import { openThreads } from './threads.js';

/** @import { BackendChoice, ModelCard, Progress } from '../types.js' */

/** Raise the number when the meaning of an entry changes; older caches are then removed. */
const CACHE_NAME = 'serfiq-models-1';
const CACHE_PREFIX = 'serfiq-models-';

/**
 * Fetches the WebAssembly module and the models, and starts the engine.
 * @param {{ backend: BackendChoice, model?: string, assetBase?: string, mayThread: boolean }} request
 * @param {{ onProgress: (progress: Progress) => void, onDeviceLost: (message: string) => void }} listeners
 */
export async function load({ backend, model, assetBase, mayThread }, { onProgress, onDeviceLost }) {
  const { name, threads, reason } = await choose(backend, mayThread);
  const { wasm } = modules[name];
  const exports = await loadModule(name, assetBase, onProgress);
  if (name === 'webgpu') provideRest({ ...exports }, placeOf(webgpuRest, assetBase));
  if (name === 'cpuThreads') openThreads(modules[name].wasm, threads);
  const models = pick(wasm.models(), model);
  const [recogniser, detector] = models;
  const cache = await openCache();
  const files = await fetchModels(models, assetBase, cache, onProgress);

  onProgress({ what: 'starting', loaded: 0, total: null });
  let engine;
  try {
    engine = await wasm.Engine.load(recogniser.name, files[0], files[1], name === 'webgpu' ? backend : 'cpu', onDeviceLost);
  } catch (error) {
    // A file that was refused must be fetched anew when the user tries again.
    if (codeOf(error) === 'model-hash') await Promise.all(models.map((one) => cache?.delete(cacheKey(one))));
    throw error;
  }
  // Only what the engine has accepted is kept.
  if (cache) await Promise.all(models.map((one, i) => keep(cache, one, files[i])));
  const [info, module] = [engine.info(), placeOf(modules[name], assetBase).href];
  return { wasm, engine, info: { ...info, threads, module, fallbackReason: info.fallbackReason ?? reason }, models };
}

/**
 * The recogniser, then the detector.
 * @param {ModelCard[]} models
 * @param {string} [name] of the recogniser
 */
function pick(models, name) {
  const recognisers = models.filter(({ role }) => role === 'recogniser');
  const recogniser = name === undefined ? recognisers[0] : recognisers.find((one) => one.name === name);
  const detector = models.find(({ role }) => role === 'detector');
  if (recogniser && detector) return [recogniser, detector];
  const known = recognisers.map((one) => `'${one.name}'`).join(', ');
  throw new WorkerError('invalid-option', `model is '${name}'; this build has ${known || 'no calibrated recogniser'}.`);
}

/**
 * WebAssembly, compiled while it arrives; returns what it exports.
 * @param {keyof typeof modules} name
 * @param {string | undefined} assetBase
 * @param {(progress: Progress) => void} onProgress
 */
async function loadModule(name, assetBase, onProgress) {
  const { file, wasm } = modules[name];
  const response = await fetchFile(placeOf(modules[name], assetBase), file, 'engine-fetch');
  const total = bodyLength(response);
  // The copy is read for its length only, so that the browser may compile the original as it streams in.
  const counted = readAll(response.clone(), (loaded) => onProgress({ what: 'engine', loaded, total }));
  try {
    const [exports] = await Promise.all([wasm.default({ module_or_path: response }), counted]);
    return exports;
  } catch (error) {
    counted.catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkerError('engine-fetch', `The scoring engine (${file}) did not load: ${reason}.`);
  }
}

/** Where a module lies. @param {{ file: string, url: () => URL }} module @param {string | undefined} assetBase */
function placeOf({ file, url }, assetBase) {
  return assetBase === undefined ? url() : new URL(`pkg/${file}`, assetBase);
}

/**
 * All model files, from the cache or from the server, in the order of `models`.
 * @param {ModelCard[]} models
 * @param {string | undefined} assetBase
 * @param {Cache | null} cache
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<Uint8Array[]>}
 */
async function fetchModels(models, assetBase, cache, onProgress) {
  const total = models.reduce((sum, model) => sum + model.bytes, 0);
  const loaded = models.map(() => 0);
  return Promise.all(
    models.map(async (model, i) => {
      const kept = await cache?.match(cacheKey(model));
      const url = assetBase === undefined ? assets.models[model.file]() : new URL(`models/${model.file}`, assetBase);
      // With a cache of our own, the browser's would only keep everything twice, and wrong bytes for longer.
      const init = /** @type {RequestInit} */ ({ cache: cache ? 'no-store' : 'default' });
      const response = kept ?? (await fetchFile(url, model.file, 'model-fetch', init));
      try {
        return await readAll(response, (bytes) => {
          loaded[i] = bytes;
          onProgress({ what: 'models', loaded: loaded.reduce((sum, one) => sum + one, 0), total });
        });
      } catch {
        throw new WorkerError('model-fetch', `The connection broke while ${model.file} was being fetched. Try again.`);
      }
    }),
  );
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

/** By what the file is, not by where it lies: a name that no server answers to. @param {ModelCard} model */
function cacheKey(model) {
  return new URL(`/serfiq-models/${model.file}?sha256=${model.sha256}`, self.location.origin).href;
}

/** @param {Cache} cache @param {ModelCard} model @param {Uint8Array} bytes */
async function keep(cache, model, bytes) {
  try {
    if (!(await cache.match(cacheKey(model)))) await cache.put(cacheKey(model), new Response(/** @type {BlobPart} */ (bytes)));
  } catch {
    // A full disk costs the next visit a download, nothing more.
  }
}

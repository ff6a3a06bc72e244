import { WorkerError, codeOf } from './errors.js';
import { bodyLength, fetchFile, readAll } from './fetch.js';
import { BuiltInModel, OwnModel, detectorOf, openCache, readModels, recogniserOf } from './models.js';
import { choose, modules, webgpuRest } from './module.js';
import { provideRest } from './rest.js';
import { openThreads } from './threads.js';

/** @import { OwnFiles } from '../own-recogniser.js' */
/** @import { BackendChoice, EngineInfo, ModelCard, Progress } from '../types.js' */

/**
 * Fetches the WebAssembly module and the models, and starts the engine.
 * @param {{ backend: BackendChoice, model?: string, recogniser?: OwnFiles, assetBase?: string, mayThread: boolean }} request
 * @param {{ onProgress: (progress: Progress) => void, onDeviceLost: (message: string) => void }} listeners
 */
export async function load({ backend, model, recogniser: own, assetBase, mayThread }, { onProgress, onDeviceLost }) {
  const { name, threads, reason } = await choose(backend, mayThread);
  const { wasm } = modules[name];
  const exports = await loadModule(name, assetBase, onProgress);
  if (name === 'webgpu') provideRest({ ...exports }, placeOf(webgpuRest, assetBase));
  if (name === 'cpuThreads') openThreads(modules[name].wasm, threads);
  const [cards, cache] = [wasm.models(), await openCache()];
  const recogniser = own ? new OwnModel(own) : new BuiltInModel(recogniserOf(cards, model), assetBase, cache);
  const models = [recogniser, new BuiltInModel(detectorOf(cards), assetBase, cache)];
  const [files, card] = await Promise.all([readModels(models, onProgress), recogniser.card()]);

  onProgress({ what: 'starting', loaded: 0, total: null });
  let engine;
  try {
    engine = await wasm.Engine.load(recogniser.name, files[0], card, files[1], name === 'webgpu' ? backend : 'cpu', onDeviceLost);
  } catch (error) {
    // A rejected file must be fetched again on the next attempt.
    if (codeOf(error) === 'model-hash') await Promise.all(models.map((one) => one.forget()));
    throw error;
  }
  // Only files that the engine has accepted are cached.
  await Promise.all(models.map((one, i) => one.keep(files[i])));
  const [told, module] = [engine.info(), placeOf(modules[name], assetBase).href];
  /** @type {EngineInfo} */
  const info = { ...told, threads, module, fallbackReason: told.fallbackReason ?? reason };
  return { wasm, engine, info, models: models.map((one, i) => one.describe(info, files[i])) };
}

/**
 * Compiles a WebAssembly module as it streams in, and returns its exports.
 * @param {keyof typeof modules} name
 * @param {string | undefined} assetBase
 * @param {(progress: Progress) => void} onProgress
 */
async function loadModule(name, assetBase, onProgress) {
  const { file, wasm } = modules[name];
  const response = await fetchFile(placeOf(modules[name], assetBase), file, 'engine-fetch');
  const total = bodyLength(response);
  // The clone is read only to count its bytes, so that the browser can compile the original as it streams in.
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

/** Returns a module's URL. @param {{ file: string, url: () => URL }} module @param {string | undefined} assetBase */
function placeOf({ file, url }, assetBase) {
  return assetBase === undefined ? url() : new URL(`pkg/${file}`, assetBase);
}

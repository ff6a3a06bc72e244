import { reuseBindGroups } from './bind-groups.js';
import { codeOf, messageOf } from './errors.js';
import { NoAnswer, answerOf, bodyLength, checkContent, fetchFile, readAll, unexpected } from './fetch.js';
import { BuiltInModel, OwnModel, modelFor, openCache, readModels, recogniserOf } from './models.js';
import { choose, modules, webgpuRest } from './module.js';
import { provideRest } from './rest.js';
import { openThreads } from './threads.js';

/** @import { OwnFiles } from '../own-recogniser.js' */
/** @import { BackendChoice, EngineInfo, ModelCard, Progress } from '../types.js' */
/** @import { Wanted } from './fetch.js' */

/**
 * Fetches the WebAssembly module and the models, and starts the engine.
 * @param {{ backend: BackendChoice, model?: string, recogniser?: OwnFiles, landmarks: boolean, assetBase?: string, mayThread: boolean }} request
 * @param {{ onProgress: (progress: Progress) => void, onDeviceLost: (message: string) => void }} listeners
 */
export async function load({ backend, model, recogniser: own, landmarks, assetBase, mayThread }, { onProgress, onDeviceLost }) {
  const chosen = await choose(backend, mayThread);
  const { name, exports } = await loadChosen(chosen.name, assetBase, onProgress);
  const { wasm } = modules[name];
  if (name === 'webgpu') reuseBindGroups();
  if (name === 'webgpu') provideRest({ ...exports }, placeOf(webgpuRest, assetBase));
  const [cards, cache] = [wasm.models(), await openCache()];
  const recogniser = own ? new OwnModel(own) : new BuiltInModel(recogniserOf(cards, model), assetBase, cache);
  const others = landmarks ? [modelFor(cards, 'detector'), modelFor(cards, 'landmarks')] : [modelFor(cards, 'detector')];
  const models = [recogniser, ...others.map((one) => new BuiltInModel(one, assetBase, cache))];
  const [files, card, threads] = await Promise.all([
    readModels(models, onProgress),
    recogniser.card(),
    name === 'cpuThreads' ? openThreads(modules[name].wasm, chosen.threads) : 1,
  ]);

  onProgress({ what: 'starting', loaded: 0, total: null });
  let engine;
  try {
    const [network, detector, mesh] = files;
    engine = await wasm.Engine.load(recogniser.name, network, card, detector, mesh, name === 'webgpu' ? backend : 'cpu', onDeviceLost);
  } catch (error) {
    // A rejected file must be fetched again on the next attempt.
    if (codeOf(error) === 'model-hash') await Promise.all(models.map((one) => one.forget()));
    throw error;
  }
  // Only files that the engine has accepted are cached.
  await Promise.all(models.map((one, i) => one.keep(files[i])));
  const [told, module] = [engine.info(), placeOf(modules[name], assetBase).href];
  const fallbackReason = told.fallbackReason ?? chosen.fallback?.reason ?? null;
  const fallbackCode = told.fallbackReason ? 'webgpu-failed' : (chosen.fallback?.code ?? null);
  /** @type {EngineInfo} */
  const info = { ...told, threads, module, fallbackReason, fallbackCode };
  return { wasm, engine, info, models: models.map((one, i) => one.describe(info, files[i])) };
}

/**
 * Loads the chosen module. Offline, a page's service worker may have only the module without threads, which then takes its place.
 * @param {keyof typeof modules} name
 * @param {string | undefined} assetBase
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<{ name: keyof typeof modules, exports: any }>}
 */
async function loadChosen(name, assetBase, onProgress) {
  try {
    return { name, exports: await loadModule(name, assetBase, onProgress) };
  } catch (error) {
    if (name !== 'cpuThreads' || !(error instanceof NoAnswer)) throw error;
    return { name: 'cpu', exports: await loadModule('cpu', assetBase, onProgress) };
  }
}

/**
 * Compiles a WebAssembly module as it streams in, and returns its exports.
 * @param {keyof typeof modules} name
 * @param {string | undefined} assetBase
 * @param {(progress: Progress) => void} onProgress
 */
async function loadModule(name, assetBase, onProgress) {
  /** @type {Wanted} */
  const wanted = { url: placeOf(modules[name], assetBase), expected: 'a WebAssembly module', code: 'engine-fetch', ours: true };
  const response = await fetchFile(wanted);
  const [answer, total] = [answerOf(response), bodyLength(response)];
  // The clone is read only to count its bytes, so that the browser can compile the original as it streams in.
  const counted = readAll(response.clone(), (loaded) => onProgress({ what: 'engine', loaded, total }));
  try {
    const [exports] = await Promise.all([modules[name].wasm.default({ module_or_path: response }), counted]);
    return exports;
  } catch (error) {
    checkContent(wanted, answer, await counted.catch(() => new Uint8Array(0)));
    throw unexpected(wanted, answer, messageOf(error));
  }
}

/** Returns a module's URL. @param {{ file: string, url: () => URL }} module @param {string | undefined} assetBase */
function placeOf({ file, url }, assetBase) {
  return assetBase === undefined ? url() : new URL(`pkg/${file}`, assetBase);
}

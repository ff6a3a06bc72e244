import { createEngine } from '../engine.js';

/** @import { Engine } from '../engine.js' */
/** @import { EngineOptions, Progress } from '../types.js' */

/** How long an engine that nobody uses is kept, in milliseconds: an element that moves within a page must not load anew. */
const LINGER_MS = 2000;

/**
 * @typedef {object} Shared
 * @property {Promise<Engine>} ready
 * @property {AbortController} loading
 * @property {Set<(progress: Progress) => void>} listeners
 * @property {number} users
 * @property {ReturnType<typeof setTimeout> | 0} farewell
 */

/** @type {Map<string, Shared>} */
const engines = new Map();

/** What one element has of an engine that it may share with others. */
export class EngineLoan {
  #key;
  #shared;
  #onProgress;

  /** @param {Pick<EngineOptions, 'backend' | 'model' | 'assetBase'>} options @param {(progress: Progress) => void} onProgress */
  constructor(options, onProgress) {
    this.#key = JSON.stringify([options.backend, options.model, options.assetBase]);
    this.#shared = engines.get(this.#key) ?? load(this.#key, options);
    this.#onProgress = onProgress;
    clearTimeout(this.#shared.farewell);
    this.#shared.users += 1;
    this.#shared.listeners.add(onProgress);
  }

  /** The engine, once it is loaded. @returns {Promise<Engine>} */
  get ready() {
    return this.#shared.ready;
  }

  /** Gives the engine back. The last one to do so ends it. */
  release() {
    const shared = this.#shared;
    if (!shared.listeners.delete(this.#onProgress)) return;
    shared.users -= 1;
    if (shared.users === 0) shared.farewell = setTimeout(() => end(this.#key, shared), LINGER_MS);
  }
}

/** @param {string} key @param {Pick<EngineOptions, 'backend' | 'model' | 'assetBase'>} options @returns {Shared} */
function load(key, options) {
  const loading = new AbortController();
  /** @type {Shared['listeners']} */
  const listeners = new Set();
  const ready = createEngine({
    ...options,
    signal: loading.signal,
    onProgress: (progress) => listeners.forEach((listener) => listener(progress)),
  });
  /** @type {Shared} */
  const shared = { ready, loading, listeners, users: 0, farewell: 0 };
  engines.set(key, shared);
  const forget = () => {
    if (engines.get(key) === shared) engines.delete(key);
  };
  // Whoever starts next gets a new one.
  ready.then((engine) => engine.addEventListener('enginefailure', forget), forget);
  return shared;
}

/** @param {string} key @param {Shared} shared */
function end(key, shared) {
  if (engines.get(key) === shared) engines.delete(key);
  shared.loading.abort();
  shared.ready.then(
    (engine) => engine.close(),
    () => {},
  );
}

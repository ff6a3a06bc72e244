import { createEngine } from '../engine.js';
import { ownFiles } from '../own-recogniser.js';

/** @import { Engine } from '../engine.js' */
/** @import { EngineOptions, Progress } from '../types.js' */

/** How long an unused engine is kept, in milliseconds, so that moving an element within the page does not reload it. */
const LINGER_MS = 2000;

/**
 * @typedef {object} Shared
 * @property {Promise<Engine>} ready
 * @property {AbortController} loading
 * @property {Set<(progress: Progress) => void>} listeners
 * @property {number} users
 * @property {ReturnType<typeof setTimeout> | 0} farewell
 */

/** @typedef {Pick<EngineOptions, 'backend' | 'model' | 'recogniser' | 'landmarks' | 'assetBase'>} LoanOptions */

/** @type {Map<string, Shared>} */
const engines = new Map();

/** A number for each file, used to distinguish files. @type {WeakMap<Blob, number>} */
const numbers = new WeakMap();
let nextNumber = 1;

/** A loan of an engine that the elements of the page, and the page itself, may share: with equal options there is one. */
export class EngineLoan {
  #key;
  #shared;
  #onProgress;

  /** @param {LoanOptions} options @param {(progress: Progress) => void} onProgress @throws {SerfiqError} `invalid-option` */
  constructor(options, onProgress) {
    this.#key = keyOf(options);
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

  /** The next loan gets a new engine. */
  distrust() {
    forget(this.#key, this.#shared);
  }

  /** Releases the loan. The last release closes the engine. */
  release() {
    const shared = this.#shared;
    if (!shared.listeners.delete(this.#onProgress)) return;
    shared.users -= 1;
    if (shared.users === 0) shared.farewell = setTimeout(() => end(this.#key, shared), LINGER_MS);
  }
}

/** Returns the key by which engines are shared: addresses and cards by content, files by identity. @param {LoanOptions} options */
function keyOf({ backend, model, recogniser, landmarks, assetBase }) {
  const files = recogniser && ownFiles(recogniser);
  return JSON.stringify([backend, model, files, landmarks, assetBase], (_, value) => (value instanceof Blob ? numberOf(value) : value));
}

/** @param {Blob} blob */
function numberOf(blob) {
  const number = numbers.get(blob) ?? nextNumber++;
  numbers.set(blob, number);
  return number;
}

/** @param {string} key @param {LoanOptions} options @returns {Shared} */
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
  const failed = () => forget(key, shared);
  // The next loan gets a new engine.
  ready.then((engine) => engine.addEventListener('enginefailure', failed), failed);
  return shared;
}

/** @param {string} key @param {Shared} shared */
function forget(key, shared) {
  if (engines.get(key) === shared) engines.delete(key);
}

/** @param {string} key @param {Shared} shared */
function end(key, shared) {
  forget(key, shared);
  shared.loading.abort();
  shared.ready.then(
    (engine) => engine.close(),
    () => {},
  );
}

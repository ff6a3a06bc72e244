import { availableParallelism } from 'node:os';

import { SerfiqError } from '../errors.js';
import { checkPasses } from '../methods.js';
import { abortable } from '../promises.js';
import { compiledEngine } from './package-files.js';
import { pictureOf } from './pictures.js';
import { readRecogniser } from './recogniser.js';
import { ThreadPool } from './thread-pool.js';

/** @import { EngineInfo, Explained, ModelCard, ScoreOptions, Scored } from '../types.js' */
/** @import { PictureFile } from './pictures.js' */
/** @import { OwnRecogniserFiles } from './recogniser.js' */
/** @import { Loaded } from './thread.js' */

/**
 * @typedef {object} NodeEngineOptions
 * @property {string} [model] name of a recogniser in this build; the first by default
 * @property {OwnRecogniserFiles} [recogniser] a recogniser of your own, in place of `model`
 * @property {boolean} [landmarks] whether the pose comes from 468 landmarks instead of the detector's five; true by default
 * @property {number} [workers] the most pictures scored at the same time, each on a thread of its own; by default the number of processors, but
 *   at most 4. The first thread starts with the engine, another only when all are busy
 * @property {AbortSignal} [signal]
 */

/** By default: each thread needs memory for the models. */
const MAX_WORKERS = 4;

/**
 * Loads the engine and its models from this package's files, on a worker thread. Nothing is fetched.
 * @param {NodeEngineOptions} [options]
 * @returns {Promise<Engine>}
 * @throws {SerfiqError} with code `model-fetch`, `model-hash`, `model-invalid`, `engine-fetch`, `engine-died` or `invalid-option`; with the
 * signal's reason if it aborts
 */
export async function createEngine({ model, recogniser, landmarks = true, workers = Math.min(availableParallelism(), MAX_WORKERS), signal, ...rest } = {}) {
  for (const key of Object.keys(rest)) {
    throw new SerfiqError('invalid-option', `There is no option '${key}' in Node; expected model, recogniser, landmarks, workers or signal.`);
  }
  if (model !== undefined && recogniser !== undefined) {
    throw new SerfiqError('invalid-option', 'Both model and recogniser are set; expected one of them.');
  }
  if (!Number.isInteger(workers) || workers < 1) {
    throw new SerfiqError('invalid-option', `workers is ${workers}; expected a whole number from 1.`);
  }
  signal?.throwIfAborted();
  const files = Promise.all([compiledEngine(), recogniser === undefined ? undefined : readRecogniser(recogniser)]);
  const [module, own] = await abortable(files, signal);
  const pool = new ThreadPool({ module, model, recogniser: own, landmarks }, workers);
  return new Engine(pool, await pool.open(signal));
}

/** The scoring engine in Node. Make one with `createEngine()`. */
export class Engine {
  #pool;
  #loaded;

  /** For `createEngine` only. @internal @param {ThreadPool} pool @param {Loaded} loaded */
  constructor(pool, loaded) {
    this.#pool = pool;
    this.#loaded = loaded;
  }

  /** Model and methods in use. @returns {EngineInfo} */
  get info() {
    return this.#loaded.info;
  }

  /** The models in use, with their licences: the recogniser, the detector, the landmarks. @returns {ModelCard[]} */
  get models() {
    return this.#loaded.models;
  }

  /**
   * Scores every face in a picture, and reports what is wrong with the picture, judged by its largest face. Pictures are scored in the order
   * of the calls, several at the same time; waiting for one never blocks the event loop.
   * @param {PictureFile} picture
   * @param {ScoreOptions} [options]
   * @returns {Promise<Scored>}
   * @throws {SerfiqError} with code `unreadable-image`, `invalid-option`, `not-finite`, `engine-died` or `closed`; with the signal's reason if
   * it aborts
   */
  async score(picture, options) {
    return this.#assess(picture, false, options);
  }

  /**
   * Scores a picture as `score()` does, and explains the score of the largest face: where on the face the recogniser reads, and how much.
   * @param {PictureFile} picture
   * @param {ScoreOptions} [options]
   * @returns {Promise<Explained>}
   * @throws {SerfiqError} as `score()`; with code `invalid-option` also for a recogniser whose features do not lie on a grid over the face
   */
  async explain(picture, options) {
    return this.#assess(picture, true, options);
  }

  /** @param {PictureFile} picture @param {boolean} explain @param {ScoreOptions} [options] @returns {Promise<Explained>} */
  async #assess(picture, explain, { signal, guide, standardMeasures = false, ...options } = {}) {
    checkPasses(options);
    return this.#pool.request({ picture: pictureOf(picture), options, guide, standardMeasures, explain }, signal);
  }

  /**
   * Ends the threads, and frees their memory. Pending calls reject with code `closed`. An engine that has nothing to do does not keep the
   * process alive, so a program may end without it.
   */
  close() {
    this.#pool.close(new SerfiqError('closed', 'This engine has been closed. Create another one to continue.'));
  }
}

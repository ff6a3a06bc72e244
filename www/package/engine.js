import { baseUrl } from './base-url.js';
import { SerfiqError, isFatal } from './errors.js';
import { checkPasses } from './methods.js';
import { ownFiles } from './own-recogniser.js';
import { ofOtherOrigin, pictureOf } from './pictures.js';
import { abortable } from './promises.js';
import { Watch } from './watch.js';
import { WorkerLink } from './worker-link.js';
import { packageFolder } from './worker-script.js';

/** @import { OwnFiles } from './own-recogniser.js' */
/** @import { PictureSource } from './pictures.js' */
/** @import { EngineInfo, EngineOptions, Explained, Jitter, ModelCard, Progress, ScoreOptions, Scored, WatchOptions } from './types.js' */

/**
 * Loads the engine and its models in a worker. Progress is reported in bytes. After a failure, call it again to retry.
 * @param {EngineOptions} [options]
 * @returns {Promise<Engine>}
 * @throws {SerfiqError} with code `model-fetch`, `model-hash`, `model-invalid`, `engine-fetch`, `engine-died`,
 * `webgpu-unavailable` or `invalid-option`; with the signal's reason if it aborts
 */
export async function createEngine({ backend = 'auto', model, recogniser, landmarks = true, assetBase, onProgress, signal } = {}) {
  if (model !== undefined && recogniser !== undefined) {
    throw new SerfiqError('invalid-option', 'Both model and recogniser are set; expected one of them.');
  }
  /** @type {Load} */
  const load = {
    backend,
    model,
    recogniser: recogniser === undefined ? undefined : ownFiles(recogniser),
    landmarks,
    assetBase: assetBase === undefined ? undefined : folderUrl(assetBase),
    mayThread: true,
  };
  try {
    return new Engine(await openEngine(load, onProgress, signal), load);
  } catch (error) {
    // A load with `webgpu` never falls back to the CPU. If the engine died, the retry runs without threads.
    if (backend === 'webgpu' || !isFatal(error)) throw error;
    const onCpu = await openEngine(afterFault(load, error), onProgress, signal);
    onCpu.info = { ...onCpu.info, ...fallbackOf(error) };
    return new Engine(onCpu, load);
  }
}

/**
 * @typedef {object} Job
 * @property {object} message
 * @property {(ImageBitmap | VideoFrame)[]} transfer
 * @property {number} attempts how many more times it may be sent: a photo is sent again after the loss of a worker, a frame is not
 * @property {(result: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/**
 * The scoring engine. Make one with `createEngine()`.
 *
 * Events:
 * - `enginelost`: the GPU was lost or the engine died; a replacement is starting on the CPU. `event.detail.error` says why.
 * - `backendchange`: the replacement has started; `info` is updated, and `info.fallbackReason` says what happened.
 * - `enginefailure`: the replacement could not start; from now on every call rejects with `event.detail.error`.
 */
export class Engine extends EventTarget {
  #engine;
  #load;
  /** @type {Job[]} */
  #queue = [];
  #working = false;
  /** Why this engine accepts no more work. @type {SerfiqError | null} */
  #ended = null;

  /** For `createEngine` only. @internal @param {OpenEngine} engine @param {Load} load */
  constructor(engine, load) {
    super();
    this.#engine = engine;
    this.#load = load;
    this.#followFaults();
  }

  /** Backend, model and methods in use. @returns {EngineInfo} */
  get info() {
    return this.#engine.info;
  }

  /** The models in use, with their licences: the recogniser, the detector, the landmarks. @returns {ModelCard[]} */
  get models() {
    return this.#engine.models;
  }

  /**
   * Scores every face in a picture, and reports what is wrong with the picture, judged by its largest face. The engine decodes files to
   * the same pixels as the command line; the browser decodes everything else. The source is neither changed nor closed.
   * @param {PictureSource} source
   * @param {ScoreOptions} [options]
   * @returns {Promise<Scored>}
   * @throws {SerfiqError} with code `unreadable-image`, `pixels-hidden`, `invalid-option`, `not-finite` or that of a lost engine
   */
  async score(source, options) {
    return this.#assess(source, false, options);
  }

  /**
   * Scores a picture as `score()` does, and explains the score of the largest face: where on the face the recogniser reads, and how much.
   * `drawExplanation()` draws it over the picture.
   * @param {PictureSource} source
   * @param {ScoreOptions} [options]
   * @returns {Promise<Explained>}
   * @throws {SerfiqError} as `score()`; with code `invalid-option` also for a recogniser whose features do not lie on a grid over the face
   */
  async explain(source, options) {
    return this.#assess(source, true, options);
  }

  /** @param {PictureSource} source @param {boolean} explain @param {ScoreOptions} [options] @returns {Promise<Explained>} */
  async #assess(source, explain, { signal, guide, standardMeasures = false, ...options } = {}) {
    signal?.throwIfAborted();
    checkPasses(options);
    const how = { options, guide, standardMeasures, explain };
    if (source instanceof Blob) return this.submit({ kind: 'photo', photo: source, ...how }, [], 2, signal);
    // If the signal aborts first, `submit` closes the picture that arrives late.
    const report = pictureOf(source).then((picture) => this.submit({ kind: 'picture', picture, ...how }, [picture], 1, signal));
    return abortable(report, signal);
  }

  /**
   * Watches a camera: measures and scores frame by frame, and guides the person to a picture.
   * @param {HTMLVideoElement} video
   * @param {WatchOptions} [options]
   * @returns {Watch} an async iterable: `for await (const frame of engine.watch(video))`
   */
  watch(video, options) {
    return new Watch(this, video, options);
  }

  /**
   * Returns how dropout moves the embedding of a photo's largest face, as points in the plane of greatest variation.
   * @param {Blob} photo
   * @param {{ passes?: number, seed?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Jitter | null>} null if there is no face
   */
  async jitter(photo, { signal, ...options } = {}) {
    checkPasses(options);
    return this.submit({ kind: 'jitter', photo, options: { method: 'mc', ...options } }, [], 2, signal);
  }

  /** Terminates the worker, and frees its memory and the GPU's. Pending calls reject with code `closed`. */
  close() {
    this.#end(new SerfiqError('closed', 'This engine has been closed. Create another one to continue.'));
  }

  /**
   * For this package's modules only.
   * @internal
   * @param {object} message @param {Job['transfer']} transfer @param {number} attempts @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  submit(message, transfer, attempts, signal) {
    return new Promise((resolve, reject) => {
      /** @type {Job} */
      const job = { message, transfer, attempts, resolve, reject };
      if (this.#ended) return discard(job), reject(this.#ended);
      const abandon = () => {
        const place = this.#queue.indexOf(job);
        if (place >= 0) this.#queue.splice(place, 1).forEach(discard);
        // A job already sent runs to completion; its answer is ignored, because the promise is already settled.
        job.attempts = 0;
        reject(signal?.reason);
      };
      if (signal?.aborted) return discard(job), abandon();
      signal?.addEventListener('abort', abandon, { once: true });
      const settle = () => signal?.removeEventListener('abort', abandon);
      job.resolve = (result) => (settle(), resolve(result));
      job.reject = (error) => (settle(), reject(error));
      this.#queue.push(job);
      this.#work();
    });
  }

  /** Sends the jobs one at a time; a lost worker is replaced first. */
  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#ended) {
        const { fault } = this.#engine.link;
        if (fault) await this.#replaceWorker(fault);
        const job = this.#queue.shift();
        if (!job) break;
        await this.#send(job);
      }
    } catch (error) {
      this.#end(/** @type {SerfiqError} */ (error));
      this.dispatchEvent(new CustomEvent('enginefailure', { detail: { error } }));
    } finally {
      this.#working = false;
    }
  }

  /** @param {Job} job */
  async #send(job) {
    job.attempts -= 1;
    try {
      job.resolve(await this.#engine.link.request(job.message, job.transfer));
    } catch (error) {
      if (isFatal(error) && job.attempts > 0) this.#queue.unshift(job);
      else job.reject(inWords(error));
    }
  }

  /** @param {SerfiqError} fault */
  async #replaceWorker(fault) {
    this.dispatchEvent(new CustomEvent('enginelost', { detail: { error: fault } }));
    const engine = await openEngine(afterFault(this.#load, fault));
    if (this.#ended) return engine.link.stop(this.#ended);
    if (engine.info.modelSha256 !== this.info.modelSha256) {
      const changed = new SerfiqError('model-hash', `The file of the recogniser ${this.info.model} has changed since it was loaded first.`);
      engine.link.stop(changed);
      throw changed;
    }
    this.#engine = { ...engine, info: { ...engine.info, ...fallbackOf(fault) } };
    this.#followFaults();
    this.dispatchEvent(new Event('backendchange'));
  }

  /** The worker may also be lost while it is idle. */
  #followFaults() {
    this.#engine.link.onfault = () => this.#work();
  }

  /** @param {SerfiqError} reason */
  #end(reason) {
    this.#ended = reason;
    this.#engine.link.stop(reason);
    for (const job of this.#queue.splice(0)) {
      discard(job);
      job.reject(reason);
    }
  }
}

/**
 * What an engine is loaded from, initially and after the loss of its worker.
 * @typedef {object} Load
 * @property {string} backend
 * @property {string | undefined} model
 * @property {OwnFiles | undefined} recogniser
 * @property {boolean} landmarks
 * @property {URL | undefined} assetBase
 * @property {boolean} mayThread
 */

/** @typedef {{ link: WorkerLink, info: EngineInfo, models: ModelCard[] }} OpenEngine */

/**
 * @param {Load} load
 * @param {(progress: Progress) => void} [onProgress]
 * @param {AbortSignal} [signal]
 * @returns {Promise<OpenEngine>}
 */
async function openEngine({ assetBase, ...load }, onProgress, signal) {
  signal?.throwIfAborted();
  const folder = assetBase ?? (await abortable(packageFolder(), signal));
  const link = new WorkerLink(folder, onProgress);
  const abort = () => link.stop(signal?.reason);
  signal?.addEventListener('abort', abort);
  try {
    const { info, models } = await link.request({ kind: 'load', ...load, assetBase: assetBase?.href });
    return { link, info, models };
  } catch (error) {
    link.stop(/** @type {SerfiqError} */ (error));
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Returns the safe fallback: the CPU, on one thread if the engine died. @param {Load} load @param {SerfiqError} fault @returns {Load} */
function afterFault(load, fault) {
  return { ...load, backend: 'cpu', mayThread: load.mayThread && fault.code !== 'engine-died' };
}

/** Returns the part of the engine's info that says why it was replaced. @param {SerfiqError} fault */
function fallbackOf({ code, message }) {
  return { fallbackCode: /** @type {EngineInfo['fallbackCode']} */ (code), fallbackReason: message };
}

/** Returns a folder's URL; adds a missing final slash. @param {string | URL} assetBase */
function folderUrl(assetBase) {
  try {
    const url = new URL(assetBase, baseUrl());
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  } catch {
    throw new SerfiqError('invalid-option', `assetBase is '${assetBase}', which is not an address; expected one such as '/static/serfiq/'.`);
  }
}

/** Closes the pictures of a job that will not be sent, because cameras have few buffers. @param {Job} job */
function discard({ transfer }) {
  for (const picture of transfer) picture.close();
}

/** @param {unknown} error */
function inWords(error) {
  return error instanceof DOMException && error.name === 'DataCloneError' ? ofOtherOrigin() : error;
}

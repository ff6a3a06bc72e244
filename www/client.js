/**
 * serfiq for your own page: face image quality, scored in a worker on the visitor's own device.
 * See README.md in this folder for an example.
 */

/** @import { BackendChoice, EngineInfo, ModelCard, Progress, Result, ScoreOptions } from './types.js' */

/**
 * What went wrong: `code` for programs, `message` for people.
 *
 * Codes: `unreadable-image`, `model-fetch`, `model-hash`, `model-invalid`, `engine-fetch`, `engine-died`, `gpu-lost`,
 * `webgpu-unavailable`, `invalid-option`, `not-finite`, `closed`.
 */
export class SerfiqError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = 'SerfiqError';
    this.code = code;
  }
}

/** After one of these the worker is of no more use. */
const FATAL = new Set(['gpu-lost', 'engine-died']);

/**
 * One worker and its answers. Every request is settled, also when the worker dies.
 */
class WorkerLink {
  #worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'serfiq' });
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #pending = new Map();
  #onProgress;
  /** Why the worker cannot be used any more. @type {SerfiqError | null} */
  fault = null;
  /** Called once, when `fault` has been set. @type {(() => void) | null} */
  onfault = null;

  /** @param {(progress: Progress) => void} [onProgress] */
  constructor(onProgress) {
    this.#onProgress = onProgress;
    this.#worker.addEventListener('message', ({ data }) => this.#receive(data));
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.stop(new SerfiqError('engine-died', `The scoring engine stopped: ${event.message || 'its worker did not start'}.`));
    });
    this.#worker.addEventListener('messageerror', () => {
      this.stop(new SerfiqError('engine-died', 'The scoring worker sent an answer that cannot be read.'));
    });
  }

  /** @param {any} message */
  #receive({ id, result, error, progress, fault }) {
    if (progress) return this.#onProgress?.(progress);
    const problem = fault ?? error;
    const failure = problem && new SerfiqError(problem.code, problem.message);
    if (failure && FATAL.has(failure.code)) return this.stop(failure);
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    if (failure) request?.reject(failure);
    else request?.resolve(result);
  }

  /** @param {object} message @param {Transferable[]} [transfer] @returns {Promise<any>} */
  request(message, transfer = []) {
    if (this.fault) return Promise.reject(this.fault);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...message }, transfer);
    });
  }

  /** Ends the worker and rejects what it still owed. @param {SerfiqError} reason */
  stop(reason) {
    if (this.fault) return;
    this.fault = reason;
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
    this.onfault?.();
  }
}

/**
 * @typedef {object} Job
 * @property {object} message
 * @property {(ImageBitmap | VideoFrame)[]} transfer
 * @property {number} attempts how often it may still be sent: a photo survives the loss of a worker, a frame is gone with it
 * @property {(result: Result) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/**
 * The scoring engine. Make one with `Serfiq.load()`.
 *
 * Events:
 * - `enginelost`: the GPU was lost or the engine died; a new one is being started on the CPU. `event.detail.error` says why.
 * - `backendchange`: it has started; `info` is new and `info.fallbackReason` says what happened.
 * - `enginefailure`: it could not be started; every call rejects from now on with `event.detail.error`.
 */
export class Serfiq extends EventTarget {
  #engine;
  /** @type {Job[]} */
  #queue = [];
  #working = false;
  /** Why this engine takes no more work. @type {SerfiqError | null} */
  #ended = null;

  /**
   * Loads engine and models. Progress is told in bytes; a failed load can simply be tried again.
   * @param {{ backend?: BackendChoice, onProgress?: (progress: Progress) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<Serfiq>}
   * @throws {SerfiqError} with code `model-fetch`, `model-hash`, `model-invalid`, `engine-fetch` or `engine-died`
   */
  static async load({ backend = 'auto', onProgress, signal } = {}) {
    try {
      return new Serfiq(await openEngine(backend, onProgress, signal));
    } catch (error) {
      if (backend !== 'auto' || !isFatal(error)) throw error;
      const onCpu = await openEngine('cpu', onProgress, signal);
      onCpu.info = { ...onCpu.info, fallbackReason: error.message };
      return new Serfiq(onCpu);
    }
  }

  /** For `load` only. @param {OpenEngine} engine */
  constructor(engine) {
    super();
    this.#engine = engine;
    this.#watch();
  }

  /** Backend, model and methods in use. @returns {EngineInfo} */
  get info() {
    return this.#engine.info;
  }

  /** The models in use, with their licences. @returns {ModelCard[]} */
  get models() {
    return this.#engine.models;
  }

  /**
   * Scores the largest face of one frame; other faces come with `null` scores. A bitmap is taken and closed.
   * @param {HTMLVideoElement | ImageBitmap} source
   * @param {ScoreOptions & { signal?: AbortSignal }} [options]
   * @returns {Promise<Result>}
   */
  async scoreFrame(source, { signal, ...options } = {}) {
    signal?.throwIfAborted();
    const picture = source instanceof ImageBitmap ? source : await grab(source);
    return this.#submit({ kind: 'frame', picture, options }, [picture], 1, signal);
  }

  /**
   * Scores every face of a JPEG, PNG or WebP file.
   * @param {Blob} photo
   * @param {ScoreOptions & { signal?: AbortSignal }} [options]
   * @returns {Promise<Result>}
   */
  async scorePhoto(photo, { signal, ...options } = {}) {
    return this.#submit({ kind: 'photo', photo, options }, [], 2, signal);
  }

  /** Ends the worker. What has not been answered rejects with code `closed`. */
  close() {
    this.#end(new SerfiqError('closed', 'This engine has been closed. Load another one to go on.'));
  }

  /**
   * @param {object} message @param {Job['transfer']} transfer @param {number} attempts @param {AbortSignal} [signal]
   * @returns {Promise<Result>}
   */
  #submit(message, transfer, attempts, signal) {
    return new Promise((resolve, reject) => {
      /** @type {Job} */
      const job = { message, transfer, attempts, resolve, reject };
      if (this.#ended) return discard(job), reject(this.#ended);
      const abandon = () => {
        const place = this.#queue.indexOf(job);
        if (place >= 0) this.#queue.splice(place, 1).forEach(discard);
        // One that is being answered is let finish: its answer finds a promise already settled.
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

  /** Sends one job after the other, and replaces the worker first where it has been lost. */
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
      else job.reject(error);
    }
  }

  /** @param {SerfiqError} fault */
  async #replaceWorker(fault) {
    this.dispatchEvent(new CustomEvent('enginelost', { detail: { error: fault } }));
    const engine = await openEngine('cpu');
    if (this.#ended) return engine.link.stop(this.#ended);
    this.#engine = { ...engine, info: { ...engine.info, fallbackReason: fault.message } };
    this.#watch();
    this.dispatchEvent(new Event('backendchange'));
  }

  /** The worker may be lost while nothing is asked of it. */
  #watch() {
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

/** @typedef {{ link: WorkerLink, info: EngineInfo, models: ModelCard[] }} OpenEngine */

/**
 * @param {BackendChoice} backend
 * @param {(progress: Progress) => void} [onProgress]
 * @param {AbortSignal} [signal]
 * @returns {Promise<OpenEngine>}
 */
async function openEngine(backend, onProgress, signal) {
  signal?.throwIfAborted();
  const link = new WorkerLink(onProgress);
  const abort = () => link.stop(signal?.reason);
  signal?.addEventListener('abort', abort);
  try {
    const { info, models } = await link.request({ kind: 'load', backend });
    return { link, info, models };
  } catch (error) {
    link.stop(/** @type {SerfiqError} */ (error));
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** @param {unknown} error @returns {error is SerfiqError} */
function isFatal(error) {
  return error instanceof SerfiqError && FATAL.has(error.code);
}

/** Gives back the picture of a job that is not sent: cameras have few buffers. @param {Job} job */
function discard({ transfer }) {
  for (const picture of transfer) picture.close();
}

/**
 * The video's present picture. A VideoFrame is a handle that costs the page's thread nothing: the worker reads its pixels.
 * Where there are none, or the video shows its frames turned, the browser has to make a bitmap here.
 * @param {HTMLVideoElement} video
 */
async function grab(video) {
  try {
    if ('VideoFrame' in globalThis) {
      const frame = new VideoFrame(video);
      if (frame.displayWidth === video.videoWidth && frame.displayHeight === video.videoHeight) return frame;
      frame.close();
    }
    return await createImageBitmap(video);
  } catch {
    throw new SerfiqError('unreadable-image', 'The video has no picture yet. Wait for its first frame.');
  }
}

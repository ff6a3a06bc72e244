import { Worker } from 'node:worker_threads';

import { SerfiqError, isFatal } from '../errors.js';
import { messageOf, sentence } from '../worker/errors.js';

/** @import { OwnFiles } from '../own-recogniser.js' */
/** @import { EngineInfo, Explained, GuideSettings, ModelCard, ScoreSettings } from '../types.js' */

/**
 * What a thread is started with. `module` is the engine's, compiled: TypeScript knows the name of that type only in a page.
 * @typedef {{ module: object, model: string | undefined, recogniser: OwnFiles | undefined, landmarks: boolean }} Start
 */
/** What a thread has loaded. @typedef {{ info: EngineInfo, models: ModelCard[] }} Loaded */
/**
 * @typedef {object} Request
 * @property {string | Uint8Array | Blob} picture
 * @property {ScoreSettings} options
 * @property {GuideSettings | undefined} guide
 * @property {boolean} standardMeasures
 * @property {boolean} explain
 */

const SCRIPT = new URL('./worker.js', import.meta.url);

/** One worker thread, which answers one request at a time. Every request settles, even if the thread dies. */
export class Thread {
  #worker;
  /** The pending request. @type {{ resolve: (result: any) => void, reject: (error: Error) => void } | null} */
  #pending = null;
  /** Why the thread can no longer be used. @type {SerfiqError | null} */
  fault = null;
  /** Called once, when `fault` has been set. @type {(() => void) | null} */
  onfault = null;
  /** Resolves when the engine is loaded. @type {Promise<Loaded>} */
  loaded;

  /** @param {Start} start @throws {SerfiqError} `engine-fetch` if no thread can be started */
  constructor(start) {
    this.#worker = startWorker(start);
    this.#worker.on('message', (answer) => this.#receive(answer));
    this.#worker.on('error', ({ message }) => this.stop(died(message)));
    this.#worker.on('messageerror', ({ message }) => this.stop(died(message)));
    this.#worker.on('exit', (code) => this.stop(died(`its thread ended with code ${code}`)));
    this.loaded = this.#answer();
  }

  /** @param {Request} request @returns {Promise<Explained>} */
  async request(request) {
    if (this.fault) throw this.fault;
    const answer = this.#send(request);
    // A thread keeps the process alive only while it works.
    this.#worker.ref();
    return answer;
  }

  /** Ends the thread, and rejects the pending request. @param {SerfiqError} reason */
  stop(reason) {
    if (this.fault) return;
    this.fault = reason;
    this.#worker.terminate();
    this.#settle()?.reject(reason);
    this.onfault?.();
  }

  /** @param {Request} request */
  #send(request) {
    try {
      this.#worker.postMessage(request);
    } catch (error) {
      throw new SerfiqError('invalid-option', `The options cannot be sent to a thread: ${sentence(messageOf(error))}`);
    }
    return this.#answer();
  }

  /** @returns {Promise<any>} */
  #answer() {
    return new Promise((resolve, reject) => (this.#pending = { resolve, reject }));
  }

  /** @param {{ result?: unknown, error?: { code: string, message: string, reason?: SerfiqError['reason'] } }} answer */
  #receive({ result, error }) {
    const failure = error && new SerfiqError(error.code, error.message, error.reason);
    if (isFatal(failure)) return this.stop(failure);
    const pending = this.#settle();
    if (failure) pending?.reject(failure);
    else pending?.resolve(result);
  }

  #settle() {
    this.#worker.unref();
    const pending = this.#pending;
    this.#pending = null;
    return pending;
  }
}

/** @param {Start} start */
function startWorker(start) {
  try {
    // Without the options of the program's own command line, such as `--input-type`, which do not suit the script.
    return new Worker(SCRIPT, { workerData: start, execArgv: [], name: 'serfiq' });
  } catch (error) {
    // Memory or threads are used up, or the program runs without the permission to start any.
    throw new SerfiqError('engine-fetch', `The scoring engine’s thread could not be started: ${sentence(messageOf(error))}`);
  }
}

/** @param {string} why */
function died(why) {
  return new SerfiqError('engine-died', `The scoring engine stopped: ${sentence(why)}`);
}

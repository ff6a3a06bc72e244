import { SerfiqError, isFatal } from './errors.js';
import { sentence } from './worker/errors.js';
import { whyNotStarted } from './worker/fetch.js';
import { startWorker } from './worker-script.js';

/** @import { Progress } from './types.js' */

/**
 * One worker and its pending requests. Every request settles, even if the worker dies.
 */
export class WorkerLink {
  #worker;
  #url;
  /** Whether the worker has sent a message. A worker that loaded sends one before it can fail. */
  #heard = false;
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #pending = new Map();
  #onProgress;
  /** Why the worker can no longer be used. @type {SerfiqError | null} */
  fault = null;
  /** Called once, when `fault` has been set. @type {(() => void) | null} */
  onfault = null;

  /** @param {URL | null} folder as for `startWorker` @param {(progress: Progress) => void} [onProgress] */
  constructor(folder, onProgress) {
    const { worker, url } = startWorker(folder);
    this.#worker = worker;
    this.#url = url;
    this.#onProgress = onProgress;
    this.#worker.addEventListener('message', ({ data }) => this.#receive(data));
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (this.#heard) this.stop(new SerfiqError('engine-died', `The scoring engine stopped: ${sentence(event.message || 'no reason is known')}`));
      else this.#explain(event.message);
    });
    this.#worker.addEventListener('messageerror', () => {
      this.stop(new SerfiqError('engine-died', 'The scoring worker sent an answer that cannot be read.'));
    });
  }

  /** @param {any} message */
  #receive({ id, result, error, progress, fault, faults }) {
    this.#heard = true;
    if (progress) return this.#onProgress?.(progress);
    if (faults) return void (faults.onmessage = (/** @type {MessageEvent} */ { data }) => this.#receive(data));
    const problem = fault ?? error;
    const failure = problem && new SerfiqError(problem.code, problem.message, problem.reason);
    if (isFatal(failure)) return this.stop(failure);
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    if (failure) request?.reject(failure);
    else request?.resolve(result);
  }

  /** Stops a worker whose script did not load, and finds out why. @param {string | undefined} message the browser's message */
  async #explain(message) {
    this.stop(new SerfiqError('engine-fetch', await whyNotStarted(this.#url, message)));
  }

  /** @param {object} message @param {Transferable[]} [transfer] @returns {Promise<any>} */
  request(message, transfer = []) {
    if (this.fault) return Promise.reject(this.fault);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // Sent before it is recorded as pending: a message that cannot be sent rejects at once.
      this.#worker.postMessage({ id, ...message }, transfer);
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Terminates the worker and rejects its pending requests. @param {SerfiqError} reason */
  stop(reason) {
    if (this.fault) return;
    this.fault = reason;
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
    this.onfault?.();
  }
}

import { SerfiqError, isFatal } from '../errors.js';
import { Thread } from './thread.js';

/** @import { Scored } from '../types.js' */
/** @import { Loaded, Request, Start } from './thread.js' */

/**
 * @typedef {object} Job
 * @property {Request} request
 * @property {number} attempts how many more times it may be sent: it is sent again after the loss of a thread
 * @property {(result: Scored) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** Threads that take the jobs in order. A thread is started only when all others are busy; a lost one is replaced when there is work. */
export class ThreadPool {
  #start;
  #most;
  /** @type {Set<Thread>} */
  #threads = new Set();
  /** The threads that have loaded, and have nothing to do. @type {Thread[]} */
  #idle = [];
  /** @type {Job[]} */
  #queue = [];
  /** Why no more work is accepted. @type {SerfiqError | null} */
  #ended = null;

  /** @param {Start} start @param {number} most number of threads */
  constructor(start, most) {
    this.#start = start;
    this.#most = most;
  }

  /** Starts the first thread. @param {AbortSignal} [signal] @returns {Promise<Loaded>} */
  async open(signal) {
    signal?.throwIfAborted();
    const thread = this.#add();
    const abort = () => thread.stop(signal?.reason);
    signal?.addEventListener('abort', abort);
    try {
      return await thread.loaded;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** @param {Request} request @param {AbortSignal} [signal] @returns {Promise<Scored>} */
  request(request, signal) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(signal.reason);
      const settled = () => signal?.removeEventListener('abort', abandon);
      /** @type {Job} */
      const job = {
        request,
        attempts: 2,
        resolve: (result) => (settled(), resolve(result)),
        reject: (error) => (settled(), reject(error)),
      };
      const abandon = () => {
        this.#queue = this.#queue.filter((other) => other !== job);
        // A job already sent runs to completion; its answer is ignored, because the promise is already settled.
        job.attempts = 0;
        job.reject(signal?.reason);
      };
      signal?.addEventListener('abort', abandon);
      this.#queue.push(job);
      this.#work();
    });
  }

  /** @param {SerfiqError} reason */
  close(reason) {
    this.#ended ??= reason;
    for (const thread of this.#threads) thread.stop(reason);
    this.#rejectAll(reason);
  }

  #work() {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      this.#send(/** @type {Thread} */ (this.#idle.pop()), /** @type {Job} */ (this.#queue.shift()));
    }
    if (this.#queue.length === 0 || this.#threads.size >= this.#most) return;
    try {
      this.#add();
    } catch (error) {
      this.#doWithout(error);
    }
  }

  /** Starts a thread, which then takes part in the work. */
  #add() {
    const thread = new Thread(this.#start);
    this.#threads.add(thread);
    thread.onfault = () => {
      this.#threads.delete(thread);
      this.#idle = this.#idle.filter((other) => other !== thread);
    };
    thread.loaded.then(
      () => this.#rest(thread),
      (error) => {
        thread.stop(error);
        this.#doWithout(error);
      },
    );
    return thread;
  }

  /** A thread did not start: this machine has no memory for more. The others do the work, if there are any. @param {unknown} error */
  #doWithout(error) {
    if (this.#threads.size > 0) this.#most = this.#threads.size;
    else this.#rejectAll(error);
  }

  /** @param {Thread} thread */
  #rest(thread) {
    if (!thread.fault) this.#idle.push(thread);
    this.#work();
  }

  /** @param {Thread} thread @param {Job} job */
  async #send(thread, job) {
    job.attempts -= 1;
    try {
      job.resolve(await thread.request(job.request));
    } catch (error) {
      if (isFatal(error) && job.attempts > 0) this.#queue.unshift(job);
      else job.reject(error);
    }
    this.#rest(thread);
  }

  /** @param {unknown} reason */
  #rejectAll(reason) {
    for (const job of this.#queue.splice(0)) job.reject(reason);
  }
}

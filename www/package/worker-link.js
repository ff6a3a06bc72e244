import { SerfiqError, isFatal } from './errors.js';

/** @import { Progress } from './types.js' */

/**
 * One worker and its pending requests. Every request settles, even if the worker dies.
 */
export class WorkerLink {
  #worker;
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #pending = new Map();
  #onProgress;
  /** Why the worker can no longer be used. @type {SerfiqError | null} */
  fault = null;
  /** Called once, when `fault` has been set. @type {(() => void) | null} */
  onfault = null;

  /** @param {URL | undefined} assetBase @param {(progress: Progress) => void} [onProgress] */
  constructor(assetBase, onProgress) {
    this.#worker = startWorker(assetBase);
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
  #receive({ id, result, error, progress, fault, faults }) {
    if (progress) return this.#onProgress?.(progress);
    if (faults) return void (faults.onmessage = (/** @type {MessageEvent} */ { data }) => this.#receive(data));
    const problem = fault ?? error;
    const failure = problem && new SerfiqError(problem.code, problem.message);
    if (isFatal(failure)) return this.stop(failure);
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

/** @param {URL | undefined} assetBase the folder that holds `worker.js`; by default this module's folder */
function startWorker(assetBase) {
  /** @type {WorkerOptions} */
  const options = { type: 'module', name: 'serfiq' };
  if (assetBase) return workerAt(new URL('worker.js', assetBase), options);
  try {
    // Exactly this expression: bundlers recognise it.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'serfiq' });
  } catch {
    const here = import.meta.url;
    return workerAt(new URL('worker.js', here), options);
  }
}

/** @param {URL} url @param {WorkerOptions} options */
function workerAt(url, options) {
  if (url.origin === location.origin) return new Worker(url, options);
  // A worker's script must have the page's origin, but may import one from another origin.
  const script = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' }));
  return new Worker(script, options);
}

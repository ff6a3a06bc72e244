/**
 * CPU threads: workers that share the engine's memory. They need a cross-origin isolated page.
 *
 * Each worker is another instance of the engine's worker script, and runs only a thread of the module's pool.
 */

import { trustedScript } from '../trusted-types.js';
import { describe } from './errors.js';
import { measureParallelism } from './parallelism.js';

/** Layers are too small for more threads. */
const MAX_THREADS = 4;
/** This many pay off wherever there are two processors; for more, parallelism is measured. */
const SAFE_THREADS = 2;
/** The module's maximum memory, as linked. */
const MAX_PAGES = 16_384;
/** How long a thread's worker may take to start, in milliseconds. It starts while the models are fetched. */
const START_MS = 10_000;

/** @typedef {{ kind: 'thread', module: WebAssembly.Module, memory: WebAssembly.Memory, faults: MessagePort }} ThreadRequest */

/** Returns the maximum number of CPU threads here; 1 if memory cannot be shared. */
export function threadsToBeHad() {
  if (!self.crossOriginIsolated) return 1;
  try {
    // This reserves address space; small devices may lack a contiguous block that large.
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
    // WebKitGTK reports an isolated page, but then cannot send shared memory.
    new MessageChannel().port1.postMessage(memory);
  } catch {
    return 1;
  }
  return Math.min(navigator.hardwareConcurrency, MAX_THREADS);
}

/**
 * Starts the threads' workers, and opens the pool with those that run and make it faster.
 * @param {{ openThreads(threads: number): any[] }} wasm
 * @param {number} most maximum number of threads, including this worker's
 * @returns {Promise<number>} the number of threads in the pool
 */
export async function openThreads(wasm, most) {
  const started = await Promise.all(Array.from({ length: most - 1 }, startThread));
  const workers = started.filter((worker) => worker !== null);
  const wanted = workers.length < SAFE_THREADS ? workers.length : (await threadsThatPay(workers)) - 1;
  for (const worker of workers.splice(wanted)) worker.terminate();
  const [module, memory] = wasm.openThreads(1 + workers.length);
  for (const worker of workers) {
    // Faults go straight to the page: when a thread dies at work, this worker is blocked waiting for it.
    const { port1, port2 } = new MessageChannel();
    self.postMessage({ faults: port1 }, { transfer: [port1] });
    worker.postMessage({ kind: 'thread', module, memory, faults: port2 }, [port2]);
  }
  return 1 + workers.length;
}

/** Starts a worker for a thread. @returns {Promise<Worker | null>} null if it does not run */
function startThread() {
  return new Promise((resolve) => {
    const worker = new Worker(trustedScript(self.location.href), { type: isModule() ? 'module' : 'classic', name: 'serfiq thread' });
    let waiting = true;
    const giveUp = (/** @type {string} */ why) => {
      if (!waiting) return;
      waiting = false;
      console.warn(`serfiq: a thread did not start (${why}); the engine runs without it.`);
      worker.terminate();
      resolve(null);
    };
    setTimeout(() => giveUp(`it did not answer within ${START_MS} ms`), START_MS);
    worker.addEventListener('message', () => {
      waiting = false;
      resolve(worker);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      giveUp(event.message || 'its script did not load');
    });
    worker.postMessage({ kind: 'hello' });
  });
}

/** @param {Worker[]} workers */
async function threadsThatPay(workers) {
  const parallel = await measureParallelism(workers.length, (memory) => {
    for (const worker of workers) worker.postMessage({ kind: 'count', memory });
  });
  return Math.min(Math.max(parallel, SAFE_THREADS), 1 + workers.length);
}

/**
 * Runs a thread of the pool, for as long as this worker lives.
 * @param {{ default(options: { module_or_path: WebAssembly.Module, memory: WebAssembly.Memory }): Promise<unknown>, runThread(): void }} wasm
 * @param {ThreadRequest} request
 */
export async function runThread(wasm, { module, memory, faults }) {
  try {
    await wasm.default({ module_or_path: module, memory });
    wasm.runThread();
  } catch (error) {
    faults.postMessage({ fault: describe(error) });
  }
}

/** Whether this worker's script is a module; a bundler may have made it a classic script. */
function isModule() {
  try {
    // No script can have this address. A module worker throws a TypeError; without an address, Firefox throws nothing.
    /** @type {any} */ (self).importScripts(trustedScript('http://['));
    return false;
  } catch (error) {
    return error instanceof TypeError;
  }
}

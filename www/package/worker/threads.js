/**
 * Threads for the CPU: workers that share the engine's memory. Only a page that is isolated from other origins may have them.
 *
 * Each is one more copy of the engine's worker, wherever that came from, and runs nothing but a thread of the module's pool.
 */

import { describe } from './errors.js';

/** Layers are too small for more. */
const MAX_THREADS = 4;
/** As far as the module's memory may grow, as it was linked. */
const MAX_PAGES = 16_384;

/** @typedef {{ kind: 'thread', module: WebAssembly.Module, memory: WebAssembly.Memory, faults: MessagePort }} ThreadRequest */

/** How many threads the CPU may have here; 1 where memory cannot be shared. */
export function threadsToBeHad() {
  if (!self.crossOriginIsolated) return 1;
  try {
    // Address space, of which small devices may have too little in one piece.
    new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  } catch {
    return 1;
  }
  return Math.min(navigator.hardwareConcurrency, MAX_THREADS);
}

/**
 * Opens the pool and starts its workers, without waiting for them: until they are there, the engine does their part.
 * @param {{ openThreads(threads: number): any[] }} wasm
 * @param {number} threads this worker's included
 */
export function openThreads(wasm, threads) {
  const [module, memory] = wasm.openThreads(threads);
  for (let thread = 1; thread < threads; thread += 1) {
    const worker = new Worker(self.location.href, { type: isModule() ? 'module' : 'classic', name: 'serfiq thread' });
    // One that does not start is not missed.
    worker.addEventListener('error', (event) => event.preventDefault());
    // Past this worker, to the page: when a thread dies at work, this worker waits for it in vain.
    const { port1, port2 } = new MessageChannel();
    self.postMessage({ faults: port1 }, { transfer: [port1] });
    worker.postMessage({ kind: 'thread', module, memory, faults: port2 }, [port2]);
  }
}

/**
 * Runs a thread of the pool, as long as this worker lives.
 * @param {{ default(options: { module_or_path: WebAssembly.Module, memory: WebAssembly.Memory }): Promise<unknown>, runThread(): void }} wasm
 * @param {ThreadRequest} request
 */
export async function runThread(wasm, { module, memory, faults }) {
  await wasm.default({ module_or_path: module, memory });
  try {
    wasm.runThread();
  } catch (error) {
    faults.postMessage({ fault: describe(error) });
  }
}

/** Whether this worker's script is a module; bundlers may have made something else of it. */
function isModule() {
  try {
    /** @type {any} */ (self).importScripts();
    return false;
  } catch {
    return true;
  }
}

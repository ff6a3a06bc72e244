/**
 * CPU threads: workers that share the engine's memory. They need a cross-origin isolated page.
 *
 * Each is another instance of the engine's worker, wherever that came from, and runs only a thread of the module's pool.
 */

import { describe } from './errors.js';

/** Layers are too small to use more. */
const MAX_THREADS = 4;
/** The module's maximum memory, as linked. */
const MAX_PAGES = 16_384;

/** @typedef {{ kind: 'thread', module: WebAssembly.Module, memory: WebAssembly.Memory, faults: MessagePort }} ThreadRequest */

/** Returns how many CPU threads to use here; 1 if memory cannot be shared. */
export function threadsToBeHad() {
  if (!self.crossOriginIsolated) return 1;
  try {
    // Reserves address space: small devices may lack that much in one piece.
    new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  } catch {
    return 1;
  }
  return Math.min(navigator.hardwareConcurrency, MAX_THREADS);
}

/**
 * Opens the pool and starts its workers, without waiting for them: until they run, the engine does their share.
 * @param {{ openThreads(threads: number): any[] }} wasm
 * @param {number} threads including this worker's
 */
export function openThreads(wasm, threads) {
  const [module, memory] = wasm.openThreads(threads);
  for (let thread = 1; thread < threads; thread += 1) {
    const worker = new Worker(self.location.href, { type: isModule() ? 'module' : 'classic', name: 'serfiq thread' });
    // The pool works without a worker that fails to start.
    worker.addEventListener('error', (event) => event.preventDefault());
    // Faults go straight to the page: when a thread dies at work, this worker is blocked waiting for it.
    const { port1, port2 } = new MessageChannel();
    self.postMessage({ faults: port1 }, { transfer: [port1] });
    worker.postMessage({ kind: 'thread', module, memory, faults: port2 }, [port2]);
  }
}

/**
 * Runs a thread of the pool, for as long as this worker lives.
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

/** Whether this worker's script is a module; a bundler may have made it a classic script. */
function isModule() {
  try {
    /** @type {any} */ (self).importScripts();
    return false;
  } catch {
    return true;
  }
}

/** The generated JavaScript of the WebAssembly modules. It is small, so all of it is imported, whichever module is fetched. */
import * as gpu from '../pkg/serfiq_webgpu.js';
import * as cpu from '../pkg/serfiq_cpu.js';
import * as cpuThreads from '../pkg/serfiq_cpu_threads.js';

/** @import { FallbackCode } from '../types.js' */

import { assets } from '../assets.js';
import { WorkerError, messageOf, sentence } from './errors.js';
import { threadsToBeHad } from './threads.js';

export const modules = {
  webgpu: { file: 'serfiq_webgpu_bg.wasm', url: assets.modules.webgpu, wasm: gpu },
  cpu: { file: 'serfiq_cpu_bg.wasm', url: assets.modules.cpu, wasm: cpu },
  cpuThreads: { file: 'serfiq_cpu_threads_bg.wasm', url: assets.modules.cpuThreads, wasm: cpuThreads },
};

/** The part of the WebGPU module that is fetched only when needed. */
export const webgpuRest = { file: 'serfiq_webgpu_rest.wasm', url: assets.modules.webgpuRest };

/** Why WebGPU is not in use. @typedef {{ code: FallbackCode, reason: string }} Fallback */

/** @type {Fallback} */
const LEFT_OUT = { code: 'left-out', reason: 'this build has no module for WebGPU.' };

/**
 * Chooses the module to fetch: WebGPU if requested, or if `auto` finds a GPU; else one for the CPU alone.
 * @param {'auto' | 'webgpu' | 'cpu'} backend
 * @param {boolean} mayThread whether the CPU may have several threads
 * @returns {Promise<{ name: keyof typeof modules, threads: number, fallback: Fallback | null }>} `threads`: at most
 */
export async function choose(backend, mayThread) {
  switch (backend) {
    case 'webgpu':
      if (!isBuilt('webgpu')) throw new WorkerError('webgpu-unavailable', `WebGPU is not available: ${LEFT_OUT.reason}`);
      return { name: 'webgpu', threads: 1, fallback: null };
    case 'cpu':
      return { ...onCpu(mayThread), fallback: null };
    case 'auto': {
      const fallback = isBuilt('webgpu') ? await whyNoGpu() : LEFT_OUT;
      return fallback === null ? { name: 'webgpu', threads: 1, fallback } : { ...onCpu(mayThread), fallback };
    }
    default:
      throw new WorkerError('invalid-option', `backend is '${backend}'; expected 'auto', 'webgpu' or 'cpu'.`);
  }
}

/** A build may omit modules, but never the one for the CPU. @param {'webgpu' | 'cpuThreads'} name */
function isBuilt(name) {
  return !assets.missing.includes(name);
}

/** @param {boolean} mayThread @returns {{ name: 'cpu' | 'cpuThreads', threads: number }} */
function onCpu(mayThread) {
  const threads = mayThread && isBuilt('cpuThreads') ? threadsToBeHad() : 1;
  return { name: threads > 1 ? 'cpuThreads' : 'cpu', threads };
}

/**
 * Whether this is WebKit, as in Safari and in every browser on an iPhone. There, other pages that compute on WebGPU have been killed after
 * some hundred inferences. Until this one has been shown to survive, it starts on the CPU.
 */
function isWebKit() {
  // Chromium also calls itself "AppleWebKit", but "Chrome" too, or "HeadlessChrome" without a window. On an iPhone it is "CriOS".
  return /AppleWebKit\//.test(navigator.userAgent) && !/Chrom(e|ium)\//.test(navigator.userAgent);
}

/** @returns {Promise<Fallback | null>} null if there is a hardware GPU */
async function whyNoGpu() {
  const gpu = /** @type {{ gpu?: { requestAdapter(options: object): Promise<any> } }} */ (navigator).gpu;
  if (!gpu) return { code: 'no-webgpu', reason: 'this browser has no WebGPU.' };
  if (isWebKit()) return { code: 'webkit', reason: 'in WebKit, it is used only on request.' };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { code: 'no-adapter', reason: 'there is no adapter.' };
    const software = adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter;
    return software ? { code: 'software-adapter', reason: 'the only adapter is software, which is slower than the CPU backend.' } : null;
  } catch (error) {
    return { code: 'no-adapter', reason: `there is no adapter: ${sentence(messageOf(error))}` };
  }
}

/** The generated JavaScript of the WebAssembly modules: small enough to import all, whichever module is fetched. */
import * as gpu from '../pkg/serfiq_webgpu.js';
import * as cpu from '../pkg/serfiq_cpu.js';
import * as cpuThreads from '../pkg/serfiq_cpu_threads.js';

import { assets } from '../assets.js';
import { WorkerError } from './errors.js';
import { threadsToBeHad } from './threads.js';

export const modules = {
  webgpu: { file: 'serfiq_webgpu_bg.wasm', url: assets.modules.webgpu, wasm: gpu },
  cpu: { file: 'serfiq_cpu_bg.wasm', url: assets.modules.cpu, wasm: cpu },
  cpuThreads: { file: 'serfiq_cpu_threads_bg.wasm', url: assets.modules.cpuThreads, wasm: cpuThreads },
};

/** The part of the WebGPU module that is fetched only when needed. */
export const webgpuRest = { file: 'serfiq_webgpu_rest.wasm', url: assets.modules.webgpuRest };

/** Why there is no WebGPU in a build without its module. */
const LEFT_OUT = 'this build has no module for WebGPU.';

/**
 * Chooses the module to fetch: WebGPU if requested, or if `auto` finds a GPU; else one for the CPU alone.
 * @param {'auto' | 'webgpu' | 'cpu'} backend
 * @param {boolean} mayThread whether the CPU may have several threads
 * @returns {Promise<{ name: keyof typeof modules, threads: number, reason: string | null }>} `reason`: why not WebGPU
 */
export async function choose(backend, mayThread) {
  switch (backend) {
    case 'webgpu':
      if (!isBuilt('webgpu')) throw new WorkerError('webgpu-unavailable', `WebGPU is not available: ${LEFT_OUT}`);
      return { name: 'webgpu', threads: 1, reason: null };
    case 'cpu':
      return { ...onCpu(mayThread), reason: null };
    case 'auto': {
      const reason = isBuilt('webgpu') ? await whyNoGpu() : LEFT_OUT;
      return reason === null ? { name: 'webgpu', threads: 1, reason } : { ...onCpu(mayThread), reason };
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

/** @returns {Promise<string | null>} null if there is a hardware GPU */
async function whyNoGpu() {
  const gpu = /** @type {{ gpu?: { requestAdapter(options: object): Promise<any> } }} */ (navigator).gpu;
  if (!gpu) return 'this browser has no WebGPU.';
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return 'there is no adapter.';
    const software = adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter;
    return software ? 'the only adapter is software, which is slower than the CPU backend.' : null;
  } catch (error) {
    return `there is no adapter (${error instanceof Error ? error.message : error}).`;
  }
}

/** The generated JavaScript of the two WebAssembly modules: small enough to be there whichever of them is fetched. */
import initGpu, * as gpu from '../pkg/serfiq_webgpu.js';
import initCpu, * as cpu from '../pkg/serfiq_cpu.js';

import { assets } from '../assets.js';
import { WorkerError } from './errors.js';

/** What both modules export. @typedef {typeof gpu | typeof cpu} Wasm */

export const modules = {
  webgpu: { file: 'serfiq_webgpu_bg.wasm', url: assets.modules.webgpu, init: initGpu, wasm: gpu },
  cpu: { file: 'serfiq_cpu_bg.wasm', url: assets.modules.cpu, init: initCpu, wasm: cpu },
};

/**
 * The module to fetch: the one for the CPU alone unless there is a GPU that is asked for.
 * @param {'auto' | 'webgpu' | 'cpu'} backend
 * @returns {Promise<{ name: keyof typeof modules, reason: string | null }>} `reason`: why not the GPU's
 */
export async function choose(backend) {
  switch (backend) {
    case 'cpu':
    case 'webgpu':
      return { name: backend, reason: null };
    case 'auto': {
      const reason = await whyNoGpu();
      return { name: reason === null ? 'webgpu' : 'cpu', reason };
    }
    default:
      throw new WorkerError('invalid-option', `backend is '${backend}'; expected 'auto', 'webgpu' or 'cpu'.`);
  }
}

/** @returns {Promise<string | null>} null where there is a GPU of hardware */
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

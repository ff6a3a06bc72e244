/**
 * The rest of the WebGPU module: the compiler of GPU kernels, which only networks with unusual layers need. It is fetched on the first
 * call into it.
 */

import { WorkerError } from './errors.js';

/**
 * Lets the module load its rest on demand.
 * @param {WebAssembly.ModuleImports} first the module's exports
 * @param {URL} url of the rest
 */
export function provideRest(first, url) {
  /** @type {WebAssembly.Instance | null} */
  let rest = null;
  // The module calls it by this name, synchronously: the module and its caller block until the rest is loaded.
  Object.assign(self, { serfiqLoadRest: () => void (rest ??= new WebAssembly.Instance(new WebAssembly.Module(fetched(url)), { first })) });
}

/** @param {URL} url @returns {ArrayBuffer} */
function fetched(url) {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.responseType = 'arraybuffer';
  let problem = '';
  try {
    request.send();
    if (request.status !== 200) problem = `the server answered with HTTP status ${request.status}, expected 200`;
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  if (problem) throw new WorkerError('engine-fetch', `A part of the scoring engine (${url.pathname.split('/').pop()}) did not load: ${problem}.`);
  return request.response;
}

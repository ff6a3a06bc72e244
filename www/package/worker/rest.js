/**
 * The rest of the module with WebGPU: the compiler of GPU kernels, which only networks with unusual layers need. It is fetched when
 * something in it is called for the first time.
 */

import { WorkerError } from './errors.js';

/**
 * Has the module find its rest when it calls for it.
 * @param {WebAssembly.ModuleImports} first what the module exports
 * @param {URL} url of the rest
 */
export function provideRest(first, url) {
  /** @type {WebAssembly.Instance | null} */
  let rest = null;
  // By this name the module calls it. It waits for the answer, and so does whoever has called the module.
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

/**
 * The rest of the WebGPU module: the compiler of GPU kernels, which only networks with unusual layers need. It is fetched on the first
 * call into it.
 */

import { messageOf, sentence } from './errors.js';
import { NoAnswer, checkContent, refused, unexpected } from './fetch.js';

/** @import { Wanted } from './fetch.js' */

/**
 * Lets the module load its rest on demand.
 * @param {WebAssembly.ModuleImports} first the module's exports
 * @param {URL} url of the rest
 */
export function provideRest(first, url) {
  /** @type {WebAssembly.Instance | null} */
  let rest = null;
  // The module calls it by this name, synchronously: the module and its caller block until the rest is loaded.
  Object.assign(self, { serfiqLoadRest: () => void (rest ??= instantiate(url, { first })) });
}

/** @param {URL} url @param {WebAssembly.Imports} imports */
function instantiate(url, imports) {
  /** @type {Wanted} */
  const wanted = { url, expected: 'the rest of the scoring engine, a WebAssembly module', code: 'engine-fetch', ours: true };
  const { bytes, answer } = fetchNow(wanted);
  checkContent(wanted, answer, bytes);
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  } catch (error) {
    throw unexpected(wanted, answer, messageOf(error));
  }
}

/** Fetches synchronously, which `fetch` cannot. @param {Wanted} wanted */
function fetchNow(wanted) {
  const request = new XMLHttpRequest();
  request.open('GET', wanted.url, false);
  request.responseType = 'arraybuffer';
  try {
    request.send();
  } catch (error) {
    throw new NoAnswer(wanted.code, `${wanted.url.href} could not be fetched: ${sentence(messageOf(error))}`);
  }
  const answer = { status: request.status, type: request.getResponseHeader('Content-Type'), url: request.responseURL };
  if (request.status !== 200) throw refused(wanted, answer);
  return { bytes: new Uint8Array(request.response), answer };
}

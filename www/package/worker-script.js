/** Starts the engine's worker, wherever its script is. */

import { SerfiqError } from './errors.js';
import { trustedScript } from './trusted-types.js';
import { messageOf, sentence } from './worker/errors.js';
import { whyNoModule } from './worker/fetch.js';

/** @typedef {{ worker: Worker, url: URL | null }} Started `url` of the worker's script; null if only a bundler knows it */

/**
 * Returns this package's folder; null if a bundler has moved its files, so that the module is no longer in its place.
 * @returns {Promise<URL | null>}
 * @throws {SerfiqError} `engine-fetch`
 */
export async function packageFolder() {
  // Imported late because the build writes it: the sources, which tests import, do not have it.
  const { assets } = await import('./assets.js').catch(async (error) => {
    throw new SerfiqError('engine-fetch', await whyNoList(messageOf(error)));
  });
  const module = assets.modules.cpu();
  return module.pathname.endsWith('/pkg/serfiq_cpu_bg.wasm') ? new URL('../', module) : null;
}

/** @param {string} message the browser's; only Safari's lacks the address */
async function whyNoList(message) {
  // The browser knows the address in a bundle, too.
  const [address] = /https?:\/\/\S+/.exec(message) ?? [];
  const problem = address && (await whyNoModule(new URL(address)));
  return problem || `The list of the engine’s files, assets.js, could not be loaded: ${sentence(message)} Check that the server has this file.`;
}

/**
 * @param {URL | null} folder the folder that holds `worker.js`; null if a bundler knows where the worker is
 * @returns {Started}
 * @throws {SerfiqError} `engine-fetch`, or `internal` where there are no workers
 */
export function startWorker(folder) {
  if (!('Worker' in globalThis)) {
    throw new SerfiqError('internal', 'There are no workers here. Create the engine in a page, or in a worker that may start others; in Node, import it from serfiq/node.');
  }
  const url = folder && new URL('worker.js', folder);
  try {
    return { worker: url ? workerAt(url) : bundledWorker(), url };
  } catch (error) {
    throw new SerfiqError('engine-fetch', `The scoring engine’s worker could not be started: ${sentence(messageOf(error))} ${adviceOn(error, url)}`);
  }
}

/** @param {URL} url */
function workerAt(url) {
  /** @type {WorkerOptions} */
  const options = { type: 'module', name: 'serfiq' };
  // Decided by origin, not by catching an error: for a cross-origin script Chromium throws, but Firefox reports the error later.
  if (url.origin === globalThis.origin) return new Worker(trustedScript(url), options);
  // A worker's script must have the page's origin, but may import one from another origin.
  const script = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' }));
  return new Worker(trustedScript(script), options);
}

function bundledWorker() {
  // Keep exactly this expression: bundlers recognise it and replace the address.
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'serfiq' });
}

/** @param {unknown} error @param {URL | null} url */
function adviceOn(error, url) {
  if (!(error instanceof TypeError)) return 'Check assetBase.';
  const allowed = 'If the page requires Trusted Types, its policy has to allow ours: trusted-types serfiq.';
  return url ? allowed : `${allowed} In a bundle, set assetBase, too.`;
}

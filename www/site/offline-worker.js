/**
 * A service worker: the page loads without a network, once it has been visited. `docs/offline.md` says how to use it for other
 * pages.
 *
 * All files come from the network as long as there is one, so that nobody is left with an old version. Beside that, the page is kept
 * as `files.json` lists it, whole: without a network no two versions are mixed. Of the engine's modules, which are large, only those are
 * kept that this browser runs. Model files are left to the engine, which keeps them by what they are.
 */

/** What the compiler does not know of: here is no window. @type {any} */
const worker = self;

/** @typedef {Event & { waitUntil(work: Promise<unknown>): void }} WorkEvent */
/** @typedef {WorkEvent & { request: Request, respondWith(answer: Promise<Response>): void }} FetchEvent */

/** Hashes by file name, relative to this worker's scope. @typedef {Record<string, string>} Files */

/** One cache for each version. */
const CACHE_PREFIX = 'serfiq-page-';
const LIST = 'files.json';
const MODELS = '/models/';
const MODULE = '.wasm';

worker.addEventListener('install', (/** @type {WorkEvent} */ event) => {
  worker.skipWaiting();
  event.waitUntil(keepVersion());
});

worker.addEventListener('activate', (/** @type {WorkEvent} */ event) => event.waitUntil(worker.clients.claim()));

// A page tells what its engine runs: when it was fetched for the first time, this worker was not there yet.
worker.addEventListener('message', (/** @type {WorkEvent & MessageEvent<{ keep: string }>} */ event) => {
  event.waitUntil(keepModule(event.data.keep).catch(() => {}));
});

worker.addEventListener('fetch', (/** @type {FetchEvent} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = request.method === 'GET' && url.href.startsWith(worker.registration.scope) && !url.pathname.includes(MODELS);
  if (!ours) return;
  event.respondWith(answer(request));
  // A visit is when there may be a new version. Without a network there is none.
  if (request.mode === 'navigate') event.waitUntil(keepVersion().catch(() => {}));
  if (url.pathname.endsWith(MODULE)) event.waitUntil(keepModule(request.url).catch(() => {}));
});

/** @param {Request} request @returns {Promise<Response>} */
async function answer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const url = new URL(request.url);
    if (url.pathname.endsWith('/')) url.pathname += 'index.html';
    for (const name of await versions()) {
      const cache = await caches.open(name);
      const kept = (await cache.match(LIST)) && (await cache.match(url, { ignoreSearch: true }));
      if (kept) return kept;
    }
    throw error;
  }
}

/** Keeps the version that the server has now, unless it is kept already. */
async function keepVersion() {
  const list = await fetch(LIST, { cache: 'no-cache' });
  if (!list.ok) throw new Error(`${LIST} could not be fetched: the server answered with HTTP status ${list.status}, expected 200.`);
  const name = CACHE_PREFIX + (await sha256(list.clone()));
  const cache = await caches.open(name);
  if (await cache.match(LIST)) return;
  const old = (await versions()).filter((other) => other !== name);
  const files = Object.entries(/** @type {Files} */ (await list.clone().json()));
  const keep = async (/** @type {[string, string]} */ [file, hash]) => {
    if (!file.endsWith(MODULE) || (await caches.match(file))) await cache.put(file, await find(file, hash, old));
  };
  await Promise.all(files.map(keep));
  // Last of all: what has a list is whole.
  await cache.put(LIST, list);
  await Promise.all(old.map((other) => caches.delete(other)));
}

/** Keeps one of the engine's modules beside the rest of its version, if the page lists it. @param {string} url */
async function keepModule(url) {
  const file = url.slice(worker.registration.scope.length);
  for (const name of await versions()) {
    const cache = await caches.open(name);
    const files = /** @type {Files | undefined} */ (await (await cache.match(LIST))?.json());
    if (files && file in files && !(await cache.match(file))) await cache.put(file, await find(file, files[file], []));
  }
}

/**
 * A file as the list wants it: from an older version, if it has not changed since.
 * @param {string} file
 * @param {string} hash
 * @param {string[]} old names of caches
 * @returns {Promise<Response>}
 */
async function find(file, hash, old) {
  for (const name of old) {
    const kept = await (await caches.open(name)).match(file);
    if (kept && (await sha256(kept.clone())) === hash) return kept;
  }
  const fetched = await fetch(file, { cache: 'no-cache' });
  // Servers have files of two versions while they are being updated.
  if (!fetched.ok || (await sha256(fetched.clone())) !== hash) throw new Error(`${file} is not the one that ${LIST} lists.`);
  return fetched;
}

/** Names of the caches with what is kept. */
async function versions() {
  return (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX));
}

/** @param {Response} response */
async function sha256(response) {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

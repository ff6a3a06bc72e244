/**
 * A service worker that lets the page load offline after a first visit. `docs/offline.md` says how to use it for other pages.
 *
 * With a network, all files come from it, so that no visitor keeps an old version. The worker also caches the whole page, as
 * `files.json` lists it: offline, no two versions are mixed. Of the engine's modules, which are large, it caches only those that this
 * browser runs. Model files are left to the engine, which caches them by hash.
 */

/** TypeScript assumes a window; this is a service worker. @type {any} */
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
  event.waitUntil(inTurn(keepVersion));
});

worker.addEventListener('activate', (/** @type {WorkEvent} */ event) => event.waitUntil(worker.clients.claim()));

// The page reports its engine's module: at the first visit it was fetched before this worker ran.
worker.addEventListener('message', (/** @type {WorkEvent & MessageEvent<{ keep: string }>} */ event) => {
  event.waitUntil(inTurn(() => keepModule(event.data.keep)).catch(() => {}));
});

worker.addEventListener('fetch', (/** @type {FetchEvent} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = request.method === 'GET' && url.href.startsWith(worker.registration.scope) && !url.pathname.includes(MODELS);
  if (!ours) return;
  event.respondWith(answer(request));
  // A visit checks for a new version. Offline, the check fails and changes nothing.
  if (request.mode === 'navigate') event.waitUntil(inTurn(keepVersion).catch(() => {}));
  if (url.pathname.endsWith(MODULE)) event.waitUntil(inTurn(() => keepModule(request.url)).catch(() => {}));
});

/** @param {Request} request @returns {Promise<Response>} */
async function answer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const url = new URL(request.url);
    if (url.pathname.endsWith('/')) url.pathname += 'index.html';
    for (const cacheName of await versions()) {
      const kept = (await caches.match(LIST, { cacheName })) && (await caches.match(url, { cacheName, ignoreSearch: true }));
      if (kept) return kept;
    }
    throw error;
  }
}

/** The last task that changes caches. @type {Promise<void>} */
let last = Promise.resolve();

/**
 * Runs a task that changes caches after all earlier ones: a cache opened by one task while another deletes it would come back empty.
 * @param {() => Promise<void>} task
 */
function inTurn(task) {
  const done = last.catch(() => {}).then(task);
  last = done;
  return done;
}

/** Caches the server's current version, unless it is cached already, and deletes all others. */
async function keepVersion() {
  const list = await fetch(LIST, { cache: 'no-cache' });
  if (!list.ok) throw new Error(`${LIST} could not be fetched: the server answered with HTTP status ${list.status}, expected 200.`);
  const name = CACHE_PREFIX + (await sha256(list.clone()));
  const cache = await caches.open(name);
  const old = (await versions()).filter((other) => other !== name);
  if (!(await cache.match(LIST))) await fill(cache, list, old);
  // At every visit: a cache can come back after it was deleted, empty if a page opened it meanwhile.
  await Promise.all(old.map((other) => caches.delete(other)));
}

/** Stores all files of a list. @param {Cache} cache @param {Response} list @param {string[]} old names of caches with older versions */
async function fill(cache, list, old) {
  const files = Object.entries(/** @type {Files} */ (await list.clone().json()));
  const keep = async (/** @type {[string, string]} */ [file, hash]) => {
    if (!file.endsWith(MODULE) || (await caches.match(file))) await cache.put(file, await find(file, hash, old));
  };
  await Promise.all(files.map(keep));
  // Stored last: a cache with a list is complete.
  await cache.put(LIST, list);
}

/** Caches one of the engine's modules with the rest of its version, if that lists it. @param {string} url */
async function keepModule(url) {
  const file = url.slice(worker.registration.scope.length);
  for (const cacheName of await versions()) {
    const files = /** @type {Files | undefined} */ (await (await caches.match(LIST, { cacheName }))?.json());
    if (!files || !(file in files) || (await caches.match(file, { cacheName }))) continue;
    await (await caches.open(cacheName)).put(file, await find(file, files[file], []));
  }
}

/**
 * Returns a file as listed: from an older version if it has not changed since, else from the server.
 * @param {string} file
 * @param {string} hash
 * @param {string[]} old names of caches
 * @returns {Promise<Response>}
 */
async function find(file, hash, old) {
  for (const cacheName of old) {
    const kept = await caches.match(file, { cacheName });
    if (kept && (await sha256(kept.clone())) === hash) return kept;
  }
  const fetched = await fetch(file, { cache: 'no-cache' });
  // While a server is being updated, it has files of two versions.
  if (!fetched.ok || (await sha256(fetched.clone())) !== hash) throw new Error(`${file} is not the one that ${LIST} lists.`);
  return fetched;
}

/** Returns the names of this worker's caches. */
async function versions() {
  return (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX));
}

/** @param {Response} response */
async function sha256(response) {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

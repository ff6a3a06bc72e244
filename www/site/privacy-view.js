import { byId } from './dom.js';
import { fill, number, words } from './words.js';

/** Shows what this browser currently stores for this site, and can delete it. */
export class PrivacyView {
  #count = byId('stored-count', HTMLElement);
  #forgotten = byId('forgotten', HTMLElement);
  #button = byId('forget', HTMLButtonElement);

  constructor() {
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]');
    byId('policy', HTMLElement).textContent = policy?.getAttribute('content') ?? '';
    this.#button.addEventListener('click', () => this.#forget());
  }

  /** Updates the list when this view comes to the front. */
  async show() {
    this.#forgotten.textContent = '';
    await this.#list();
  }

  async #list() {
    const names = await cacheNames();
    const files = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
    const count = files.reduce((sum, some) => sum + some, 0);
    this.#count.textContent = count > 0 ? fill(words.privacy.storedFiles, { count: number(count) }) : words.privacy.storedNothing;
    this.#button.disabled = count === 0;
  }

  async #forget() {
    // The service worker goes first: it would refill its cache.
    const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
    await Promise.all(workers.map((worker) => worker.unregister()));
    await Promise.all((await cacheNames()).map((name) => caches.delete(name)));
    await this.#list();
    this.#forgotten.textContent = words.privacy.forgotten;
  }
}

/** Returns none if the browser has no caches, as on plain HTTP. */
async function cacheNames() {
  try {
    return await caches.keys();
  } catch {
    return [];
  }
}

import { byId } from './dom.js';
import { strings } from './strings.js';

/** @import { SerfiqError } from './client.js' */
/** @import { Progress } from './types.js' */

/** What is shown while the engine loads, and when it could not. */
export class LoadingPanel {
  #loading = byId('loading', HTMLElement);
  #failure = byId('failure', HTMLElement);
  #starting = byId('starting', HTMLElement);

  showLoading() {
    this.#failure.hidden = true;
    this.#loading.hidden = false;
    this.#starting.textContent = '';
    this.progress({ what: 'engine', loaded: 0, total: null });
    this.progress({ what: 'models', loaded: 0, total: null });
  }

  /** @param {Progress} progress */
  progress({ what, loaded, total }) {
    if (what === 'starting') {
      this.#starting.textContent = strings.loading.starting;
      return;
    }
    const bar = byId(`${what}-progress`, HTMLProgressElement);
    byId(`${what}-bytes`, HTMLElement).textContent = strings.loading.bytes(loaded, total);
    if (total) {
      bar.max = total;
      bar.value = loaded;
    } else if (loaded) {
      // Under way, but of unknown length.
      bar.removeAttribute('value');
    } else {
      bar.max = 1;
      bar.value = 0;
    }
  }

  /** @param {SerfiqError} error */
  showFailure({ code, message }) {
    const words = strings.failures[code] ?? strings.failures.other;
    this.#loading.hidden = true;
    this.#failure.hidden = false;
    this.#failure.dataset.code = code ?? '';
    byId('failure-title', HTMLElement).textContent = words.title;
    byId('failure-text', HTMLElement).textContent = words.text;
    byId('failure-detail', HTMLElement).textContent = message;
  }

  hide() {
    this.#loading.hidden = true;
    this.#failure.hidden = true;
  }
}

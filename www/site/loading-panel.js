import { byId } from './dom.js';
import { failureOf } from './reasons.js';
import { fill, number, words } from './words.js';

/** @import { SerfiqError } from './serfiq/index.js' */
/** @import { Progress } from './serfiq/types.js' */

/** The panel shown while the engine loads and when loading fails. It moves into the view in front. */
export class LoadingPanel {
  #root = byId('engine-panel', HTMLElement);
  #loading = byId('loading', HTMLElement);
  #failure = byId('failure', HTMLElement);
  #starting = byId('starting', HTMLElement);

  /** @param {HTMLElement} view */
  moveTo(view) {
    view.querySelector('.engine-place')?.append(this.#root);
  }

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
      this.#starting.textContent = words.loading.starting;
      return;
    }
    const bar = byId(`${what}-progress`, HTMLProgressElement);
    byId(`${what}-bytes`, HTMLElement).textContent = megabytes(loaded, total);
    if (total) {
      bar.max = total;
      bar.value = loaded;
    } else if (loaded) {
      // In progress, of unknown length.
      bar.removeAttribute('value');
    } else {
      bar.max = 1;
      bar.value = 0;
    }
  }

  /** @param {SerfiqError} error @returns {string} the panel's text, without the English details */
  showFailure({ code, message }) {
    const { title, text } = failureOf(code);
    this.#loading.hidden = true;
    this.#failure.hidden = false;
    this.#failure.dataset.code = code ?? '';
    byId('failure-title', HTMLElement).textContent = title;
    byId('failure-text', HTMLElement).textContent = text;
    byId('failure-detail', HTMLElement).textContent = message;
    return `${title}. ${text}`;
  }

  hide() {
    this.#loading.hidden = true;
    this.#failure.hidden = true;
  }
}

/** @param {number} loaded @param {number | null} total */
function megabytes(loaded, total) {
  if (total) return fill(words.loading.bytesOf, { loaded: number(loaded / 1e6, 1), total: number(total / 1e6, 1) });
  return loaded ? fill(words.loading.bytes, { loaded: number(loaded / 1e6, 1) }) : words.loading.waiting;
}

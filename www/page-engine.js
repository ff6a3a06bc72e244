import { EngineLoan } from './serfiq/capture/shared-engine.js';

/** @import { Engine, SerfiqError } from './serfiq/index.js' */
/** @import { BackendChoice, Progress } from './serfiq/types.js' */

/**
 * The engine of the views that score photos, loaded when the first of them needs it. It is the one that the camera's element has
 * too: nothing is loaded or held twice.
 *
 * Events: `loading`, `ready` and `failure`, with the engine or the error as `detail`.
 */
export class PageEngine extends EventTarget {
  /** What the next load asks for. @type {BackendChoice} */
  backend;
  #onProgress;
  /** @type {EngineLoan | null} */
  #loan = null;

  /** @param {BackendChoice} backend @param {(progress: Progress) => void} onProgress */
  constructor(backend, onProgress) {
    super();
    this.backend = backend;
    this.#onProgress = onProgress;
  }

  /** Loads it, unless it is there or on its way. @returns {Promise<Engine>} */
  get() {
    if (!this.#loan) {
      this.#loan = new EngineLoan({ backend: this.backend, model: undefined, assetBase: undefined }, this.#onProgress);
      this.#follow(this.#loan);
    }
    return this.#loan.ready;
  }

  /** @param {EngineLoan} loan */
  async #follow(loan) {
    this.#tell('loading', null);
    try {
      const engine = await loan.ready;
      engine.addEventListener('enginefailure', (event) => this.#fail(loan, /** @type {CustomEvent} */ (event).detail.error));
      this.#tell('ready', engine);
    } catch (error) {
      this.#fail(loan, /** @type {SerfiqError} */ (error));
    }
  }

  /** @param {EngineLoan} loan @param {SerfiqError} error */
  #fail(loan, error) {
    if (loan !== this.#loan) return;
    loan.release();
    this.#loan = null;
    // The engine chooses for itself where what was asked for is not there.
    if (error.code === 'webgpu-unavailable') this.backend = 'auto';
    this.#tell('failure', error);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

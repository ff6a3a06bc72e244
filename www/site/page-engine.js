import { EngineLoan } from './serfiq/capture/index.js';

/** @import { Engine, SerfiqError } from './serfiq/index.js' */
/** @import { BackendChoice, OwnRecogniser, Progress } from './serfiq/types.js' */

/**
 * The engine of the views that score photos, loaded when the first of them needs it. It is shared with the camera element: nothing is
 * loaded or held twice.
 *
 * Events: `loading`, `ready` and `failure`, with the engine or the error as `detail`; `change`, with the engine, when its recogniser
 * changes: scores before and after are not comparable.
 */
export class PageEngine extends EventTarget {
  /** The backend that the next load requests. @type {BackendChoice} */
  backend;
  /** The visitor's own recogniser; undefined for the built-in one. @type {OwnRecogniser | undefined} */
  recogniser;
  #onProgress;
  /** @type {EngineLoan | null} */
  #loan = null;
  /** Counts requests for another recogniser: only the last one takes effect. */
  #wishes = 0;

  /** @param {BackendChoice} backend @param {(progress: Progress) => void} onProgress */
  constructor(backend, onProgress) {
    super();
    this.backend = backend;
    this.#onProgress = onProgress;
  }

  /** Loads the engine, unless it is loaded or loading. @returns {Promise<Engine>} */
  get() {
    if (!this.#loan) {
      this.#loan = this.#borrow(this.recogniser);
      this.#tell('loading', null);
      this.#follow(this.#loan);
    }
    return this.#loan.ready;
  }

  /**
   * Switches to another recogniser once it has loaded. Until then, and if it cannot be used, the engine stays as it is.
   * @param {OwnRecogniser | undefined} recogniser
   * @returns {Promise<Engine>}
   */
  async use(recogniser) {
    const wish = ++this.#wishes;
    const loan = this.#borrow(recogniser);
    try {
      const engine = await loan.ready;
      if (wish !== this.#wishes) throw new DOMException('Another recogniser was chosen meanwhile.', 'AbortError');
      this.#loan?.release();
      this.#loan = loan;
      this.recogniser = recogniser;
      await this.#follow(loan);
      this.#tell('change', engine);
      return engine;
    } catch (error) {
      loan.release();
      throw error;
    }
  }

  /** @param {OwnRecogniser | undefined} recogniser */
  #borrow(recogniser) {
    // A separate listener per loan: it distinguishes two loans of one engine.
    const onProgress = (/** @type {Progress} */ progress) => this.#onProgress(progress);
    return new EngineLoan({ backend: this.backend, model: undefined, recogniser, assetBase: undefined }, onProgress);
  }

  /** @param {EngineLoan} loan */
  async #follow(loan) {
    try {
      const engine = await loan.ready;
      engine.addEventListener('enginefailure', (event) => this.#fail(loan, /** @type {CustomEvent} */ (event).detail.error));
      if (loan === this.#loan) this.#tell('ready', engine);
    } catch (error) {
      this.#fail(loan, /** @type {SerfiqError} */ (error));
    }
  }

  /** @param {EngineLoan} loan @param {SerfiqError} error */
  #fail(loan, error) {
    if (loan !== this.#loan) return;
    loan.release();
    this.#loan = null;
    // Without WebGPU, the next load lets the engine choose.
    if (error.code === 'webgpu-unavailable') this.backend = 'auto';
    this.#tell('failure', error);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

import { EngineLoan } from './shared-engine.js';

/** @import { Engine } from '../engine.js' */
/** @import { SerfiqError } from '../errors.js' */
/** @import { Progress } from '../types.js' */
/** @import { LoanOptions } from './shared-engine.js' */

/**
 * @typedef {object} EngineListeners
 * @property {(progress: Progress) => void} onProgress
 * @property {(engine: Engine) => void} onReady the engine is loaded; called again when its backend changes
 * @property {(notice: 'restarting' | 'on_cpu') => void} onNotice
 * @property {(error: SerfiqError) => void} onFailure
 */

/** The engine that one element uses: borrowed, listened to, and given back. */
export class EngineInUse {
  #listeners;
  /** @type {EngineLoan | null} */
  #loan = null;
  /** The engine, once a session has it. @type {Engine | null} */
  engine = null;
  /** Removes the listeners on it. */
  #listening = new AbortController();

  /** @param {EngineListeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** Borrows an engine; releases the previous one. @param {LoanOptions} options @returns {Promise<Engine>} @throws {SerfiqError} `invalid-option` */
  borrow(options) {
    const before = this.#loan;
    this.#loan = new EngineLoan(options, (progress) => this.#listeners.onProgress(progress));
    // Released only now: if it is the same engine, it must not close in between.
    before?.release();
    return this.#loan.ready;
  }

  /** Listens to the borrowed engine. @param {Engine} engine */
  follow(engine) {
    if (engine === this.engine) return;
    const { onReady, onNotice, onFailure } = this.#listeners;
    this.engine = engine;
    this.#listening.abort();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    engine.addEventListener('enginelost', () => onNotice('restarting'), { signal });
    engine.addEventListener(
      'backendchange',
      () => {
        onNotice('on_cpu');
        onReady(engine);
      },
      { signal },
    );
    engine.addEventListener('enginefailure', (event) => onFailure(/** @type {CustomEvent} */ (event).detail.error), { signal });
    onReady(engine);
  }

  /** The engine does not answer, so no other element may borrow it. */
  distrust() {
    this.#loan?.distrust();
  }

  /** Releases the engine. */
  release() {
    this.#listening.abort();
    this.engine = null;
    this.#loan?.release();
    this.#loan = null;
  }
}

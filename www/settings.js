import { byId } from './dom.js';
import { strings } from './strings.js';

/** @import { BackendChoice, EngineInfo, MethodName, ScoreOptions } from './types.js' */

/** As many as the paper uses. */
const DEFAULT_PASSES = 100;

/** What the address asks for, for tests and developers. */
const asked = new URLSearchParams(location.search);

/** @returns {BackendChoice} */
export function askedBackend() {
  const backend = asked.get('backend');
  return backend === 'cpu' || backend === 'webgpu' ? backend : 'auto';
}

/** @returns {'tab-live' | 'tab-photos'} */
export function askedTab() {
  return asked.get('view') === 'photos' ? 'tab-photos' : 'tab-live';
}

/** Method and passes, as the user has them now. They may change between two frames. */
export class Settings extends EventTarget {
  #methods = byId('method-select', HTMLSelectElement);
  #passes = byId('passes-input', HTMLInputElement);
  #passesField = byId('passes-field', HTMLElement);
  #hint = byId('method-hint', HTMLElement);
  /** The method to keep when the engine changes; null while the engine's own default is followed. @type {string | null} */
  #chosen = asked.get('method');
  #lastPasses = DEFAULT_PASSES;

  constructor() {
    super();
    this.#passes.value = asked.get('passes') ?? String(DEFAULT_PASSES);
    this.#readPasses();
    this.#methods.addEventListener('change', () => {
      this.#chosen = this.#methods.value;
      this.#changed();
    });
    this.#passes.addEventListener('input', () => {
      if (this.#passes.validity.valid) this.#changed();
    });
    this.#passes.addEventListener('change', () => this.#changed());
  }

  /** What to score with. @returns {ScoreOptions & { method: MethodName }} */
  get options() {
    const method = /** @type {MethodName} */ (this.#methods.value);
    return method === 'mc' ? { method, passes: this.#lastPasses } : { method };
  }

  /** @param {EngineInfo} info */
  offer({ methods, defaultMethod }) {
    this.#methods.replaceChildren(...methods.map((name) => new Option(strings.methods[name], name)));
    this.#methods.value = methods.find((name) => name === this.#chosen) ?? defaultMethod;
    this.#changed();
  }

  #changed() {
    this.#readPasses();
    const monteCarlo = this.#methods.value === 'mc';
    this.#passes.disabled = !monteCarlo;
    this.#passesField.classList.toggle('off', !monteCarlo);
    this.#hint.textContent = strings.methodHints[/** @type {MethodName} */ (this.#methods.value)] ?? '';
    this.dispatchEvent(new Event('change'));
  }

  /** Keeps the passes a whole number within the field's own limits, and shows what is in use. */
  #readPasses() {
    const { min, max, value } = this.#passes;
    const wanted = Math.round(Number(value)) || this.#lastPasses;
    this.#lastPasses = Math.min(Number(max), Math.max(Number(min), wanted));
    if (String(this.#lastPasses) !== value && document.activeElement !== this.#passes) {
      this.#passes.value = String(this.#lastPasses);
    }
  }
}

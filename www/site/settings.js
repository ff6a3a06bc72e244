import { byId } from './dom.js';
import { PASSES } from './serfiq/index.js';
import { words } from './words.js';

/** @import { BackendChoice, EngineInfo, MethodName, ScoreSettings } from './serfiq/types.js' */

/** Settings in the address, for tests and developers. */
const asked = new URLSearchParams(location.search);

/** @returns {BackendChoice} */
export function askedBackend() {
  const backend = asked.get('backend');
  return backend === 'cpu' || backend === 'webgpu' ? backend : 'auto';
}

/** Returns the id of the first view, if the address names one. */
export function askedView() {
  return asked.get('view') ?? '';
}

/** The user's current method and passes. They may change between two frames. */
export class Settings extends EventTarget {
  #methods = byId('method-select', HTMLSelectElement);
  #passes = byId('passes-input', HTMLInputElement);
  #passesField = byId('passes-field', HTMLElement);
  #hint = byId('method-hint', HTMLElement);
  /** @type {number} */
  #lastPasses = PASSES.default;
  /** Whether the recogniser in use has the limit. */
  #calibrated = true;

  constructor() {
    super();
    for (const [name, word] of Object.entries(words.scoring.methods)) this.#methods.add(new Option(word, name));
    const method = asked.get('method') ?? '';
    this.#methods.value = method in words.scoring.methods ? method : 'auto';
    Object.assign(this.#passes, { min: PASSES.min, max: PASSES.max });
    this.#passes.value = asked.get('passes') ?? String(PASSES.default);
    this.#methods.addEventListener('change', () => this.#changed());
    this.#passes.addEventListener('input', () => {
      if (this.#passes.validity.valid) this.#changed();
    });
    this.#passes.addEventListener('change', () => this.#changed());
    this.#changed();
  }

  /** Options to score with; empty for the engine's own choice. @returns {ScoreSettings} */
  get options() {
    switch (this.#methods.value) {
      case 'mc':
        return { method: 'mc', passes: this.#lastPasses };
      case 'limit':
        return { method: 'limit' };
      default:
        return {};
    }
  }

  /** Returns the method and passes that an engine uses. @param {EngineInfo} info @returns {{ method: MethodName, passes: number }} */
  inUse({ defaultMethod }) {
    return { method: defaultMethod, passes: PASSES.default, ...this.options };
  }

  /** Disables the methods that the recogniser lacks. @param {EngineInfo} info */
  offer({ methods, calibrated }) {
    this.#calibrated = calibrated;
    this.#showHint();
    for (const option of this.#methods.options) {
      option.disabled = option.value !== 'auto' && !methods.includes(/** @type {MethodName} */ (option.value));
      if (option.disabled && option.selected) {
        this.#methods.value = 'auto';
        this.#changed();
      }
    }
  }

  #changed() {
    this.#readPasses();
    const method = this.#methods.value;
    this.#passes.disabled = method !== 'mc';
    this.#passesField.classList.toggle('off', method !== 'mc');
    this.#showHint();
    this.dispatchEvent(new Event('change'));
  }

  #showHint() {
    const method = /** @type {keyof typeof words.scoring.hints} */ (this.#methods.value);
    this.#hint.textContent = method === 'auto' && !this.#calibrated ? words.scoring.uncalibrated : words.scoring.hints[method];
  }

  /** Rounds the passes and clamps them to the field's limits, and shows the value in use. */
  #readPasses() {
    const { min, max, value } = this.#passes;
    const wanted = Math.round(Number(value)) || this.#lastPasses;
    this.#lastPasses = Math.min(Number(max), Math.max(Number(min), wanted));
    if (String(this.#lastPasses) !== value && document.activeElement !== this.#passes) {
      this.#passes.value = String(this.#lastPasses);
    }
  }
}

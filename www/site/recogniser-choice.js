import { byId, make, takeDrops } from './dom.js';
import { ownReasonOf } from './reasons.js';
import { fill, isolated, modelName, words } from './words.js';

/** @import { PageEngine } from './page-engine.js' */
/** @import { Engine, SerfiqError } from './serfiq/index.js' */

/** The files chosen: a network, and a card if there is one. @typedef {{ onnx: File, card?: File }} Files */

/**
 * Lets the visitor use their own recogniser in place of the built-in one. Its files are read in the page. If it cannot be used, the
 * page says why, and keeps the previous one.
 */
export class RecogniserChoice {
  #root = byId('own', HTMLDetailsElement);
  #input = byId('own-input', HTMLInputElement);
  #remove = byId('own-remove', HTMLButtonElement);
  #status = byId('own-status', HTMLElement);
  #engine;
  /** The network chosen last, usable or not: its card may follow. @type {File | null} */
  #onnx = null;
  /** Counts the choices: the outcome of an older one is ignored. */
  #wishes = 0;

  /** @param {PageEngine} engine */
  constructor(engine) {
    this.#engine = engine;
    this.#input.addEventListener('change', () => {
      this.#choose([...(this.#input.files ?? [])]);
      // So that the same files can be chosen again, after a change.
      this.#input.value = '';
    });
    takeDrops(this.#root, (files) => this.#choose(files));
    this.#remove.addEventListener('click', () => {
      this.#onnx = null;
      this.#use(undefined);
      this.#input.focus();
    });
  }

  /** @param {File[]} files */
  #choose(files) {
    if (files.length === 0) return;
    const isCard = (/** @type {File} */ { name }) => name.toLowerCase().endsWith('.toml');
    const card = files.find(isCard);
    this.#onnx = files.find((file) => !isCard(file)) ?? this.#onnx;
    if (this.#onnx) this.#use({ onnx: this.#onnx, card });
    else this.#say('waiting', words.own.cardAlone);
  }

  /** @param {Files | undefined} files */
  async #use(files) {
    const wish = ++this.#wishes;
    this.#say('loading', files ? fill(words.own.loading, { file: isolated(files.onnx.name) }) : words.status.loading);
    try {
      const engine = await this.#engine.use(files);
      if (wish !== this.#wishes) return;
      this.#remove.hidden = !files;
      this.#say('ready', describe(engine));
    } catch (error) {
      if (wish !== this.#wishes) return;
      const { code, message } = /** @type {SerfiqError} */ (error);
      const reason = ownReasonOf(code);
      this.#say('failed', files ? fill(words.own.failed, { file: isolated(files.onnx.name), reason }) : reason);
      this.#status.append(' ', english(message));
    }
  }

  /** @param {'loading' | 'waiting' | 'ready' | 'failed'} state @param {string} text */
  #say(state, text) {
    this.#root.dataset.state = state;
    this.#status.textContent = text;
  }
}

/** Marks the engine's message as English: it is not translated. @param {string} message */
function english(message) {
  const detail = make('bdi', '', message);
  detail.lang = 'en';
  return detail;
}

/** Describes the recogniser in use, and what its scores lack. @param {Engine} engine */
function describe({ info: { model, calibrated, trainedWithDropout } }) {
  const lacks = [!calibrated && words.own.uncalibrated, !trainedWithDropout && words.own.untrained];
  return [fill(words.own.used, { model: isolated(modelName(model)) }), ...lacks].filter(Boolean).join(' ');
}

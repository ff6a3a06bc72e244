import { byId } from './dom.js';
import { fill, modelName, number, words } from './words.js';

/** @import { EngineInfo, MethodName, Report } from './serfiq/types.js' */

/** What is in use: the backend (and why not the other one), model, method and time. */
export class Status {
  #backend = byId('backend', HTMLElement);
  #reason = byId('fallback-reason', HTMLElement);
  #model = byId('model', HTMLElement);
  #method = byId('method', HTMLElement);
  #milliseconds = byId('milliseconds', HTMLElement);

  constructor() {
    this.showBackendText(words.status.idle);
  }

  /** @param {EngineInfo} info */
  showEngine({ backend, threads, adapter, fallbackCode, model }) {
    this.#backend.dataset.backend = backend;
    this.#backend.textContent = words.status.backends[backend] + (threads > 1 ? ` × ${number(threads, 0)}` : '');
    this.#backend.title = adapter ?? '';
    this.#reason.textContent = backend === 'cpu' ? whyCpu(fallbackCode) : '';
    this.#model.textContent = modelName(model);
  }

  /** @param {string} text */
  showBackendText(text) {
    this.#backend.dataset.backend = '';
    this.#backend.textContent = text;
    this.#reason.textContent = '';
  }

  /** @param {{ method: MethodName, passes: number }} inUse */
  showMethod({ method, passes }) {
    this.#method.dataset.method = method;
    this.#method.textContent = method === 'mc' ? fill(words.status.passes, { passes }) : words.status.limit;
  }

  /** @param {Report} report */
  showReport({ milliseconds: { detect, score, total } }) {
    this.#milliseconds.textContent = fill(words.status.milliseconds, { value: number(total, total < 10 ? 1 : 0) });
    this.#milliseconds.title = fill(words.status.timing, { detect: number(detect, 1), score: number(score, 1) });
  }
}

/** @param {EngineInfo['fallbackCode']} code */
function whyCpu(code) {
  if (code === 'engine-died') return words.status.restarted;
  return fill(words.status.fallback, { reason: code ? words.status.fallbacks[code] : words.status.cpuAsked });
}

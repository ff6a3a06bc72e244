import { byId } from './dom.js';
import { strings } from './strings.js';

/** @import { EngineInfo, Result, ScoreOptions } from './types.js' */

/** The line that always says what is at work: backend and why not the other, model, method, time. */
export class StatusLine {
  #backend = byId('backend', HTMLElement);
  #reason = byId('fallback-reason', HTMLElement);
  #model = byId('model', HTMLElement);
  #method = byId('method', HTMLElement);
  #milliseconds = byId('milliseconds', HTMLElement);

  /** @param {EngineInfo} info */
  showEngine({ backend, adapter, fallbackReason, model }) {
    this.#backend.dataset.backend = backend;
    this.#backend.textContent = strings.status.backends[backend];
    this.#backend.title = adapter ?? '';
    const reason = fallbackReason ?? strings.status.cpuAsked;
    this.#reason.textContent = backend === 'cpu' ? strings.status.fallback(reason) : '';
    this.#model.textContent = strings.modelName(model);
  }

  /** @param {string} text */
  showBackendText(text) {
    this.#backend.dataset.backend = '';
    this.#backend.textContent = text;
  }

  /** @param {ScoreOptions} options */
  showMethod({ method, passes }) {
    if (!method) return;
    this.#method.dataset.method = method;
    this.#method.textContent = strings.status.methodInUse(method, passes);
  }

  /** @param {Result['milliseconds']} milliseconds */
  showTime({ detect, score, total }) {
    this.#milliseconds.textContent = strings.status.milliseconds(total);
    this.#milliseconds.title = strings.status.timing(detect, score);
  }
}

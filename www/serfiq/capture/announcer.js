/** Screen readers are told at most this often. */
const PAUSE_MS = 3000;

/** Says things politely: never the same twice in a row, never too often; of several waiting, the latest. */
export class Announcer {
  #element;
  #spoken = '';
  #waiting = '';
  #quietUntil = 0;
  #timer = 0;

  /** @param {HTMLElement} element with aria-live="polite" */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  say(text) {
    this.#waiting = text;
    if (this.#timer) return;
    this.#timer = window.setTimeout(() => this.#speak(), Math.max(0, this.#quietUntil - performance.now()));
  }

  #speak() {
    this.#timer = 0;
    if (this.#waiting === this.#spoken) return;
    this.#spoken = this.#waiting;
    this.#element.textContent = this.#spoken;
    this.#quietUntil = performance.now() + PAUSE_MS;
  }
}

/** Screen readers are told at most this often. */
const PAUSE_MS = 2000;

/** Says things politely: never the same twice in a row, never too often; of several waiting, the latest. */
export class Announcer {
  #element;
  #spoken = '';
  #waiting = '';
  #quietUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | 0} */
  #timer = 0;

  /** @param {HTMLElement} element with aria-live="polite" */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  say(text) {
    this.#waiting = text;
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#speak(), Math.max(0, this.#quietUntil - performance.now()));
  }

  /** Says nothing more of what was to be said. */
  hush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#spoken = '';
    this.#element.textContent = '';
  }

  #speak() {
    this.#timer = 0;
    if (this.#waiting === this.#spoken) return;
    this.#spoken = this.#waiting;
    this.#element.textContent = this.#spoken;
    this.#quietUntil = performance.now() + PAUSE_MS;
  }
}

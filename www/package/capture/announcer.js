/** Minimum time between announcements to a screen reader. */
const PAUSE_MS = 2000;

/** Announces politely: never the same text twice in a row, never too often. Of several waiting texts, only the latest is announced. */
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

  /** Cancels the waiting announcement, and clears the last one. */
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

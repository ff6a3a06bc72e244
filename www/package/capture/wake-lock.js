/** Keeps the screen on while a camera runs. A phone dims it after some seconds without a touch, and then pauses the page and its camera. */
export class WakeLock {
  #wanted = false;
  #asking = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  /** The browser may have no wake lock, or refuse one, as with a low battery: that is no error. @param {boolean} wanted */
  async hold(wanted) {
    this.#wanted = wanted;
    if (!wanted) return this.#release();
    // A lock that the browser itself has released, as it does in a hidden page, has to be requested again.
    if (this.#asking || this.#lock?.released === false) return;
    this.#asking = true;
    this.#lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
    this.#asking = false;
    // The camera may have ended while the browser was asked.
    if (!this.#wanted) this.#release();
  }

  #release() {
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }
}

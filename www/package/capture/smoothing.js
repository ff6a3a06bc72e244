/** Time in which a step has settled to within 2 %: the indicator must be calm, and half a second is the longest it may lag. */
const SETTLING_MS = 500;
const TIME_CONSTANT_MS = SETTLING_MS / 4;

/**
 * Exponential smoothing by time, not by frames: the same calm at 5 and at 60 frames a second. Values further apart than the
 * settling time come through as they are.
 */
export class Smoother {
  /** @type {{ value: number, time: number } | null} */
  #last = null;

  /** @param {number} value @param {number} time in milliseconds @returns {number} */
  next(value, time) {
    const elapsed = this.#last ? time - this.#last.time : Infinity;
    const before = this.#last?.value ?? value;
    const smoothed = elapsed >= SETTLING_MS ? value : before + (value - before) * (1 - Math.exp(-elapsed / TIME_CONSTANT_MS));
    this.#last = { value: smoothed, time };
    return smoothed;
  }

  reset() {
    this.#last = null;
  }
}

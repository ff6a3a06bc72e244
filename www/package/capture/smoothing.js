/** Time for a step to settle within 2 %: the indicator must be steady, but may lag by half a second at most. */
const SETTLING_MS = 500;
const TIME_CONSTANT_MS = SETTLING_MS / 4;

/**
 * Exponential smoothing by time, not by frames: equally steady at 5 and at 60 frames a second. Values further apart than the
 * settling time pass through unchanged.
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

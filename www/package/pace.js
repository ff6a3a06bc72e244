/** Milliseconds of a score from which a machine is too slow to score every frame and guide as well. */
const SLOW_SCORE = 200;
/** Milliseconds of looking (reading the pixels, finding faces, measuring) from which frames are looked at in a smaller copy. */
const SLOW_LOOK = 70;
/** So many slow looks in a row: one alone may be the machine's other work. */
const SLOW_LOOKS = 5;
/** Long sides in pixels of the copies that are looked at. */
const LARGE = 1280;
const SMALL = 640;
/** After so many times a score's own time, a frame is scored whatever is wrong with it: the person wants to see a score, too. */
const PATIENCE = 4;

/**
 * Fits the work to the machine. A fast one scores every frame. A slow one must not answer a movement seconds later: it scores for
 * half of its time at most, and then rather those frames that may become the picture.
 */
export class Pace {
  #scoreMs = 0;
  #scoredAt = -Infinity;
  #slowLooks = 0;
  #longSide = LARGE;

  /**
   * @param {number} time in milliseconds
   * @returns {{ longSide: number, scoring: 'always' | 'if-good' | 'never' }} what to do with the frame of this time
   */
  next(time) {
    return { longSide: this.#longSide, scoring: this.#scoring(time - this.#scoredAt) };
  }

  /** @param {number} sinceScore */
  #scoring(sinceScore) {
    if (this.#scoreMs < SLOW_SCORE || sinceScore > PATIENCE * this.#scoreMs) return 'always';
    return sinceScore > this.#scoreMs ? 'if-good' : 'never';
  }

  /**
   * @param {number} time when the answer came
   * @param {{ detect: number, score: number }} milliseconds
   * @param {boolean} scored
   */
  took(time, { detect, score }, scored) {
    if (scored) {
      this.#scoreMs = score;
      this.#scoredAt = time;
    }
    this.#slowLooks = detect > SLOW_LOOK ? this.#slowLooks + 1 : 0;
    // For good: a machine that is slow at one size would go to and fro.
    if (this.#slowLooks >= SLOW_LOOKS) this.#longSide = SMALL;
  }
}

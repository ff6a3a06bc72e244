import { bandOf } from './serfiq/index.js';
import { fill, isolated, number, words } from './words.js';

/** @import { Band } from './serfiq/quality-bands.js' */
/** @import { Percentiles } from './serfiq/types.js' */

/**
 * Returns the one verdict on a picture, to show beside its quality: a word for how good it is, or that it is refused. A refused picture is
 * not praised, however high its quality.
 * @param {number} quality 0 to 100
 * @param {boolean} accepted
 * @returns {{ band: Band | 'refused', word: string }} the band chooses the colour
 */
export function verdictOf(quality, accepted) {
  if (!accepted) return { band: 'refused', word: words.score.refused };
  const band = bandOf(quality);
  return { band, word: words.bands[band] };
}

/**
 * Says how many of the known faces a score exceeds; empty if that is unknown.
 * @param {number | null | undefined} percentile 0 to 100
 * @param {Percentiles | null | undefined} percentiles
 */
export function betterThan(percentile, percentiles) {
  if (typeof percentile !== 'number' || !percentiles) return '';
  // 100 only if the score exceeds every one.
  const percent = percentile < 100 ? Math.min(99, Math.round(percentile)) : 100;
  return fill(words.score.betterThan, { percent: fill(words.units.percent, { value: number(percent) }), faces: isolated(percentiles.of) });
}

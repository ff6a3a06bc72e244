/** @typedef {'poor' | 'fair' | 'good' | 'excellent'} Band */

/**
 * The lower bound of each word on the quality scale 0..100. The scale is logistic in the raw score, and 50 is the middle of the
 * model's calibration; the words are its quarters. They are for display only: set decision thresholds on your own data.
 * @type {readonly { from: number, band: Band }[]}
 */
export const QUALITY_BANDS = Object.freeze([
  { from: 75, band: 'excellent' },
  { from: 50, band: 'good' },
  { from: 25, band: 'fair' },
  { from: 0, band: 'poor' },
]);

/** How far a live value must pass a boundary before its word changes, so that the word does not flicker. */
const HYSTERESIS = 2;

/** @param {number} quality 0..100 @returns {Band} */
export function bandOf(quality) {
  return (QUALITY_BANDS.find(({ from }) => quality >= from) ?? QUALITY_BANDS[QUALITY_BANDS.length - 1]).band;
}

/**
 * Returns the word for a changing value, with hysteresis.
 * @param {number} quality 0..100
 * @param {Band | null} last the word shown so far
 * @returns {Band}
 */
export function steadyBandOf(quality, last) {
  const stays = last !== null && (bandOf(quality - HYSTERESIS) === last || bandOf(quality + HYSTERESIS) === last);
  return stays ? last : bandOf(quality);
}

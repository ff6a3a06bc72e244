/** @import { Percentiles } from './types.js' */

/**
 * Returns the percentage of the faces, 0 to 100, whose quality is lower, as reports do for the faces that they score. With
 * `engine.info.percentiles`, it says what a threshold means.
 * @param {number} quality 0 to 100
 * @param {Percentiles | null} percentiles
 * @returns {number | null} null without percentiles, and for NaN
 */
export function percentileOf(quality, percentiles) {
  if (!percentiles || Number.isNaN(quality)) return null;
  const { points } = percentiles;
  const above = points.findIndex((point) => point.quality >= quality);
  if (above === 0) return 0;
  if (above < 0) return 100;
  const [low, high] = [points[above - 1], points[above]];
  return low.percent + ((high.percent - low.percent) * (quality - low.quality)) / (high.quality - low.quality);
}

import { SerfiqError } from '../errors.js';

/** @import { EngineInfo, GuideSettings, WatchOptions } from '../types.js' */
/** @import { ElementProperties } from './properties.js' */

/**
 * Returns the options for watching the camera, from the element's properties.
 * @param {ElementProperties} properties
 * @returns {WatchOptions}
 */
export function watchOptions({ threshold, timeLimit, autoCapture, belowThreshold, pictureType, crop, standardMeasures, explain, guide: own }) {
  /** @type {GuideSettings} */
  const guide = { ...own };
  if (threshold !== null) guide.score = { limit: threshold, margin: own?.score?.margin ?? Math.min(5, 100 - threshold) };
  guide.capture = autoCapture
    ? {
        below_threshold: belowThreshold,
        ...(timeLimit !== null && { time_limit_ms: timeLimit === 0 ? null : Math.round(timeLimit * 1000) }),
        ...own?.capture,
      }
    : null;
  return { guide, pictureType, crop, standardMeasures, explain };
}

/**
 * Returns method and passes, which may change from frame to frame.
 * @param {ElementProperties} properties
 * @returns {Pick<WatchOptions, 'method' | 'passes'>}
 */
export function scoringOptions({ method, passes }) {
  return { method: method ?? undefined, passes: passes ?? undefined };
}

/**
 * Throws if the threshold could never be reached: an uncalibrated recogniser gives no qualities.
 * @param {ElementProperties} properties
 * @param {EngineInfo} info
 */
export function checkThreshold({ threshold }, { calibrated, model }) {
  if (calibrated || threshold === null) return;
  throw new SerfiqError(
    'invalid-option',
    `The attribute threshold is a quality, and the recogniser ${model} is not calibrated: it gives raw scores only. Remove the attribute, ` +
      'calibrate the recogniser, or set a raw score as guide.score (docs/capture.md).',
  );
}

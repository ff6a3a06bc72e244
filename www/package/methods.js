import { SerfiqError } from './errors.js';

/** @import { ScoreSettings } from './types.js' */

/** Scoring methods: Monte Carlo dropout passes, or their closed-form limit. */
export const METHODS = Object.freeze(/** @type {const} */ (['mc', 'limit']));

/** The engine's limits on the number of dropout passes. */
export const PASSES = Object.freeze({ min: 2, max: 1000, default: 100 });

/** The engine's default seed. */
export const DEFAULT_SEED = 0;

/**
 * Throws if `passes` is out of bounds, whether or not the method uses it. The engine checks everything else.
 * @param {ScoreSettings} settings
 * @throws {SerfiqError} `invalid-option`
 */
export function checkPasses({ passes }) {
  if (passes === undefined || passes === null) return;
  if (Number.isInteger(passes) && passes >= PASSES.min && passes <= PASSES.max) return;
  throw new SerfiqError('invalid-option', `passes is ${passes}; expected a whole number from ${PASSES.min} to ${PASSES.max}.`);
}

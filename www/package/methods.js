/** Scoring methods: Monte Carlo dropout passes, or their closed-form limit. */
export const METHODS = Object.freeze(/** @type {const} */ (['mc', 'limit']));

/** Ways to score: Monte Carlo dropout passes, or their limit in closed form. */
export const METHODS = Object.freeze(/** @type {const} */ (['mc', 'limit']));

/**
 * Assesses a picture with an explanation of its score or, if the recogniser's scores cannot be explained, without one: the picture counts
 * more. What else may be wrong with the options is wrong without the explanation, too, and is thrown.
 * @template T
 * @param {(explain: boolean) => Promise<T>} assess
 * @returns {Promise<T>}
 */
export async function explainedIfPossible(assess) {
  try {
    return await assess(true);
  } catch (error) {
    if (/** @type {{ code?: unknown } | null} */ (error)?.code !== 'invalid-option') throw error;
    return assess(false);
  }
}

/**
 * Assesses a picture with an explanation of its score, or without one if the recogniser's scores cannot be explained: the picture matters
 * more. If another option is invalid, the attempt without the explanation throws its error.
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

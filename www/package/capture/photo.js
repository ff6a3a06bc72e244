import { SerfiqError } from '../errors.js';
import { explainedIfPossible } from '../explained.js';

/** @import { Engine } from '../engine.js' */
/** @import { Explained, Picture, Report, ScoreOptions } from '../types.js' */

/** The formats that the engine reads. An iPhone converts its own format to one of them. */
const FORMATS = 'image/jpeg,image/png,image/webp';

/** The last file input: Safari discards one that nothing refers to. @type {HTMLInputElement | null} */
let input = null;

/** Opens the browser's choice of files. @param {(photo: File) => void} onChosen */
export function choosePhoto(onChosen) {
  input = Object.assign(document.createElement('input'), { type: 'file', accept: FORMATS });
  input.addEventListener('change', ({ target }) => {
    const [photo] = /** @type {HTMLInputElement} */ (target).files ?? [];
    if (photo) onChosen(photo);
  });
  input.click();
}

/**
 * Judges a photo by the checks for the camera's pictures, except that the face may be anywhere.
 * @param {Engine} engine
 * @param {Blob} photo
 * @param {ScoreOptions & { belowThreshold: boolean, crop: boolean, explain: boolean }} options
 * @returns {Promise<Picture>} with the photo itself
 * @throws {SerfiqError} `photo-refused` with the most important issue, `photo-unreadable`, or of the engine
 */
export async function judgePhoto(engine, photo, { belowThreshold, crop, explain, ...options }) {
  /** @type {(explain: boolean) => Promise<Explained>} */
  const score = (explain) => (explain ? engine.explain(photo, options) : engine.score(photo, options));
  const report = await (explain ? explainedIfPossible(score) : score(false)).catch(rethrow);
  const isScored = typeof report.faces[0]?.raw === 'number';
  if (!report.accepted && !(belowThreshold && isScored)) {
    const wrong = report.issues.join(', ') || 'its face has no score';
    throw new SerfiqError('photo-refused', `The photo did not pass the checks: ${wrong}. Choose another one.`, report.issues[0] ?? null);
  }
  return { blob: photo, crop: crop ? await cropOf(engine, photo, report, options.signal) : null, report };
}

/** @param {Engine} engine @param {Blob} photo @param {Report} report @param {AbortSignal} [signal] @returns {Promise<Blob>} */
async function cropOf(engine, photo, report, signal) {
  const picture = await createImageBitmap(photo).catch(() => {
    const problem = 'The browser could not decode the photo; expected a JPEG, PNG or WebP picture. Choose another one.';
    throw new SerfiqError('photo-unreadable', problem, 'damaged');
  });
  return engine.submit({ kind: 'crop', picture, report }, [picture], 1, signal);
}

/** @param {unknown} error @returns {never} */
function rethrow(error) {
  if (!(error instanceof SerfiqError) || error.code !== 'unreadable-image') throw error;
  throw new SerfiqError('photo-unreadable', error.message, error.reason);
}

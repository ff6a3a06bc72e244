import { make } from './dom.js';
import { PASSES } from './serfiq/index.js';
import { verdictOf } from './verdict.js';
import { number, rawText } from './words.js';

/** @import { Engine } from './serfiq/index.js' */
/** @import { Jitter, Scored } from './serfiq/types.js' */
/** @import { Thresholds } from './measures.js' */

/**
 * A photo, its report, the thresholds it is judged by, and the jitter of its embedding.
 * @typedef {{ photo: Blob, report: Scored, thresholds: Thresholds, jitter: Jitter }} Specimen
 */

/**
 * @param {Engine} engine
 * @param {Blob} photo
 * @param {AbortSignal} [signal]
 * @returns {Promise<Specimen | null>} null if there is no face
 */
export async function examine(engine, photo, signal) {
  // The score shown comes from the passes drawn; only measures and faults come from the report.
  const method = engine.info.methods.includes('limit') ? 'limit' : 'mc';
  const report = await engine.score(photo, { method, signal });
  if (report.faces.length === 0) return null;
  const jitter = await engine.jitter(photo, { passes: PASSES.default, signal });
  return jitter && { photo, report, thresholds: engine.info.guide.defaults, jitter };
}

/**
 * Shows a specimen's quality as number and word, and its raw score; without a calibration, only the raw score.
 * @param {Specimen} specimen
 * @param {boolean} [accepted] the verdict on the picture, where that is shown
 */
export function makeScore({ jitter }, accepted = true) {
  const score = make('div', 'specimen-score');
  if (jitter.quality !== null) {
    const { band, word } = verdictOf(jitter.quality, accepted);
    score.dataset.band = band;
    const head = make('p');
    head.append(make('strong', 'specimen-number', number(jitter.quality)), ' ', make('span', 'band-word', word));
    score.append(head);
  }
  score.append(make('p', 'quiet', rawText(jitter)));
  return score;
}

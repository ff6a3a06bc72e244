import { make } from './dom.js';
import { bandOf } from './serfiq/index.js';
import { number, rawText, words } from './words.js';

/** @import { Engine } from './serfiq/index.js' */
/** @import { Jitter, Scored } from './serfiq/types.js' */
/** @import { Thresholds } from './measures.js' */

/** As many as the paper uses. */
const PASSES = 100;

/**
 * A photo, what is measured of it, by which thresholds it is judged, and how its code jitters.
 * @typedef {{ photo: Blob, report: Scored, thresholds: Thresholds, jitter: Jitter }} Specimen
 */

/**
 * @param {Engine} engine
 * @param {Blob} photo
 * @param {AbortSignal} [signal]
 * @returns {Promise<Specimen | null>} null if there is no face
 */
export async function examine(engine, photo, signal) {
  // The score that is shown is that of the passes that are drawn; of the report only measures and faults are.
  const method = engine.info.methods.includes('limit') ? 'limit' : 'mc';
  const report = await engine.score(photo, { method, signal });
  if (report.faces.length === 0) return null;
  const jitter = await engine.jitter(photo, { passes: PASSES, signal });
  return jitter && { photo, report, thresholds: engine.info.guide.defaults, jitter };
}

/** Number and word of a specimen's quality; without a calibration only its raw score. @param {Specimen} specimen */
export function makeScore({ jitter }) {
  const score = make('div', 'specimen-score');
  if (jitter.quality !== null) {
    const band = bandOf(jitter.quality);
    score.dataset.band = band;
    const head = make('p');
    head.append(make('strong', 'specimen-number', number(jitter.quality)), ' ', make('span', 'band-word', words.bands[band]));
    score.append(head);
  }
  score.append(make('p', 'quiet', rawText(jitter)));
  return score;
}

import { make } from './dom.js';
import { makeFacePicture } from './face-picture.js';
import { makeOnDemand } from './on-demand.js';
import { drawExplanation, partsReadLittle } from './serfiq/index.js';
import { fill, language, words } from './words.js';

/** @import { SerfiqError } from './serfiq/index.js' */
/** @import { Explained, Parts } from './serfiq/types.js' */

/**
 * Makes the explanation of a photo's score, which is computed when it is first opened.
 * @param {File} photo
 * @param {() => Promise<Explained>} explain
 */
export function makeExplanation(photo, explain) {
  const { summary, computing: waiting, about, unknown, impossible } = words.explanation;
  return makeOnDemand('explanation', { summary, waiting }, async () => {
    let explained;
    try {
      explained = await explain();
    } catch (error) {
      // These options have already scored the photo, so only the recogniser can be at fault.
      if (/** @type {SerfiqError} */ (error).code === 'invalid-option') return [make('p', '', impossible)];
      throw error;
    }
    const { explanation } = explained;
    if (!explanation?.parts) return [make('p', '', unknown)];
    const figure = await makeFacePicture(photo, sentenceOf(explanation.parts), explanation.corners, (context) => drawExplanation(context, explanation));
    return [figure, makeLegend(), make('p', 'quiet', about)];
  });
}

/** Says which parts of a face are read little, the least first. @param {Parts} parts */
function sentenceOf(parts) {
  const little = partsReadLittle(parts);
  if (little.length === 0) return words.explanation.usual;
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  return fill(words.explanation.little, { parts: list.format(little.map((name) => words.explanation.parts[name])) });
}

function makeLegend() {
  const legend = make('ul', 'legend');
  for (const look of /** @type {const} */ (['clear', 'veiled'])) {
    const item = make('li');
    const swatch = make('span', `swatch ${look}`);
    swatch.setAttribute('aria-hidden', 'true');
    item.append(swatch, words.explanation[look]);
    legend.append(item);
  }
  return legend;
}

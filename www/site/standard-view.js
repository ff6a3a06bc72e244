import { make } from './dom.js';
import { makeFacePicture } from './face-picture.js';
import { makeOnDemand } from './on-demand.js';
import { measuresTable } from './serfiq/capture/index.js';
import { words } from './words.js';

/** @import { Scored } from './serfiq/types.js' */

/**
 * Makes the standard's measures of a photo, which are taken when they are first opened.
 * @param {File} photo
 * @param {() => Promise<Scored>} measure
 */
export function makeStandard(photo, measure) {
  return makeOnDemand('standard', { summary: words.standard.summary, waiting: words.standard.measuring }, async () => {
    const { standard_measures: measures = {}, mesh } = await measure();
    const table = await measuresTable(measures, [document.documentElement.lang]);
    const about = make('p', 'quiet', words.standard.about);
    if (!mesh) return [table, about];
    const figure = await makeFacePicture(photo, words.standard.picture, mesh, (context, scale) => drawLandmarks(context, scale, mesh));
    return [figure, table, about];
  });
}

/** @param {CanvasRenderingContext2D} context @param {number} scale @param {[number, number, number][]} mesh */
function drawLandmarks(context, scale, mesh) {
  // White with a dark edge is seen on any skin and any ground.
  for (const [colour, size] of /** @type {const} */ ([['rgb(0 0 0 / 55%)', 3.4], ['#fff', 2.1]])) {
    const radius = size / scale;
    context.fillStyle = colour;
    context.beginPath();
    for (const [x, y] of mesh) {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
  }
}

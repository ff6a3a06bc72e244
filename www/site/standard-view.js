import { make } from './dom.js';
import { reasonOf } from './reasons.js';
import { measuresTable } from './serfiq/capture/index.js';
import { words } from './words.js';

/** @import { Scored } from './serfiq/types.js' */

/** Side of the picture, in pixels. */
const SIDE = 640;
/** Margin around the landmarks, as a fraction of their longer side. */
const MARGIN = 0.2;

/**
 * Makes the standard's measures of a photo, which are taken when they are first opened.
 * @param {File} photo
 * @param {() => Promise<Scored>} measure
 */
export function makeStandard(photo, measure) {
  const details = make('details', 'standard');
  const status = make('p', 'quiet');
  status.setAttribute('role', 'status');
  details.append(make('summary', '', words.standard.summary), status);
  const show = async () => {
    if (!details.open) return;
    details.removeEventListener('toggle', show);
    status.textContent = words.standard.measuring;
    try {
      const { standard_measures: measures = {}, mesh } = await measure();
      const table = await measuresTable(measures, [document.documentElement.lang]);
      status.remove();
      details.append(...(mesh ? [makeFigure(photo, mesh)] : []), table, make('p', 'quiet', words.standard.about));
    } catch (error) {
      status.textContent = reasonOf(error);
      details.addEventListener('toggle', show);
    }
  };
  details.addEventListener('toggle', show);
  return details;
}

/** @param {File} photo @param {[number, number, number][]} mesh */
function makeFigure(photo, mesh) {
  const figure = make('figure', 'standard-picture');
  const canvas = make('canvas');
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', words.standard.picture);
  figure.append(canvas, make('figcaption', 'quiet', words.standard.picture));
  draw(canvas, photo, mesh);
  return figure;
}

/** @param {HTMLCanvasElement} canvas @param {File} photo @param {[number, number, number][]} mesh */
async function draw(canvas, photo, mesh) {
  const context = canvas.getContext('2d');
  if (!context) return;
  const [across, down] = [0, 1].map((axis) => mesh.map((point) => point[axis]));
  const [left, right, top, bottom] = [Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)];
  const side = Math.max(right - left, bottom - top) * (1 + 2 * MARGIN);
  const [x, y] = [(left + right - side) / 2, (top + bottom - side) / 2];
  const scale = SIDE / side;
  try {
    const bitmap = await createImageBitmap(photo);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, -x * scale, -y * scale, bitmap.width * scale, bitmap.height * scale);
    bitmap.close();
  } catch {
    // Without the picture, the landmarks still show the face.
  }
  // White with a dark edge is seen on any skin and any ground.
  for (const [colour, radius] of /** @type {const} */ ([['rgb(0 0 0 / 55%)', 3.4], ['#fff', 2.1]])) {
    context.fillStyle = colour;
    context.beginPath();
    for (const [px, py] of mesh) {
      context.moveTo((px - x) * scale + radius, (py - y) * scale);
      context.arc((px - x) * scale, (py - y) * scale, radius, 0, 2 * Math.PI);
    }
    context.fill();
  }
}

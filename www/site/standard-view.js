import { make, makeTrack } from './dom.js';
import { shown } from './measures.js';
import { reasonOf } from './reasons.js';
import { bandOf } from './serfiq/index.js';
import { number, words } from './words.js';

/** @import { Scored, StandardMeasure } from './serfiq/types.js' */

/** Side of the picture, in pixels. */
const SIDE = 640;
/** Margin around the landmarks, as a fraction of their longer side. */
const MARGIN = 0.2;

/** @typedef {keyof typeof words.standard.names} Name */

/** How the native value of each measure is shown, in the order of the table. @type {[Name, (value: number) => string][]} */
const MEASURES = [
  ['LuminanceMean', shown('percent', 0, 100)],
  ['LuminanceVariance', shown('plain', 3)],
  ['DynamicRange', shown('bits', 1)],
  ['IlluminationUniformity', shown('percent', 0, 100)],
  ['UnderExposurePrevention', shown('percent', 1, 100)],
  ['OverExposurePrevention', shown('percent', 1, 100)],
  ['NaturalColour', shown('plain', 1)],
  ['BackgroundUniformity', shown('plain', 1)],
  ['SingleFacePresent', shown('percent', 0, 100)],
  ['EyesOpen', shown('percent', 1, 100)],
  ['MouthClosed', shown('percent', 1, 100)],
  ['HeadPoseYaw', shown('degrees', 1)],
  ['HeadPosePitch', shown('degrees', 1)],
  ['HeadPoseRoll', shown('degrees', 1)],
  ['InterEyeDistance', shown('pixels')],
  ['HeadSize', shown('percent', 0, 100)],
  ['LeftwardCropOfTheFaceImage', shown('plain', 2)],
  ['RightwardCropOfTheFaceImage', shown('plain', 2)],
  ['MarginAboveOfTheFaceImage', shown('plain', 2)],
  ['MarginBelowOfTheFaceImage', shown('plain', 2)],
];

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
      const result = await measure();
      status.remove();
      details.append(...(result.mesh ? [makeFigure(photo, result.mesh)] : []), makeTable(result), make('p', 'quiet', words.standard.about));
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

/** @param {Scored} result */
function makeTable({ standard_measures: measures = {} }) {
  const table = make('table', 'standard-table');
  const head = make('tr');
  for (const text of [words.standard.measure, words.standard.value, words.standard.quality]) {
    const cell = make('th', '', text);
    cell.scope = 'col';
    head.append(cell);
  }
  const rows = MEASURES.flatMap(([name, show]) => (measures[name] ? [makeRow(name, measures[name], show)] : []));
  const [top, body] = [make('thead'), make('tbody')];
  top.append(head);
  body.append(...rows);
  table.append(top, body);
  return table;
}

/** @param {Name} name @param {StandardMeasure} measure @param {(value: number) => string} show */
function makeRow(name, { native, quality, unassessed, approximate }, show) {
  const row = make('tr');
  row.dataset.measure = name;
  const heading = make('th', '', words.standard.names[name]);
  heading.scope = 'row';
  heading.title = name;
  if (approximate) heading.append(' ', make('span', 'quiet', '≈'));
  if (native === null || quality === null) {
    const reason = make('td', 'quiet', unassessed ? words.standard.unassessed[unassessed] : '');
    reason.colSpan = 2;
    row.append(heading, reason);
    return row;
  }
  const band = bandOf(quality);
  const bar = make('div', 'standard-quality');
  bar.dataset.band = band;
  bar.append(makeTrack(quality), make('span', 'standard-number', number(quality)), make('span', 'photo-word', words.bands[band]));
  const cell = make('td');
  cell.append(bar);
  row.append(heading, make('td', '', show(native)), cell);
  return row;
}

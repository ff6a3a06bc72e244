/** @import { Explanation, Parts } from './types.js' */

/** The veil's colour: one hue, since more would suggest more than the map knows. */
const [RED, GREEN, BLUE] = [24, 32, 64];
/** Its opacity where nothing is read: the face can still be seen. */
const MAX_OPACITY = 0.72;
/** Side of a cell in the veil's own picture, in pixels. Browsers interpolate few pixels differently, so most of it is done here. */
const CELL = 16;
/** A part whose reading is below this is read little. */
const LITTLE = 0.5;

/**
 * Draws a calm veil over the parts of a face in which the recogniser reads less than usual. It changes gradually from cell to cell, fades
 * towards the border of the aligned face, and leaves everything outside it as it is. Draws nothing if `reading` is null.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context shows the picture that was explained; its transform maps the
 *   picture's pixels to the canvas
 * @param {Pick<Explanation, 'rows' | 'columns' | 'corners' | 'reading'>} explanation
 */
export function drawExplanation(context, { rows, columns, corners, reading }) {
  if (!reading) return;
  const [[left, top], [rightX, rightY], , [belowX, belowY]] = corners;
  context.save();
  // The corners count from the middle of the first pixel, a canvas from its edge.
  context.transform(rightX - left, rightY - top, belowX - left, belowY - top, left + 0.5, top + 0.5);
  context.imageSmoothingEnabled = true;
  context.drawImage(veilOf(rows, columns, reading), 0, 0, 1, 1);
  context.restore();
}

/**
 * Returns the parts of a face in which the recogniser reads little, the least first. If both sides are among them, as well as parts between
 * them, the sides are left out, because they add nothing.
 * @param {Parts} parts of an explanation
 * @returns {(keyof Parts)[]}
 */
export function partsReadLittle(parts) {
  const names = /** @type {(keyof Parts)[]} */ (Object.keys(parts));
  const little = names.filter((name) => parts[name] < LITTLE).sort((a, b) => parts[a] - parts[b]);
  const between = little.filter((name) => name !== 'left' && name !== 'right');
  return between.length > 0 && little.length === between.length + 2 ? between : little;
}

/** @param {number} rows @param {number} columns @param {number[]} reading */
function veilOf(rows, columns, reading) {
  const canvas = new OffscreenCanvas(columns * CELL, rows * CELL);
  const veil = new ImageData(canvas.width, canvas.height);
  for (let pixel = 0; pixel < canvas.width * canvas.height; pixel += 1) {
    const across = ((pixel % canvas.width) + 0.5) / CELL;
    const down = (Math.floor(pixel / canvas.width) + 0.5) / CELL;
    const border = Math.min(across, down, columns - across, rows - down);
    // From the border to the middle of the outermost cells.
    const fade = Math.min(1, 2 * border);
    const unread = 1 - interpolated(reading, between(down, rows), between(across, columns), columns);
    veil.data.set([RED, GREEN, BLUE, 255 * MAX_OPACITY * unread * fade], 4 * pixel);
  }
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d')).putImageData(veil, 0, 0);
  return canvas;
}

/** @typedef {{ first: number, second: number, share: number }} Between two cells, and how far a place is from the first to the second, 0 to 1 */

/** Returns the cells between whose middles a place lies. @param {number} place in cells @param {number} count of cells @returns {Between} */
function between(place, count) {
  const fromMiddle = Math.min(Math.max(place - 0.5, 0), count - 1);
  const first = Math.floor(fromMiddle);
  return { first, second: Math.min(first + 1, count - 1), share: fromMiddle - first };
}

/** @param {number[]} map @param {Between} down @param {Between} across @param {number} columns */
function interpolated(map, down, across, columns) {
  const inRow = (/** @type {number} */ row) =>
    map[row * columns + across.first] * (1 - across.share) + map[row * columns + across.second] * across.share;
  return inRow(down.first) * (1 - down.share) + inRow(down.second) * down.share;
}

import { WorkerError } from './errors.js';

const SIDE = 16;
/** Tolerated mean difference of a channel, 0 to 255. Faint noise in some browsers does not affect scores; false pixels differ far more. */
const TOLERANCE = 8;

/** Whether a canvas gives back what was drawn; undefined until it is tried. @type {boolean | undefined} */
let isTrue;

/**
 * Throws if this browser gives pages false pixels, as a protection against fingerprinting: no face would be found in any picture. Needed
 * only for pictures read through a canvas; the engine decodes files itself.
 */
export function checkCanvas() {
  isTrue ??= differenceOfPattern() <= TOLERANCE;
  if (isTrue) return;
  throw new WorkerError(
    'pixels-hidden',
    'This browser gives the page false pixels instead of those of pictures, to protect against fingerprinting. Allow this site to read canvases, or use another browser.',
  );
}

/** Draws a pattern, and returns how far the pixels read back differ from it. */
function differenceOfPattern() {
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
  // The engine reports the missing canvas.
  if (!context) return 0;
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      context.fillStyle = `rgb(${colourAt(x, y).join(' ')})`;
      context.fillRect(x, y, 1, 1);
    }
  }
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  let sum = 0;
  for (let i = 0; i < SIDE * SIDE; i += 1) {
    colourAt(i % SIDE, Math.floor(i / SIDE)).forEach((value, channel) => (sum += Math.abs(data[4 * i + channel] - value)));
  }
  return sum / (3 * SIDE * SIDE);
}

/** A pattern in which no two rows or columns are alike. @param {number} x @param {number} y */
function colourAt(x, y) {
  return [17 * x, 17 * y, 17 * ((x * y) % SIDE)];
}

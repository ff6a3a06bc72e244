/** @import { Report, ScoredFace } from './serfiq/types.js' */

/** Side in pixels: sharp at 64 CSS pixels on a dense display. */
const SIDE = 128;

/** Margin shown around the face, as a fraction of its longer side. */
const MARGIN = 0.25;

/** @typedef {{ x: number, y: number, side: number }} Square in pixels of the photo */

/**
 * Draws part of a photo onto a small canvas. The browser decodes it off the page's thread and keeps no copy; if it cannot
 * decode the picture, the canvas stays empty.
 * @param {HTMLCanvasElement} canvas
 * @param {Blob} photo
 * @param {Square} part
 */
export async function drawThumbnail(canvas, photo, { x, y, side }) {
  canvas.width = canvas.height = SIDE;
  try {
    // The whole photo: if EXIF turns it, a part would refer to the stored picture in some browsers, to the upright one in others.
    const bitmap = await createImageBitmap(photo);
    const context = canvas.getContext('2d');
    if (context) context.imageSmoothingQuality = 'medium';
    context?.drawImage(bitmap, x, y, side, side, 0, 0, SIDE, SIDE);
    bitmap.close();
  } catch {
    // Without a picture, the row's text is enough.
  }
}

/**
 * Returns a square around the face, inside the photo.
 * @param {ScoredFace['box']} box
 * @param {Pick<Report, 'width' | 'height'>} size of the photo
 * @returns {Square}
 */
export function around([x, y, width, height], size) {
  const side = Math.round(Math.max(width, height) * (1 + 2 * MARGIN));
  return place(x + width / 2, y + height / 2, side, size);
}

/**
 * Returns the largest square in the middle of the photo.
 * @param {Pick<Report, 'width' | 'height'>} size
 * @returns {Square}
 */
export function wholeOf(size) {
  return place(size.width / 2, size.height / 2, Infinity, size);
}

/** @param {number} centreX @param {number} centreY @param {number} wanted @param {Pick<Report, 'width' | 'height'>} size */
function place(centreX, centreY, wanted, { width, height }) {
  const side = Math.max(1, Math.min(wanted, width, height));
  /** @param {number} centre @param {number} length */
  const start = (centre, length) => Math.round(Math.min(Math.max(centre - side / 2, 0), length - side));
  return { x: start(centreX, width), y: start(centreY, height), side };
}

/** @import { Scored } from './serfiq/types.js' */

/** Distances between the eyes, in pixels, to which a copy is shrunk before it is enlarged again: worst first. */
export const EYE_DISTANCES = [4, 5, 6, 8, 11, 15];
/** Opacity of the black layer over the copy. */
const DARKNESS = 0.7;
/** Longest side of a copy in pixels: more would only take longer. */
const LONGEST = 1280;

/**
 * Makes a blurred and darkened copy of a photo. It blurs by shrinking and enlarging, which every browser can do.
 * @param {Blob} photo
 * @param {Scored} report of the photo
 * @param {number} eyeDistance in pixels, to which it is shrunk in between
 * @returns {Promise<Blob>}
 */
export async function worsen(photo, { measures }, eyeDistance) {
  const bitmap = await createImageBitmap(photo);
  try {
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
    const shrink = Math.min(1, eyeDistance / (measures.face?.framing.inter_eye ?? bitmap.width / 8));
    const [smallWidth, smallHeight] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * shrink)));
    const small = draw(bitmap, smallWidth, smallHeight);
    const copy = draw(small, width, height);
    const context = contextOf(copy);
    context.fillStyle = `rgb(0 0 0 / ${DARKNESS})`;
    context.fillRect(0, 0, width, height);
    return await new Promise((resolve, reject) => {
      copy.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser could not make a picture.'))), 'image/jpeg', 0.92);
    });
  } finally {
    bitmap.close();
  }
}

/** @param {CanvasImageSource} picture @param {number} width @param {number} height */
function draw(picture, width, height) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = contextOf(canvas);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  const context = canvas.getContext('2d');
  if (context) return context;
  throw new Error('The browser has no memory for the picture.');
}

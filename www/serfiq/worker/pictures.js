import { WorkerError } from './errors.js';

/** @param {ImageBitmap | VideoFrame} picture */
export async function bitmapOf(picture) {
  if (picture instanceof ImageBitmap) return picture;
  try {
    return await createImageBitmap(picture);
  } catch {
    throw new WorkerError('unreadable-image', 'The camera’s picture could not be read. Start the camera again.');
  } finally {
    picture.close();
  }
}

/** @param {Blob} photo */
export async function bytesOf(photo) {
  try {
    return new Uint8Array(await photo.arrayBuffer());
  } catch {
    throw new WorkerError('unreadable-image', 'The file could not be read. It may have been moved or changed since it was chosen.');
  }
}

/**
 * A picture as a file, at its full size.
 * @param {ImageBitmap | ImageData} picture
 * @param {{ type: string, quality?: number }} options
 * @returns {Promise<Blob>}
 */
export async function encode(picture, { type, quality }) {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  if (!context) throw new WorkerError('unreadable-image', 'The browser has no memory for the picture. Close other pages and try again.');
  if (picture instanceof ImageData) context.putImageData(picture, 0, 0);
  else context.drawImage(picture, 0, 0);
  return canvas.convertToBlob({ type, quality });
}

/** Width and height in pixels, as it is shown. @param {ImageBitmap | VideoFrame} picture @returns {[number, number]} */
export function sizeOf(picture) {
  return picture instanceof ImageBitmap ? [picture.width, picture.height] : [picture.displayWidth, picture.displayHeight];
}

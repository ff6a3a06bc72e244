import { WorkerError } from './errors.js';

/** @param {ImageBitmap | VideoFrame} picture */
export async function bitmapOf(picture) {
  if (picture instanceof ImageBitmap) return picture;
  try {
    return await createImageBitmap(picture);
  } catch {
    throw new WorkerError('unreadable-image', 'The camera’s picture could not be read. Start the camera again.', 'no-pixels');
  } finally {
    picture.close();
  }
}

/** @param {Blob} photo */
export async function bytesOf(photo) {
  try {
    return new Uint8Array(await photo.arrayBuffer());
  } catch {
    throw new WorkerError('unreadable-image', 'The file could not be read. It may have been moved or changed since it was chosen.', 'gone');
  }
}

/**
 * Encodes a picture as a file, at full size. A browser that cannot write the type gives PNG, which is many times larger; JPEG is
 * used instead.
 * @param {ImageBitmap | ImageData} picture
 * @param {{ type: string, quality?: number }} options
 * @returns {Promise<Blob>}
 */
export async function encode(picture, { type, quality }) {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  if (!context) throw new WorkerError('unreadable-image', 'The browser has no memory for the picture. Close other pages and try again.', 'too-large');
  if (picture instanceof ImageData) context.putImageData(picture, 0, 0);
  else context.drawImage(picture, 0, 0);
  const blob = await canvas.convertToBlob({ type, quality });
  return blob.type === type ? blob : canvas.convertToBlob({ type: 'image/jpeg', quality });
}

/** Returns the displayed width and height in pixels. @param {ImageBitmap | VideoFrame} picture @returns {[number, number]} */
export function sizeOf(picture) {
  return picture instanceof ImageBitmap ? [picture.width, picture.height] : [picture.displayWidth, picture.displayHeight];
}

/** Reused for every frame, because a frame takes megabytes. */
let bytes = new Uint8Array(0);
/** @type {boolean | undefined} */
let convertsFrames;

/**
 * Returns a camera's frame for the engine: RGBA bytes straight from the camera's buffer, many times faster than through a canvas, or the
 * picture itself if only a canvas can read it. The bytes are valid until the next call.
 * @param {ImageBitmap | VideoFrame} picture
 * @returns {Promise<ImageBitmap | VideoFrame | Uint8Array>}
 */
export async function readable(picture) {
  if (picture instanceof ImageBitmap || !isAsShown(picture)) return picture;
  convertsFrames ??= canConvert();
  if (!convertsFrames) return picture;
  try {
    const size = picture.allocationSize(RGBA);
    if (bytes.length !== size) bytes = new Uint8Array(size);
    await picture.copyTo(bytes, RGBA);
    return bytes;
  } catch {
    return picture;
  }
}

const RGBA = /** @type {VideoFrameCopyToOptions} */ ({ format: 'RGBA' });

/** Whether a frame's buffer holds the picture as displayed: not rotated, flipped or stretched. @param {VideoFrame} frame */
function isAsShown(frame) {
  const { visibleRect, displayWidth, displayHeight, rotation, flip } = /** @type {VideoFrame & { rotation?: number, flip?: boolean }} */ (frame);
  return !rotation && !flip && visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
}

/** Whether this browser converts frames when it copies them; older ones ignore the requested format. */
function canConvert() {
  const frame = new VideoFrame(new Uint8Array(6), { format: 'I420', codedWidth: 2, codedHeight: 2, timestamp: 0 });
  try {
    return frame.allocationSize(RGBA) === 16;
  } catch {
    return false;
  } finally {
    frame.close();
  }
}

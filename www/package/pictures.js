import { SerfiqError } from './errors.js';
import { messageOf, sentence } from './worker/errors.js';

/**
 * Anything a picture can be read from. Files (`Blob`, `File`) are JPEG, PNG or WebP.
 * @typedef {Blob | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | ImageBitmap | ImageData | VideoFrame} PictureSource
 */

/**
 * Returns the source's picture in a form that can be transferred to the worker.
 * @param {Exclude<PictureSource, Blob>} source
 * @returns {Promise<ImageBitmap | VideoFrame>}
 */
export async function pictureOf(source) {
  // Workers have no video elements.
  if ('HTMLVideoElement' in globalThis && source instanceof HTMLVideoElement) return grab(source);
  try {
    return await createImageBitmap(source);
  } catch (error) {
    throw unreadable(error, 'The picture has no pixels yet, or is of a kind that cannot be read:');
  }
}

/**
 * Returns the video's current picture. A VideoFrame is a handle that costs the page's thread nothing: the worker reads its pixels.
 * Without VideoFrame, or if the video rotates its frames, the browser has to make a bitmap here.
 * @param {HTMLVideoElement} video
 */
export async function grab(video) {
  try {
    if ('VideoFrame' in globalThis) {
      const frame = new VideoFrame(video);
      if (frame.displayWidth === video.videoWidth && frame.displayHeight === video.videoHeight) return frame;
      frame.close();
    }
    return await createImageBitmap(video);
  } catch (error) {
    throw unreadable(error, 'The video has no picture yet. Wait for its first frame. The browser says:');
  }
}

/** Returns the error for a picture that may be seen in the page, but not read by it. */
export function ofOtherOrigin() {
  return new SerfiqError('unreadable-image', 'The picture comes from another origin, which does not allow this page to read it.', 'other-origin');
}

/** @param {unknown} error of the browser @param {string} problem what it means unless the browser forbids the reading */
function unreadable(error, problem) {
  if (error instanceof DOMException && error.name === 'SecurityError') return ofOtherOrigin();
  return new SerfiqError('unreadable-image', `${problem} ${sentence(messageOf(error))}`, 'no-pixels');
}

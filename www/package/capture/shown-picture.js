import { html } from './dom.js';

/** @import { Picture, ScoredFace } from '../types.js' */

/** In a close look, the face takes up this fraction of the picture. */
const CLOSE = 0.82;
/** The largest magnification of a close look: beyond it, a sharp picture looks blurred. */
const MAX_SCALE = 4;
/** A close look with less magnification than this is not offered. */
const MIN_SCALE = 1.2;

/** The picture that was taken, at the camera's resolution, and what lies over it. A close look enlarges both. */
export class ShownPicture {
  element = html('canvas', { part: 'picture', role: 'img' });
  #over;
  /** Counts the pictures shown and cleared: a picture decoded late must not replace a newer one. */
  #pictures = 0;
  /** A CSS transform that brings the face close; null if it is close already. @type {string | null} */
  #closeLook = null;
  #close = false;

  /** @param {HTMLElement} over what lies over the picture, and is as large */
  constructor(over) {
    this.#over = over;
  }

  /** Whether a close look shows more. */
  get canBeCloser() {
    return this.#closeLook !== null;
  }

  /** Whether the picture is looked at closely. */
  get isClose() {
    return this.#close;
  }

  /** @param {Picture} picture @returns {Promise<boolean>} whether the browser can show it */
  async show({ blob, report: { faces, width, height } }) {
    const turn = ++this.#pictures;
    this.#closeLook = faces[0] ? closeLook(faces[0].box, width, height) : null;
    this.look(false);
    const bitmap = await createImageBitmap(blob).catch(() => null);
    const isLatest = turn === this.#pictures;
    if (bitmap && isLatest) {
      this.element.width = bitmap.width;
      this.element.height = bitmap.height;
      // Drawn, not linked: the page's policy on images need not allow blobs.
      this.element.getContext('2d')?.drawImage(bitmap, 0, 0);
    }
    bitmap?.close();
    return bitmap !== null || !isLatest;
  }

  clear() {
    this.#pictures += 1;
    this.element.width = this.element.height = 0;
  }

  /** @param {boolean} close */
  look(close) {
    this.#close = close && this.canBeCloser;
    const transform = (this.#close && this.#closeLook) || 'none';
    for (const one of [this.element, this.#over]) one.style.transform = transform;
  }
}

/**
 * Returns the transform that centres the face as far as the picture reaches; null if it would magnify too little.
 * @param {ScoredFace['box']} box in the picture's pixels
 * @param {number} width of the picture
 * @param {number} height
 */
function closeLook([left, top, faceWidth, faceHeight], width, height) {
  const scale = Math.min(MAX_SCALE, (CLOSE * width) / faceWidth, (CLOSE * height) / faceHeight);
  if (scale < MIN_SCALE) return null;
  const reach = (scale - 1) / 2;
  const centres = [(left + faceWidth / 2) / width, (top + faceHeight / 2) / height];
  const [x, y] = centres.map((centre) => Math.max(-reach, Math.min(reach, (0.5 - centre) * scale)));
  return `translate(${100 * x}%, ${100 * y}%) scale(${scale})`;
}

import { closeCamera } from './camera.js';

/** How long a camera stays open between two pictures, in milliseconds. Its light stays on for as long. */
const KEPT_MS = 30_000;

/** A camera that stays open between two pictures, because opening it again could prompt for permission again. */
export class KeptCamera {
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {ReturnType<typeof setTimeout> | 0} */
  #timer = 0;
  #onUnused;

  /** @param {() => void} onUnused called when the camera was not taken back in time; it is still open */
  constructor(onUnused) {
    this.#onUnused = onUnused;
  }

  /** @param {MediaStream | null} stream */
  keep(stream) {
    this.release();
    this.#stream = stream;
    enable(stream, false);
    if (stream) this.#timer = setTimeout(this.#onUnused, KEPT_MS);
  }

  /** Returns the camera if it still works and is the one wanted; otherwise releases it. @param {string} deviceId empty for any */
  take(deviceId) {
    const stream = this.#stream;
    const works = stream?.getVideoTracks().some((track) => track.readyState === 'live' && (!deviceId || track.getSettings().deviceId === deviceId));
    if (!stream || !works) return this.release();
    clearTimeout(this.#timer);
    this.#stream = null;
    enable(stream, true);
    return stream;
  }

  /** Closes the camera, if there is one. */
  release() {
    clearTimeout(this.#timer);
    closeCamera(this.#stream);
    this.#stream = null;
    return null;
  }
}

/** @param {MediaStream | null} stream @param {boolean} enabled a disabled camera gives no pictures; some browsers switch off its light */
function enable(stream, enabled) {
  for (const track of stream?.getTracks() ?? []) track.enabled = enabled;
}

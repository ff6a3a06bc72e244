/** How often it is checked, in milliseconds. */
const TICK_MS = 500;
/** Checks without a picture before a camera counts as frozen: 4 s. Counted, so that a computer that slept does not accuse it. */
const CAMERA_TICKS = 8;
/** Checks with pictures, but without an answer, before an engine counts as slow: 5 s. */
const SLOW_TICKS = 10;
/** The same before it counts as dead: 60 s. The first frame on a slow GPU takes long. */
const DEAD_TICKS = 120;

/**
 * @typedef {object} PulseListeners
 * @property {() => void} onCameraQuiet
 * @property {() => void} onCameraBack
 * @property {() => void} onEngineQuiet
 * @property {() => void} onEngineDead
 */

/**
 * Notices when a camera gives no pictures any more, or an engine no answers: neither reports it. In browsers without
 * `requestVideoFrameCallback` only a camera that says that it is muted is noticed.
 */
export class Pulse {
  #listeners;
  /** @type {ReturnType<typeof setInterval> | 0} */
  #timer = 0;
  #stopped = new AbortController();
  #pictures = 0;
  #cameraQuiet = 0;
  #engineQuiet = 0;
  #excused = false;

  /** @param {PulseListeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** @param {HTMLVideoElement} video @param {MediaStreamTrack} track whose picture it plays */
  start(video, track) {
    this.stop();
    this.#stopped = new AbortController();
    this.#cameraQuiet = this.#engineQuiet = 0;
    const counts = 'requestVideoFrameCallback' in video;
    if (counts) this.#count(video, this.#stopped.signal);
    this.#timer = setInterval(() => {
      const beats = !counts || this.#pictures > 0;
      this.#pictures = 0;
      this.#check(beats && !track.muted);
    }, TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#stopped.abort();
  }

  /** The engine has answered. */
  answered() {
    this.#engineQuiet = 0;
  }

  /** @param {boolean} excused whether the engine is being replaced, which may take as long as a download */
  excuse(excused) {
    this.#excused = excused;
    this.#engineQuiet = 0;
  }

  /** @param {HTMLVideoElement} video @param {AbortSignal} signal */
  #count(video, signal) {
    const count = () => {
      if (signal.aborted) return;
      this.#pictures += 1;
      video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
  }

  /** @param {boolean} beats whether the camera gave a picture since the last check */
  #check(beats) {
    const { onCameraQuiet, onCameraBack, onEngineQuiet, onEngineDead } = this.#listeners;
    const before = this.#cameraQuiet;
    this.#cameraQuiet = beats ? 0 : before + 1;
    if (this.#cameraQuiet === CAMERA_TICKS) onCameraQuiet();
    if (beats && before >= CAMERA_TICKS) onCameraBack();
    // Without a picture there is nothing to answer.
    if (!beats || this.#excused) return;
    this.#engineQuiet += 1;
    if (this.#engineQuiet === SLOW_TICKS) onEngineQuiet();
    if (this.#engineQuiet === DEAD_TICKS) onEngineDead();
  }
}

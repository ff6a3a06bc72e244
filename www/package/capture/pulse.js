/** Time between checks, in milliseconds. */
const TICK_MS = 500;
/** Checks without a picture before a camera counts as frozen: 4 s. Not elapsed time: a sleeping computer is not a frozen camera. */
const CAMERA_TICKS = 8;
/** Checks with pictures, but without an answer, before an engine counts as slow: 5 s. */
const SLOW_TICKS = 10;
/** The same before it counts as dead: 60 s. The first frame on a slow GPU takes a long time. */
const DEAD_TICKS = 120;

/**
 * @typedef {object} PulseListeners
 * @property {() => void} onCameraQuiet
 * @property {() => void} onCameraBack
 * @property {() => void} onEngineQuiet
 * @property {() => void} onEngineDead
 */

/**
 * Detects a camera that stops giving pictures, or an engine that stops answering; neither reports it. In browsers without
 * `requestVideoFrameCallback`, it detects only a muted camera.
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

  /** @param {HTMLVideoElement} video @param {MediaStreamTrack} track the camera's track, which the video plays */
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
    // Without a picture, the engine has nothing to answer.
    if (!beats || this.#excused) return;
    this.#engineQuiet += 1;
    if (this.#engineQuiet === SLOW_TICKS) onEngineQuiet();
    if (this.#engineQuiet === DEAD_TICKS) onEngineDead();
  }
}

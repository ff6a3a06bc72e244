import { SerfiqError } from '../errors.js';
import { closeCamera, openCamera } from './camera.js';
import { abortable } from './promises.js';

/** @import { Engine } from '../engine.js' */
/** @import { Watch } from '../watch.js' */
/** @import { GuideSettings, Picture, TakeOptions, WatchOptions, WatchedFrame } from '../types.js' */

/**
 * @typedef {object} SessionParts
 * @property {HTMLVideoElement} video
 * @property {Promise<Engine>} engine
 * @property {{ facing: 'user' | 'environment', deviceId: string }} camera
 * @property {() => Pick<WatchOptions, 'method' | 'passes'>} scoring called before every frame
 * @property {WatchOptions} watching
 * @property {(camera: MediaTrackSettings) => void} onCamera the camera is open, and its picture plays
 * @property {(engine: Engine) => void} onEngine
 * @property {(frame: WatchedFrame) => void} onFrame
 */

/** One use of the camera, from opening to release. */
export class Session {
  #parts;
  #ended = new AbortController();
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Watch | null} */
  #watch = null;
  /** Resolved while the page is visible. */
  #visible = Promise.resolve();
  #becomeVisible = () => {};

  /** @param {SessionParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * Opens the camera, waits for the engine, and watches until `end` is called.
   * @throws {SerfiqError} of the camera or the engine; the camera is released then, too
   */
  async run() {
    const { signal } = this.#ended;
    try {
      await this.#openCamera();
      const engine = await abortable(this.#parts.engine, signal);
      this.#parts.onEngine(engine);
      this.#watch = engine.watch(this.#parts.video, { ...this.#parts.watching, ...this.#parts.scoring(), signal });
      for await (const frame of this.#watch) {
        await this.#visible;
        if (signal.aborted) break;
        this.#parts.onFrame(frame);
        Object.assign(this.#watch.options, this.#parts.scoring());
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.end();
    }
    // A deliberate end is not an error.
    if (signal.reason.code !== 'closed') throw signal.reason;
  }

  /** Releases the camera. @param {SerfiqError} [reason] the error, if one is the cause */
  end(reason = new SerfiqError('closed', 'The camera was stopped.')) {
    if (!this.#ended.signal.aborted) this.#ended.abort(reason);
    closeCamera(this.#stream);
    // The next session may have set its own stream already.
    if (this.#parts.video.srcObject === this.#stream) this.#parts.video.srcObject = null;
    this.#stream = null;
    this.#becomeVisible();
  }

  /** Restarts the guide with other settings. @param {GuideSettings | undefined} guide */
  guide(guide) {
    this.#parts.watching.guide = guide;
    if (!this.#watch) return;
    this.#watch.guide = guide;
    this.#watch.restart();
  }

  /** @param {TakeOptions} options @returns {Promise<Picture>} */
  take(options) {
    if (!this.#watch) return Promise.reject(new SerfiqError('closed', 'The camera does not run yet.'));
    return this.#watch.take(options);
  }

  /** The page is hidden: nothing is scored. */
  pause() {
    this.#visible = new Promise((resolve) => {
      this.#becomeVisible = resolve;
    });
  }

  /** The page is visible again, perhaps much later: the guide restarts. */
  resume() {
    this.#watch?.restart();
    this.#becomeVisible();
  }

  /** A video moved within the page stops playing: plays it again. */
  keepPlaying() {
    // If it moves again before it plays, this rejects, and is called again.
    if (this.#stream && this.#parts.video.paused) this.#parts.video.play().catch(() => {});
  }

  /** Some browsers report late that the track of an unplugged camera has ended. */
  checkCamera() {
    if (this.#stream?.getVideoTracks().every((track) => track.readyState === 'ended')) this.#unplugged();
  }

  async #openCamera() {
    const { video, camera, onCamera } = this.#parts;
    const { signal } = this.#ended;
    signal.throwIfAborted();
    const stream = await openCamera(camera);
    // The session may have ended while the browser was asking.
    if (signal.aborted) return closeCamera(stream);
    this.#stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener('ended', () => this.#unplugged());
    video.srcObject = stream;
    try {
      await abortable(video.play(), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw new SerfiqError('camera-failed', `The camera's picture does not play: ${/** @type {Error} */ (error).message}`);
    }
    onCamera(track.getSettings());
  }

  #unplugged() {
    this.end(new SerfiqError('camera-unplugged', 'The camera was unplugged or switched off, or its use is no longer allowed.'));
  }
}

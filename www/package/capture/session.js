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
 * @property {() => Pick<WatchOptions, 'method' | 'passes'>} scoring asked before every frame
 * @property {WatchOptions} watching
 * @property {(camera: MediaTrackSettings) => void} onCamera it is open, and its picture is seen
 * @property {(engine: Engine) => void} onEngine
 * @property {(frame: WatchedFrame) => void} onFrame
 */

/** One use of the camera, from when it is opened to when it is given back. */
export class Session {
  #parts;
  #ended = new AbortController();
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Watch | null} */
  #watch = null;
  /** Resolves while the page is seen. */
  #visible = Promise.resolve();
  #becomeVisible = () => {};

  /** @param {SessionParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * Opens the camera, waits for the engine, and watches until `end` is called.
   * @throws {SerfiqError} of the camera or the engine; the camera is given back then, too
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
    // What was ended on purpose is no error.
    if (signal.reason.code !== 'closed') throw signal.reason;
  }

  /** Gives the camera back. @param {SerfiqError} [reason] what went wrong, if that is why */
  end(reason = new SerfiqError('closed', 'The camera was stopped.')) {
    if (!this.#ended.signal.aborted) this.#ended.abort(reason);
    closeCamera(this.#stream);
    // The next session may have its own picture there already.
    if (this.#parts.video.srcObject === this.#stream) this.#parts.video.srcObject = null;
    this.#stream = null;
    this.#becomeVisible();
  }

  /** Guides by other settings, from the beginning. @param {GuideSettings | undefined} guide */
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

  /** The page is not seen: nothing is scored. */
  pause() {
    this.#visible = new Promise((resolve) => {
      this.#becomeVisible = resolve;
    });
  }

  /** The page is seen again, perhaps much later: the guide begins anew. */
  resume() {
    this.#watch?.restart();
    this.#becomeVisible();
  }

  /** What moves within a page stops playing. */
  keepPlaying() {
    // Moved again before it plays, it is asked to play again.
    if (this.#stream && this.#parts.video.paused) this.#parts.video.play().catch(() => {});
  }

  /** Not every browser ends the track of a camera that is pulled out in time. */
  checkCamera() {
    if (this.#stream?.getVideoTracks().every((track) => track.readyState === 'ended')) this.#unplugged();
  }

  async #openCamera() {
    const { video, camera, onCamera } = this.#parts;
    const { signal } = this.#ended;
    signal.throwIfAborted();
    const stream = await openCamera(camera);
    // The user may have moved on while the browser was asking.
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

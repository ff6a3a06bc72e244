import { SerfiqError } from '../errors.js';
import { abortable } from '../promises.js';
import { isColourlessByName } from './camera-names.js';
import { closeCamera, openAnother, openCamera } from './camera.js';
import { isColourless } from './colour.js';
import { Pulse } from './pulse.js';

/** @import { Engine } from '../engine.js' */
/** @import { Watch } from '../watch.js' */
/** @import { GuideSettings, Picture, TakeOptions, WatchOptions, WatchedFrame } from '../types.js' */

/**
 * @typedef {object} SessionParts
 * @property {HTMLVideoElement} video
 * @property {Promise<Engine>} engine
 * @property {{ facing: 'user' | 'environment', deviceId: string, isChosen: boolean }} camera `isChosen`: by the person, so no other will do
 * @property {MediaStream | null} open a camera that is already open
 * @property {() => Pick<WatchOptions, 'method' | 'passes'>} scoring called before every frame
 * @property {WatchOptions} watching
 * @property {(camera: MediaTrackSettings) => void} onCamera the camera is open, and its picture plays; again if another one takes its place
 * @property {(engine: Engine) => void} onEngine
 * @property {(frame: WatchedFrame) => void} onFrame
 * @property {(quiet: 'camera-quiet' | 'camera-back' | 'engine-quiet') => void} onPulse the camera or engine goes silent, or recovers
 * @property {() => void} onTimeOver auto-capture's time limit has passed, by the clock
 * @property {() => void} onEngineDead the engine no longer answers; the session ends with an error
 */

/** One use of the camera, from opening to release. */
export class Session {
  #parts;
  #ended = new AbortController();
  /** @type {MediaStream | null} */
  #stream = null;
  /** Resolves with the camera's first picture, which may take a long time. */
  #playing = Promise.resolve();
  /** The cameras that were passed over, or tried in their place. @type {Set<string>} */
  #tried = new Set();
  /** Whether another camera is being looked for: some devices then end the first one. */
  #seeking = false;
  #paused = false;
  /** @type {Engine | null} */
  #engine = null;
  /** @type {Watch | null} */
  #watch = null;
  /** Resolved while the page is visible. */
  #visible = Promise.resolve();
  #becomeVisible = () => {};
  #pulse;
  /** @type {ReturnType<typeof setTimeout> | 0} */
  #limit = 0;

  /** @param {SessionParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#stream = parts.open;
    this.#pulse = new Pulse({
      onCameraQuiet: () => {
        this.#startLimit();
        parts.onPulse('camera-quiet');
      },
      onCameraBack: () => parts.onPulse('camera-back'),
      onEngineQuiet: () => parts.onPulse('engine-quiet'),
      onEngineDead: () => this.#engineDied(),
    });
  }

  /**
   * Opens the camera, waits for the engine, and watches until `end` is called.
   * @throws {SerfiqError} of the camera or the engine; the camera is then released as well
   */
  async run() {
    const { signal } = this.#ended;
    try {
      await this.#openCamera();
      const coloured = this.#findColour();
      // Awaited once the engine is loaded.
      coloured.catch(() => {});
      const engine = await abortable(this.#parts.engine, signal);
      this.#watch = engine.watch(this.#parts.video, { ...this.#parts.watching, ...this.#parts.scoring(), signal });
      this.#engine = engine;
      this.#excuse(engine);
      this.#feel();
      this.#parts.onEngine(engine);
      // Until a camera is found, nothing is scored; the browser may even ask for permission again.
      this.#pulse.excuse(true);
      await abortable(coloured, signal);
      this.#pulse.excuse(false);
      for await (const frame of this.#watch) {
        await this.#visible;
        if (signal.aborted) break;
        this.#pulse.answered();
        if (typeof frame.faces[0]?.raw === 'number') this.#startLimit();
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
    closeCamera(this.handOver(reason));
  }

  /** Ends, and returns the camera without closing it. @param {SerfiqError} [reason] */
  handOver(reason = new SerfiqError('closed', 'The session has ended.')) {
    const stream = this.#stream;
    this.#stream = null;
    if (!this.#ended.signal.aborted) this.#ended.abort(reason);
    this.#rest();
    // The next session may have set its own stream already.
    if (stream && this.#parts.video.srcObject === stream) this.#parts.video.srcObject = null;
    this.#becomeVisible();
    return stream;
  }

  /** Restarts the guide with other settings. @param {GuideSettings | undefined} guide */
  guide(guide) {
    this.#parts.watching.guide = guide;
    if (this.#watch) this.#watch.guide = guide;
    this.restart();
  }

  /** Restarts the guide for another picture. */
  restart() {
    clearTimeout(this.#limit);
    this.#limit = 0;
    this.#watch?.restart();
  }

  /** @param {TakeOptions} options @returns {Promise<Picture>} */
  take(options) {
    if (!this.#watch) return Promise.reject(new SerfiqError('closed', 'The camera does not run yet.'));
    return this.#watch.take(options);
  }

  /** The page is hidden: nothing is scored. */
  pause() {
    this.#paused = true;
    this.#rest();
    this.#visible = new Promise((resolve) => {
      this.#becomeVisible = resolve;
    });
  }

  /** The page is visible again, perhaps much later: the guide restarts. */
  resume() {
    this.#paused = false;
    this.restart();
    this.#feel();
    this.#becomeVisible();
  }

  /** Plays the video again: moving it within the page stops it. */
  keepPlaying() {
    // If the video moves again before it plays, this rejects; the next move calls it again.
    if (this.#stream && this.#parts.video.paused) this.#parts.video.play().catch(() => {});
  }

  /** Checks the camera's track, because some browsers report late that an unplugged camera's track has ended. */
  checkCamera() {
    if (this.#stream?.getVideoTracks().every((track) => track.readyState === 'ended')) this.#unplugged();
  }

  async #openCamera() {
    const { open, camera } = this.#parts;
    this.#ended.signal.throwIfAborted();
    const stream = open ?? (await openCamera(camera));
    this.#show(stream);
    const [track] = stream.getVideoTracks();
    if (!open && !camera.isChosen && isColourlessByName(track.label)) await this.#replace();
  }

  /** Passes over cameras without colour, which recognisers were not trained for. Each is tried once. If there is no other, the guide says so. */
  async #findColour() {
    const { open, camera, video } = this.#parts;
    const { signal } = this.#ended;
    await abortable(this.#playing, signal);
    // A camera that was kept has been looked at before.
    while (!open && (await isColourless(video, signal))) {
      if (camera.isChosen || !(await this.#replace())) return;
      await abortable(this.#playing, signal);
    }
  }

  /** Uses another camera in place of this one. @returns {Promise<boolean>} whether there is one */
  async #replace() {
    const before = this.#stream;
    const { deviceId } = before?.getVideoTracks()[0].getSettings() ?? {};
    if (deviceId) this.#tried.add(deviceId);
    this.#seeking = true;
    const { signal } = this.#ended;
    const stream = await openAnother(this.#tried, signal);
    this.#seeking = false;
    if (stream) {
      this.#show(stream);
      closeCamera(before);
    } else {
      signal.throwIfAborted();
      this.checkCamera();
    }
    return stream !== null;
  }

  /** @param {MediaStream} stream */
  #show(stream) {
    const { video, onCamera } = this.#parts;
    const { signal } = this.#ended;
    // The session may have ended while the browser was asking.
    if (signal.aborted) {
      closeCamera(stream);
      throw signal.reason;
    }
    this.#stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener('ended', () => !this.#seeking && stream === this.#stream && this.#unplugged(), { signal });
    video.srcObject = stream;
    this.#playing = play(video, signal);
    // `run` reports the error once the engine is loaded.
    this.#playing.catch(() => {});
    if (this.#engine && !this.#paused) this.#feel();
    onCamera(track.getSettings());
  }

  #unplugged() {
    this.end(new SerfiqError('camera-unplugged', 'The camera was unplugged or switched off, or its use is no longer allowed.'));
  }

  #engineDied() {
    this.#parts.onEngineDead();
    this.end(new SerfiqError('engine-died', 'The engine has not answered for a minute.'));
  }

  /** Starts monitoring the camera and engine. */
  #feel() {
    const [track] = this.#stream?.getVideoTracks() ?? [];
    if (track) this.#pulse.start(this.#parts.video, track);
  }

  #rest() {
    this.#pulse.stop();
    clearTimeout(this.#limit);
    this.#limit = 0;
  }

  /** An engine that is being replaced does not answer. @param {Engine} engine */
  #excuse(engine) {
    const { signal } = this.#ended;
    engine.addEventListener('enginelost', () => this.#pulse.excuse(true), { signal });
    engine.addEventListener('backendchange', () => this.#pulse.excuse(false), { signal });
  }

  /**
   * Starts the time limit's clock: like the guide's, at the first scored face, but also when the camera gives no pictures. The guide
   * itself checks the time only when a frame arrives.
   */
  #startLimit() {
    const { guide } = this.#parts.watching;
    if (this.#limit !== 0 || !guide?.capture) return;
    const { time_limit_ms: limit = this.#engine?.info.guide.defaults.capture?.time_limit_ms ?? null } = guide.capture;
    if (limit !== null) this.#limit = setTimeout(this.#parts.onTimeOver, limit);
  }
}

/**
 * Resolves with the first picture.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function play(video, signal) {
  return new Promise((resolve, reject) => {
    video.addEventListener('playing', () => resolve(), { once: true, signal });
    video.play().then(resolve, (error) => {
      // Moving a video within the page stops it; `keepPlaying` plays it again.
      if (error.name === 'AbortError') return;
      reject(new SerfiqError('camera-failed', `The camera's picture does not play: ${error.message}`));
    });
  });
}

import { Announcer } from './announcer.js';
import { CameraError, closeCamera, listCameras, nextPicture, openCamera } from './camera.js';
import { byId } from './dom.js';
import { FaceOverlay } from './face-overlay.js';
import { QualityMeter } from './quality-meter.js';
import { strings } from './strings.js';

/** @import { Serfiq, SerfiqError } from './client.js' */
/** @import { Settings } from './settings.js' */
/** @import { Result } from './types.js' */

/** @typedef {'idle' | 'asking' | 'denied' | 'none' | 'busy' | 'unplugged' | 'hidden' | 'running' | 'no-face' | 'several-faces' | 'error'} LiveState */

/** States in which the picture is shown and scored. */
const RUNNING = new Set(['running', 'no-face', 'several-faces']);

/**
 * Camera, outline and gauge. One frame at a time: the next one is taken when the last one's answer has come, so that frames
 * are dropped and never queued.
 */
export class LiveView {
  #root = byId('live', HTMLElement);
  #video = byId('preview', HTMLVideoElement);
  #overlay = new FaceOverlay(byId('overlay', HTMLCanvasElement));
  #message = byId('live-message', HTMLElement);
  #title = byId('live-title', HTMLElement);
  #text = byId('live-text', HTMLElement);
  #hint = byId('live-hint', HTMLElement);
  #startButton = byId('start-camera', HTMLButtonElement);
  #stopButton = byId('stop-camera', HTMLButtonElement);
  #cameras = byId('camera-select', HTMLSelectElement);
  #meter = new QualityMeter();
  #announcer;
  #settings;
  #onResult;
  /** @type {Serfiq | null} */
  #engine = null;
  /** @type {MediaStream | null} */
  #stream = null;
  /** Aborts when the camera is given back. */
  #session = new AbortController();
  /** Aborts when scoring pauses. */
  #scoring = new AbortController();
  /** @type {LiveState | null} */
  #state = null;
  /** The keyboard's focus was on a button that has gone; the next one to appear takes it up. */
  #owesFocus = false;
  /** Stopped because another view came to the front; starts again on return. */
  #setAside = false;

  /** @param {{ settings: Settings, announcer: Announcer, onResult: (result: Result) => void }} parts */
  constructor({ settings, announcer, onResult }) {
    this.#settings = settings;
    this.#announcer = announcer;
    this.#onResult = onResult;
    this.#startButton.addEventListener('click', () => this.start());
    this.#stopButton.addEventListener('click', () => this.stop());
    this.#cameras.addEventListener('change', () => this.start());
    document.addEventListener('visibilitychange', () => this.#pauseOrResume());
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#onDeviceChange());
    this.#setState('idle');
  }

  /** @param {Serfiq} engine */
  use(engine) {
    this.#engine = engine;
    engine.addEventListener('enginelost', () => {
      if (this.#stream) this.#showHint('restarting');
    });
  }

  async start() {
    this.#release();
    this.#session = new AbortController();
    const { signal } = this.#session;
    this.#setState('asking');
    try {
      const stream = await openCamera(this.#cameras.value);
      // The user may have moved on while the browser was asking.
      if (signal.aborted) return closeCamera(stream);
      this.#stream = stream;
      await this.#showPicture(stream);
      if (signal.aborted) return;
    } catch (error) {
      if (signal.aborted) return;
      this.#release();
      this.#setState(error instanceof CameraError ? error.problem : 'error', /** @type {Error} */ (error));
      return;
    }
    this.#pauseOrResume();
  }

  stop() {
    this.#release();
    this.#setState('idle');
  }

  /** Another view comes to the front: the camera is given back. */
  setAside() {
    this.#setAside = this.#stream !== null;
    if (this.#setAside) this.stop();
  }

  /** This view is in front again. */
  takeUp() {
    if (this.#setAside) this.start();
    this.#setAside = false;
  }

  /** @param {MediaStream} stream */
  async #showPicture(stream) {
    const [track] = stream.getVideoTracks();
    const { facingMode, deviceId } = track.getSettings();
    track.addEventListener('ended', () => this.#onUnplugged(stream));
    // A camera that looks away from the user shows the world as it is.
    this.#root.classList.toggle('mirrored', facingMode !== 'environment');
    this.#video.srcObject = stream;
    await this.#video.play();
    this.#root.style.setProperty('--picture-ratio', String(this.#video.videoWidth / this.#video.videoHeight));
    await this.#fillCameraList(deviceId);
  }

  /** @param {string} [current] */
  async #fillCameraList(current = this.#cameras.value) {
    const cameras = await listCameras();
    // Before the user has agreed, the browser names none.
    const named = cameras.filter((camera) => camera.deviceId);
    if (named.length === 0) return;
    this.#cameras.replaceChildren(
      ...named.map((camera, i) => new Option(camera.label || strings.live.unnamedCamera(i + 1), camera.deviceId)),
    );
    this.#cameras.value = named.find((camera) => camera.deviceId === current)?.deviceId ?? named[0].deviceId;
    this.#cameras.disabled = false;
  }

  async #onDeviceChange() {
    // Not every browser ends the track of a camera that is pulled out in time.
    if (this.#stream?.getVideoTracks().every((track) => track.readyState === 'ended')) this.#onUnplugged(this.#stream);
    if (!this.#cameras.disabled) await this.#fillCameraList();
  }

  /** @param {MediaStream} stream */
  #onUnplugged(stream) {
    if (stream !== this.#stream) return;
    this.#release();
    this.#setState('unplugged');
  }

  #pauseOrResume() {
    this.#scoring.abort();
    if (!this.#stream) return;
    if (document.visibilityState === 'hidden') {
      this.#clearPicture();
      this.#setState('hidden');
      return;
    }
    this.#scoring = new AbortController();
    this.#setState('running');
    this.#score(this.#scoring.signal);
  }

  /** Scores one frame after the other until the signal aborts. @param {AbortSignal} signal */
  async #score(signal) {
    while (this.#engine) {
      try {
        await nextPicture(this.#video, signal);
        const result = await this.#engine.scoreFrame(this.#video, { ...this.#settings.options, signal });
        if (signal.aborted) return;
        this.#show(result);
      } catch (error) {
        if (signal.aborted) return;
        if (!this.#goesOn(/** @type {SerfiqError} */ (error))) return;
      }
    }
  }

  /** @param {SerfiqError} error @returns {boolean} whether the next frame is worth trying */
  #goesOn(error) {
    switch (error.code) {
      case 'gpu-lost':
      case 'engine-died':
        // The client is starting another worker, and the next frame waits for it.
        this.#clearPicture();
        return true;
      case 'not-finite':
        this.#clearPicture();
        this.#showHint('unscored');
        return true;
      default:
        this.#release();
        this.#setState('error', error);
        return false;
    }
  }

  /** @param {Result} result */
  #show(result) {
    this.#onResult(result);
    const [largest, ...others] = result.faces;
    if (!largest) {
      this.#clearPicture();
      this.#setState('no-face');
      return;
    }
    this.#setState(others.length > 0 ? 'several-faces' : 'running');
    const { raw, quality, std_error: stdError } = largest;
    if (raw === null || quality === null) {
      this.#meter.clear();
      this.#showHint('unscored');
    } else {
      const band = this.#meter.show({ raw, quality, stdError }, performance.now());
      this.#root.dataset.band = band;
      this.#announcer.say(strings.live.announceQuality(strings.bands[band]));
    }
    this.#overlay.draw(result.faces, result.width, result.height);
  }

  #clearPicture() {
    this.#meter.clear();
    this.#overlay.clear();
    this.#root.dataset.band = '';
  }

  /** Gives the camera back. */
  #release() {
    this.#session.abort();
    this.#scoring.abort();
    closeCamera(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
    this.#clearPicture();
  }

  /** @param {LiveState} state @param {Error} [error] */
  #setState(state, error) {
    const running = RUNNING.has(state);
    this.#showHint(running ? state : '');
    if (this.#state === state && !error) return;
    this.#state = state;
    const focused = document.activeElement;
    this.#root.dataset.state = state;
    this.#message.hidden = running;
    this.#stopButton.disabled = this.#stream === null;
    if (running) {
      if (state in strings.live.announcements) this.#announcer.say(strings.live.announcements[state]);
    } else {
      this.#showMessage(state, error);
    }
    this.#passFocusOn(focused);
  }

  /** @param {LiveState} state @param {Error} [error] */
  #showMessage(state, error) {
    const words = state === 'error' && !navigator.mediaDevices ? strings.live.states.insecure : strings.live.states[state];
    this.#title.textContent = words.title;
    this.#text.textContent = state === 'error' && error && navigator.mediaDevices ? `${words.text} (${error.message})` : words.text;
    this.#startButton.hidden = !words.action;
    this.#startButton.textContent = words.action ?? '';
    if (state !== 'idle') this.#announcer.say(`${words.title}. ${words.text}`);
  }

  /** @param {Element | null} before what had the focus before the buttons changed */
  #passFocusOn(before) {
    if (before === this.#startButton || before === this.#stopButton) this.#owesFocus = true;
    else if (before !== document.body) this.#owesFocus = false;
    const next = [this.#startButton, this.#stopButton].find((button) => button.checkVisibility() && !button.disabled);
    if (!this.#owesFocus || !next) return;
    next.focus();
    this.#owesFocus = false;
  }

  /** @param {string} key of `strings.live.hints`; nothing is shown for others */
  #showHint(key) {
    const text = strings.live.hints[key] ?? '';
    if (this.#hint.textContent !== text) this.#hint.textContent = text;
    this.#hint.hidden = text === '';
  }
}

import { SerfiqError } from '../errors.js';
import { ATTRIBUTES, ROW_OF_ATTRIBUTE, defineAccessors, readProperties, upgradeProperties } from './attributes.js';
import { listCameras, nextCamera } from './camera.js';
import { speak } from './language.js';
import { Session } from './session.js';
import { EngineLoan } from './shared-engine.js';
import { View } from './view.js';
import { checkThreshold, scoringOptions, watchOptions } from './watch-options.js';

/** @import { Engine } from '../engine.js' */
/** @import { EngineInfo, Instruction, ModelCard, Picture, TakeOptions, WatchedFrame } from '../types.js' */
/** @import { ElementProperties, PropertyRow } from './properties.js' */
/** @import { State } from './view.js' */

/**
 * What the element says.
 * @typedef {object} SerfiqCaptureEvents
 * @property {CustomEvent<{ info: EngineInfo, models: ModelCard[] }>} serfiq-ready the engine is loaded; again when its backend has changed
 * @property {CustomEvent<{ state: State, previous: State }>} serfiq-state
 * @property {CustomEvent<WatchedFrame>} serfiq-frame every frame that was looked at
 * @property {CustomEvent<{ instruction: Instruction, text: string }>} serfiq-hint the person is told something else
 * @property {CustomEvent<Picture>} serfiq-capture a picture was taken
 * @property {CustomEvent<{ code: string, message: string, action: string }>} serfiq-error `message` for developers; `action`: what the
 *   person can do, in their language
 */

/** On a server there are no elements, and the module must load all the same. @type {typeof HTMLElement} */
const Base = globalThis.HTMLElement ?? class {};

/** The errors that a camera which is plugged in mends. */
const MENDED_BY_A_CAMERA = new Set(['camera-none', 'camera-unplugged']);

/**
 * `<serfiq-capture>`: guides the person in front of the camera to a good picture of their face, on their own device.
 *
 * @fires serfiq-ready @fires serfiq-state @fires serfiq-frame @fires serfiq-hint @fires serfiq-capture @fires serfiq-error
 * @slot idle - instead of the introduction
 * @slot captured - beside the picture taken
 * @slot footer - below
 * @csspart stage - the camera's picture and all that lies over it
 * @csspart video - the camera's picture
 * @csspart outline - the oval
 * @csspart hint - the instruction
 * @csspart message - what is shown in place of the camera's picture
 * @csspart title - its title
 * @csspart text - its text
 * @csspart status - the bar below the picture
 * @csspart meter - the score
 * @csspart button - every button
 * @csspart shutter - the one that takes the picture
 * @csspart picture - the picture taken
 * @cssprop --serfiq-accent - of the main button
 * @cssprop --serfiq-on-accent - of its text
 * @cssprop --serfiq-ground - behind everything
 * @cssprop --serfiq-text - of text
 * @cssprop --serfiq-quiet - of text that matters less
 * @cssprop --serfiq-radius - of the corners
 * @cssprop --serfiq-font - family of the font
 */
export class SerfiqCaptureElement extends Base {
  /** @internal */
  static observedAttributes = ATTRIBUTES;

  static {
    defineAccessors(SerfiqCaptureElement.prototype, (element, row) => element.#takeEffect(row));
  }

  #view;
  /** @type {State} */
  #state = 'idle';
  /** @type {Session | null} */
  #session = null;
  /** Settles when the session runs, or does not: whoever asks meanwhile waits for the same. @type {Promise<void>} */
  #starting = Promise.resolve();
  /** @type {EngineLoan | null} */
  #loan = null;
  /** @type {Engine | null} */
  #engine = null;
  /** Ends the listeners on the engine in use. */
  #listening = new AbortController();
  /** Ends the listeners on the page. */
  #connection = new AbortController();
  /** @type {string | null} */
  #errorCode = null;
  #deviceId = '';
  #severalCameras = false;
  /** The way the camera looks, where it tells. @type {string | undefined} */
  #facing;
  /** Whether the shutter may be pressed. */
  #canTake = false;
  /** @type {Instruction | null} */
  #instruction = null;
  /** Counts the wishes for a language: words that come late must not replace newer ones. */
  #wishes = 0;

  constructor() {
    super();
    const actions = {
      // What goes wrong is told by `serfiq-error`.
      start: () => this.start().catch(() => {}),
      stop: () => this.stop(),
      shutter: () => this.#press(),
      switchCamera: () => this.#switchCamera(),
    };
    this.#view = new View(this.attachShadow({ mode: 'open' }), (action) => void actions[action]());
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /** The engine in use; null before it is loaded, and after `stop()`. @returns {Engine | null} */
  get engine() {
    return this.#engine;
  }

  // -- Methods

  /**
   * Opens the camera, and guides. Resolves when the camera runs; what goes wrong is told by `serfiq-error`, too.
   * @returns {Promise<void>}
   * @throws {SerfiqError}
   */
  start() {
    if (this.#session && this.#state !== 'captured') return this.#starting;
    this.#starting = this.#startSession().catch((error) => {
      this.#fail(error);
      throw error;
    });
    return this.#starting;
  }

  /** Gives back the camera and, unless another element uses it, the engine with its memory. */
  stop() {
    this.#endSession();
    this.#releaseEngine();
    this.#view.clearPicture();
    this.#setState('idle');
    this.#view.hush();
  }

  /**
   * The next frame that passes every check, or with `belowThreshold` any with a face that could be scored; starts the camera if need
   * be. `serfiq-capture` tells of it, too.
   * @param {TakeOptions} [options]
   * @returns {Promise<Picture>}
   * @throws {SerfiqError} of the camera or the engine, `closed` when stopped meanwhile
   */
  async capture(options = {}) {
    if (this.#state !== 'running' && this.#state !== 'hidden') await this.start();
    const session = this.#session;
    if (!session) throw new SerfiqError('closed', 'The camera was stopped.');
    const picture = await session.take({ belowThreshold: this.belowThreshold, ...options });
    await this.#captured(session, picture);
    return picture;
  }

  // -- Life in a page

  /** @internal */
  connectedCallback() {
    upgradeProperties(this);
    this.#connection.abort();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    document.addEventListener('visibilitychange', () => this.#followVisibility(), { signal });
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#followCameras(), { signal });
    this.#setState(this.#state);
    this.#speak();
    this.#session?.keepPlaying();
    if (this.autostart && !this.#session) this.start().catch(() => {});
  }

  /** @internal */
  disconnectedCallback() {
    // An element that is moved is taken out and put back at once: it goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#connection.abort();
      this.stop();
    });
  }

  /** @internal @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    const row = ROW_OF_ATTRIBUTE.get(name);
    if (row && before !== now) this.#takeEffect(row);
  }

  /** A property was set. Method and passes are read for every frame, and most of the others at the next start. @param {PropertyRow} row */
  #takeEffect({ property, effect }) {
    if (effect === 'guide') this.#guideAnew();
    else if (property === 'mirrored') this.#mirror();
    else if (property === 'language' || property === 'messages') this.#speak();
  }

  // -- The session

  /** @returns {Promise<void>} resolves when the camera runs; what happens then is told by events */
  async #startSession() {
    this.#endSession();
    this.#errorCode = null;
    const properties = readProperties(this);
    this.#borrowEngine(properties);
    const { promise: running, resolve, reject } = withResolvers();
    const session = new Session({
      video: this.#view.video,
      engine: /** @type {EngineLoan} */ (this.#loan).ready,
      camera: { facing: properties.cameraFacing, deviceId: this.#deviceId },
      watching: watchOptions(properties),
      scoring: () => scoringOptions(this),
      onCamera: (settings) => {
        this.#facing = settings.facingMode;
        this.#deviceId = settings.deviceId ?? '';
        this.#mirror();
        this.#setState('loading');
        this.#followCameras();
      },
      onEngine: (engine) => {
        this.#follow(engine);
        checkThreshold(this, engine.info);
        this.#setState('running');
        this.#followVisibility();
        resolve();
      },
      onFrame: (frame) => this.#show(session, frame),
    });
    this.#session = session;
    this.#setState('asking');
    session.run().then(
      () => reject(new SerfiqError('closed', 'The camera was stopped.')),
      (error) => {
        // Before it runs, whoever starts it is told; afterwards there is only the event.
        if (this.#state === 'running' || this.#state === 'hidden') this.#fail(error);
        reject(error);
      },
    );
    await running;
  }

  #endSession() {
    this.#session?.end();
    this.#session = null;
    this.#instruction = null;
    this.#view.notice('');
  }

  /** @param {unknown} error */
  #fail(error) {
    const known = error instanceof SerfiqError ? error : new SerfiqError('engine-died', String(error));
    // Stopped on purpose, by whoever called `stop`.
    if (known.code === 'closed') return;
    this.#endSession();
    this.#releaseEngine();
    this.#errorCode = known.code;
    this.#setState('error');
    const { title, text } = this.#view.errorOf(known.code);
    this.#tell('serfiq-error', { code: known.code, message: known.message, action: `${title}. ${text}` });
  }

  /** Takes what the guide goes by as it is now; it begins anew. */
  #guideAnew() {
    if (!this.#session) return;
    try {
      if (this.#engine && (this.#state === 'running' || this.#state === 'hidden')) checkThreshold(this, this.#engine.info);
      this.#session.guide(watchOptions(readProperties(this)).guide);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {Session} session @param {WatchedFrame} frame */
  #show(session, frame) {
    if (session !== this.#session || this.#state !== 'running') return;
    this.#view.showFrame(frame, performance.now());
    this.#offer(frame.passes_checks);
    this.#tell('serfiq-frame', frame);
    if (frame.instruction !== this.#instruction) {
      this.#instruction = frame.instruction;
      this.#tell('serfiq-hint', { instruction: frame.instruction, text: this.#view.hintOf(frame.instruction) });
    }
    if (frame.picture) void this.#captured(session, frame.picture);
    else if (frame.capture.state === 'time_up') this.#fail(new SerfiqError('no-good-picture', 'No frame was good enough within the time limit.'));
  }

  /** @param {Session} session @param {Picture} picture */
  async #captured(session, picture) {
    if (session !== this.#session || this.#state === 'captured') return;
    this.#setState('captured');
    session.end();
    await this.#view.showPicture(picture).catch(() => {});
    this.#tell('serfiq-capture', picture);
  }

  /** The shutter. It is only said to be disabled, so that it keeps the keyboard's focus. */
  #press() {
    if (this.#canTake) this.capture().catch((error) => this.#fail(error));
    else this.#view.announce(this.#instruction ? this.#view.hintOf(this.#instruction) : '');
  }

  async #switchCamera() {
    this.#deviceId = await nextCamera(this.#deviceId);
    this.#endSession();
    this.start().catch(() => {});
  }

  // -- The engine

  /** @param {ElementProperties} properties */
  #borrowEngine({ backend, model, recogniser, assetBase }) {
    const before = this.#loan;
    const options = { backend, model: model ?? undefined, recogniser: recogniser ?? undefined, assetBase: assetBase ?? undefined };
    this.#loan = new EngineLoan(options, (progress) => this.#view.showProgress(progress));
    before?.release();
  }

  #releaseEngine() {
    this.#listening.abort();
    this.#engine = null;
    this.#loan?.release();
    this.#loan = null;
  }

  /** @param {Engine} engine */
  #follow(engine) {
    const ready = () => this.#tell('serfiq-ready', { info: engine.info, models: engine.models });
    if (engine === this.#engine) return;
    this.#engine = engine;
    this.#view.showMeter(engine.info.calibrated);
    this.#listening.abort();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    engine.addEventListener('enginelost', () => this.#view.notice('restarting'), { signal });
    engine.addEventListener(
      'backendchange',
      () => {
        this.#view.notice('on_cpu');
        ready();
      },
      { signal },
    );
    engine.addEventListener('enginefailure', (event) => this.#fail(/** @type {CustomEvent} */ (event).detail.error), { signal });
    ready();
  }

  // -- What is seen

  /** @param {boolean} passes whether the last frame passes every check */
  #offer(passes) {
    this.#canTake = passes || this.belowThreshold;
    this.#view.offer(!this.autoCapture, this.#canTake, this.#severalCameras);
  }

  #mirror() {
    // A camera that looks away from the user shows the world as it is.
    this.#view.mirror(this.mirrored ?? (this.#facing ?? this.cameraFacing) !== 'environment');
  }

  /** @param {State} state */
  #setState(state) {
    const previous = this.#state;
    this.#state = state;
    this.dataset.state = state;
    if (state === 'running') this.#offer(false);
    this.#view.show(state, state === 'error' ? this.#errorCode : null);
    if (state !== previous) this.#tell('serfiq-state', { state, previous });
  }

  #followVisibility() {
    const hidden = document.visibilityState === 'hidden';
    if (hidden && this.#state === 'running') {
      this.#session?.pause();
      this.#setState('hidden');
    } else if (!hidden && this.#state === 'hidden') {
      this.#session?.resume();
      this.#setState('running');
    }
  }

  async #followCameras() {
    this.#session?.checkCamera();
    const cameras = await listCameras();
    this.#severalCameras = cameras.length > 1;
    const mended = this.#state === 'error' && MENDED_BY_A_CAMERA.has(this.#errorCode ?? '') && cameras.length > 0;
    if (mended) this.start().catch(() => {});
  }

  async #speak() {
    const wish = ++this.#wishes;
    const around = this.closest('[lang]')?.getAttribute('lang');
    const wishes = [this.language, around, ...navigator.languages].filter((tag) => typeof tag === 'string' && tag !== '');
    const language = await speak(/** @type {string[]} */ (wishes), this.messages);
    if (wish === this.#wishes) this.#view.speak(language);
  }

  /** @template {keyof SerfiqCaptureEvents} K @param {K} name @param {SerfiqCaptureEvents[K]['detail']} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** `Promise.withResolvers`, which browsers have had for too short a time. */
function withResolvers() {
  let resolve = () => {};
  let reject = (/** @type {unknown} */ _reason) => {};
  /** @type {Promise<void>} */
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

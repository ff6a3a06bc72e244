import { SerfiqError } from '../errors.js';
import { ATTRIBUTES, readAttributes } from './attributes.js';
import { listCameras, nextCamera } from './camera.js';
import { speak } from './language.js';
import { Session } from './session.js';
import { EngineLoan } from './shared-engine.js';
import { View } from './view.js';

/** @import { Engine } from '../engine.js' */
/** @import { EngineInfo, GuideSettings, Instruction, ModelCard, OwnRecogniser, Picture, TakeOptions, WatchedFrame, WatchOptions } from '../types.js' */
/** @import { Attributes } from './attributes.js' */
/** @import { OwnMessages } from './language.js' */
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

/** The attributes by which the guide goes. */
const GUIDING = new Set(['auto-capture', 'below-threshold', 'threshold', 'time-limit']);

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
  /** @type {GuideSettings | null} */
  #guide = null;
  /** @type {OwnRecogniser | null} */
  #recogniser = null;
  /** @type {OwnMessages | null} */
  #messages = null;
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

  // -- Properties; those with an attribute are it.

  /** Quality, 0 to 100, that a picture must have; null for the default of 50. Needs a calibrated recogniser. @returns {number | null} */
  get threshold() {
    return number(this.getAttribute('threshold'));
  }
  set threshold(value) {
    this.#reflect('threshold', value);
  }

  /** Whether the picture is taken by itself; without it there is a shutter. */
  get autoCapture() {
    return this.hasAttribute('auto-capture');
  }
  set autoCapture(value) {
    this.toggleAttribute('auto-capture', Boolean(value));
  }

  /** Whether a frame below the threshold may be taken: by auto-capture at the end of time, by the shutter at once. */
  get belowThreshold() {
    return this.hasAttribute('below-threshold');
  }
  set belowThreshold(value) {
    this.toggleAttribute('below-threshold', Boolean(value));
  }

  /** Seconds after which auto-capture takes the best frame so far; 0 for no limit, null for the default of 20. @returns {number | null} */
  get timeLimit() {
    return number(this.getAttribute('time-limit'));
  }
  set timeLimit(value) {
    this.#reflect('time-limit', value);
  }

  /** Which camera: `user` or `environment`. @returns {string} */
  get cameraFacing() {
    return this.getAttribute('camera-facing') ?? 'user';
  }
  set cameraFacing(value) {
    this.#reflect('camera-facing', value);
  }

  /** Whether the preview is a mirror; null to be one if the camera faces the user. @returns {boolean | null} */
  get mirrored() {
    const value = this.getAttribute('mirrored');
    return value === null ? null : value !== 'false';
  }
  set mirrored(value) {
    this.#reflect('mirrored', value);
  }

  /** BCP 47 tag; null for that of the page around, or the browser's. @returns {string | null} */
  get language() {
    return this.getAttribute('language');
  }
  set language(value) {
    this.#reflect('language', value);
  }

  /** `auto`, `webgpu` or `cpu`. @returns {string} */
  get backend() {
    return this.getAttribute('backend') ?? 'auto';
  }
  set backend(value) {
    this.#reflect('backend', value);
  }

  /** Name of a recogniser of this build; null for the first. @returns {string | null} */
  get model() {
    return this.getAttribute('model');
  }
  set model(value) {
    this.#reflect('model', value);
  }

  /** `mc` or `limit`; null for the backend's default. @returns {string | null} */
  get method() {
    return this.getAttribute('method');
  }
  set method(value) {
    this.#reflect('method', value);
  }

  /** Dropout passes of `mc`; null for 100. @returns {number | null} */
  get passes() {
    return number(this.getAttribute('passes'));
  }
  set passes(value) {
    this.#reflect('passes', value);
  }

  /** Folder of the package's files, where they are not next to this module. @returns {string | null} */
  get assetBase() {
    return this.getAttribute('asset-base');
  }
  set assetBase(value) {
    this.#reflect('asset-base', value);
  }

  /** Whether the camera starts as soon as the element is in the page. */
  get autostart() {
    return this.hasAttribute('autostart');
  }
  set autostart(value) {
    this.toggleAttribute('autostart', Boolean(value));
  }

  /** Whether pictures come with the crop that the recogniser sees. */
  get crop() {
    return this.hasAttribute('crop');
  }
  set crop(value) {
    this.toggleAttribute('crop', Boolean(value));
  }

  /** `image/jpeg`, `image/png` or `image/webp`. @returns {string} */
  get pictureType() {
    return this.getAttribute('picture-type') ?? 'image/jpeg';
  }
  set pictureType(value) {
    this.#reflect('picture-type', value);
  }

  /** Further thresholds of the guide. @returns {GuideSettings | null} */
  get guide() {
    return this.#guide;
  }
  set guide(value) {
    this.#guide = value;
    this.#guideAnew();
  }

  /** A recogniser of your own, from the next start; null for one of this build. @returns {OwnRecogniser | null} */
  get recogniser() {
    return this.#recogniser;
  }
  set recogniser(value) {
    this.#recogniser = value;
  }

  /** Own words, as many as one likes. @returns {OwnMessages | null} */
  get messages() {
    return this.#messages;
  }
  set messages(value) {
    this.#messages = value;
    this.#speak();
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
    // Set before the element was defined, a property hides its accessor.
    for (const name of ['guide', 'messages', 'recogniser']) this.#upgrade(name);
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
    if (before === now || !this.isConnected) return;
    if (name === 'language') this.#speak();
    if (name === 'mirrored') this.#mirror();
    if (GUIDING.has(name)) this.#guideAnew();
    // Method and passes are read for every frame; all else counts from the next start.
  }

  // -- The session

  /** @returns {Promise<void>} resolves when the camera runs; what happens then is told by events */
  async #startSession() {
    this.#endSession();
    this.#errorCode = null;
    const attributes = readAttributes(this);
    this.#borrowEngine(attributes);
    const { promise: running, resolve, reject } = withResolvers();
    const session = new Session({
      video: this.#view.video,
      engine: /** @type {EngineLoan} */ (this.#loan).ready,
      camera: { facing: attributes.facing, deviceId: this.#deviceId },
      watching: this.#watching(attributes),
      scoring: () => this.#scoring(),
      onCamera: (settings) => {
        this.#facing = settings.facingMode;
        this.#deviceId = settings.deviceId ?? '';
        this.#mirror();
        this.#setState('loading');
        this.#followCameras();
      },
      onEngine: (engine) => {
        this.#follow(engine);
        this.#checkThreshold(engine);
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

  /** @param {Attributes} attributes @returns {WatchOptions} */
  #watching({ threshold, timeLimit, autoCapture, belowThreshold, pictureType, crop }) {
    const own = this.#guide ?? {};
    /** @type {GuideSettings} */
    const guide = { ...own };
    if (threshold !== undefined) guide.score = { limit: threshold, margin: own.score?.margin ?? Math.min(5, 100 - threshold) };
    guide.capture = autoCapture
      ? {
          below_threshold: belowThreshold,
          ...(timeLimit !== undefined && { time_limit_ms: timeLimit === 0 ? null : Math.round(timeLimit * 1000) }),
          ...own.capture,
        }
      : null;
    return { guide, pictureType, crop };
  }

  /** A recogniser that is not calibrated gives no qualities, so that none could reach the threshold. @param {Engine} engine */
  #checkThreshold({ info: { calibrated, model } }) {
    if (calibrated || this.threshold === null) return;
    throw new SerfiqError(
      'invalid-option',
      `The attribute threshold is a quality, and the recogniser ${model} is not calibrated: it gives raw scores only. Remove the attribute, ` +
        'calibrate the recogniser, or set a raw score as guide.score (docs/capture.md).',
    );
  }

  /** Takes what the guide goes by as it is now; it begins anew. */
  #guideAnew() {
    if (!this.#session) return;
    try {
      if (this.#engine && (this.#state === 'running' || this.#state === 'hidden')) this.#checkThreshold(this.#engine);
      this.#session.guide(this.#watching(readAttributes(this)).guide);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Method and passes, which may change from frame to frame. @returns {Pick<WatchOptions, 'method' | 'passes'>} */
  #scoring() {
    const { method, passes } = this;
    return { method: /** @type {WatchOptions['method']} */ (method ?? undefined), passes: passes ?? undefined };
  }

  /** @param {Session} session @param {WatchedFrame} frame */
  #show(session, frame) {
    if (session !== this.#session || this.#state !== 'running') return;
    this.#view.showFrame(frame, performance.now());
    this.#offer(frame.issues.length === 0);
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

  /** @param {Attributes} attributes */
  #borrowEngine({ backend, model, assetBase }) {
    const before = this.#loan;
    const recogniser = this.#recogniser ?? undefined;
    this.#loan = new EngineLoan({ backend, model, recogniser, assetBase }, (progress) => this.#view.showProgress(progress));
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

  /** @param {boolean} passes whether nothing is wrong with the last frame */
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
    const language = await speak(/** @type {string[]} */ (wishes), this.#messages);
    if (wish === this.#wishes) this.#view.speak(language);
  }

  /** @template {keyof SerfiqCaptureEvents} K @param {K} name @param {SerfiqCaptureEvents[K]['detail']} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** @param {string} name @param {string | number | boolean | null} value */
  #reflect(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  /** @param {string} name */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const self = /** @type {any} */ (this);
    const value = self[name];
    delete self[name];
    self[name] = value;
  }
}

/** @param {string | null} text */
function number(text) {
  return text === null || text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text);
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

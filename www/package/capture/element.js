import { SerfiqError } from '../errors.js';
import { abortable, withResolvers } from '../promises.js';
import { ATTRIBUTES, ROW_OF_ATTRIBUTE, defineAccessors, readProperties, upgradeProperties } from './attributes.js';
import { followPermission, listCameras } from './camera.js';
import { EngineInUse } from './engine-in-use.js';
import { FormControl } from './form-control.js';
import { Handheld } from './handheld.js';
import { KeptCamera } from './kept-camera.js';
import { followLanguage, languageAround } from './language-around.js';
import { speak } from './language.js';
import { INITIAL, canTake, canUpload, next } from './machine.js';
import { choosePhoto, judgePhoto } from './photo.js';
import { Session } from './session.js';
import { View } from './view.js';
import { checkThreshold, scoringOptions, watchOptions } from './watch-options.js';

/** @import { Engine } from '../engine.js' */
/** @import { EngineInfo, Instruction, ModelCard, Picture, TakeOptions, WatchedFrame } from '../types.js' */
/** @import { Effect, MachineEvent, State } from './machine.js' */
/** @import { ElementProperties, PropertyRow } from './properties.js' */
/** @import { Action } from './view.js' */

/**
 * The element's events.
 * @typedef {object} SerfiqCaptureEvents
 * @property {CustomEvent<{ info: EngineInfo, models: ModelCard[] }>} serfiq-ready the engine is loaded; fired again when its backend changes
 * @property {CustomEvent<{ state: State, previous: State }>} serfiq-state
 * @property {CustomEvent<WatchedFrame>} serfiq-frame a frame was processed; up to as many a second as the camera gives
 * @property {CustomEvent<{ instruction: Instruction, text: string }>} serfiq-hint the instruction has changed
 * @property {CustomEvent<Picture>} serfiq-capture a picture was taken; `preventDefault()` refuses it, and the camera continues
 * @property {CustomEvent<{ code: string, message: string, reason: SerfiqError['reason'], action: string }>} serfiq-error `message` for
 *   developers; `action`: what the person can do, in their language
 */

/** A server has no `HTMLElement`, but the module must load there too. @type {typeof HTMLElement} */
const Base = globalThis.HTMLElement ?? class {};

/**
 * `<serfiq-capture>`: helps the person in front of the camera to take a good picture of their face, on their own device.
 *
 * @fires serfiq-ready @fires serfiq-state @fires serfiq-frame @fires serfiq-hint @fires serfiq-capture @fires serfiq-error
 * @slot idle - replaces the introduction
 * @slot privacy - the page's promise about the pictures, below the introduction
 * @slot captured - beside the picture taken
 * @slot explanation - replaces the explanation of the picture's score
 * @slot measures - replaces the standard's measures of the picture taken
 * @slot footer - below the bar
 * @csspart stage - the camera's picture and everything over it
 * @csspart video - the camera's picture
 * @csspart outline - the oval
 * @csspart hint - the instruction
 * @csspart message - the message shown in place of the camera's picture
 * @csspart title - its title
 * @csspart text - its text
 * @csspart status - the bar below the picture
 * @csspart meter - the score
 * @csspart button - every button
 * @csspart shutter - the button that takes the picture
 * @csspart camera-picker - the list of cameras, where there is more than one
 * @csspart picture - the picture taken
 * @csspart explanation - the explanation of the picture's score
 * @csspart measures - the standard's measures of the picture taken
 * @csspart tips - the advice before the camera starts
 * @cssprop --serfiq-accent - colour of the main button
 * @cssprop --serfiq-on-accent - colour of its text
 * @cssprop --serfiq-ground - colour of the background
 * @cssprop --serfiq-text - colour of text
 * @cssprop --serfiq-quiet - colour of secondary text
 * @cssprop --serfiq-radius - radius of the corners
 * @cssprop --serfiq-font - font family
 */
export class SerfiqCaptureElement extends Base {
  /** @internal */
  static observedAttributes = ATTRIBUTES;
  /** A form takes the picture as its value. */
  static formAssociated = true;

  static {
    defineAccessors(SerfiqCaptureElement.prototype, (element, row) => element.#takeEffect(row));
  }

  #view;
  #engine;
  #control;
  #handheld = new Handheld((lit) => {
    this.#view.light(lit);
    this.#control.showLight(lit);
  });
  #kept = new KeptCamera(() => this.#dispatch({ type: 'camera-unused' }));
  /** Only `#dispatch` changes it. */
  #state = INITIAL;
  /** @type {Session | null} */
  #session = null;
  /** Ends the judging of a photo. @type {AbortController | null} */
  #judging = null;
  /** Resolves when the session runs, rejects if it ends first. */
  #started = withResolvers();
  /** Resolves when the last picture is shown. */
  #shown = Promise.resolve();
  /** News not yet delivered to the page. @type {(() => void)[]} */
  #news = [];
  #dispatching = false;
  /** Whether the form, or a fieldset in it, disables the element. */
  #disabledByForm = false;
  /** Removes the listeners on the page; null while the element is not in the page. @type {AbortController | null} */
  #connection = null;
  /** Counts language changes: texts that load late must not replace newer ones. */
  #wishes = 0;

  constructor() {
    super();
    /** @type {Record<Exclude<Action, 'upload'>, MachineEvent>} */
    const events = { start: { type: 'start' }, stop: { type: 'stop' }, shutter: { type: 'press' }, use: { type: 'use' } };
    this.#control = new FormControl(this);
    this.#view = new View(
      this.attachShadow({ mode: 'open', delegatesFocus: true }),
      (action) => (action === 'upload' ? choosePhoto((photo) => this.#dispatch({ type: 'upload', photo })) : this.#dispatch(events[action])),
      (deviceId) => this.#dispatch({ type: 'choose-camera', deviceId }),
    );
    this.#engine = new EngineInUse({
      onProgress: (progress) => this.#view.showProgress(progress),
      onReady: ({ info, models }) => {
        this.#draw();
        this.#tell('serfiq-ready', { info, models });
      },
      onNotice: (notice) => this.#view.notice(notice),
      onFailure: (error) => this.#dispatch({ type: 'engine-failed', error }),
    });
    this.#control.showState(this.state);
    this.#draw();
  }

  /** @returns {State} */
  get state() {
    return this.#state.name;
  }

  /** The engine in use; null before it is loaded, and after `stop()`. @returns {Engine | null} */
  get engine() {
    return this.#engine.engine;
  }

  /** The picture in the form's data, while it is shown; null otherwise. @returns {File | null} */
  get value() {
    return this.#control.value;
  }

  /** @returns {HTMLFormElement | null} */
  get form() {
    return this.#control.form;
  }

  /** @returns {NodeList | null} */
  get labels() {
    return this.#control.labels;
  }

  /** @returns {ValidityState | null} */
  get validity() {
    return this.#control.validity;
  }

  /** @returns {string} */
  get validationMessage() {
    return this.#control.validationMessage;
  }

  /** @returns {boolean} */
  get willValidate() {
    return this.#control.willValidate;
  }

  /** @returns {boolean} */
  checkValidity() {
    return this.#control.checkValidity();
  }

  /** @returns {boolean} */
  reportValidity() {
    return this.#control.reportValidity();
  }

  /** @param {string} message why the picture is not valid; empty if it is */
  setCustomValidity(message) {
    this.#control.setCustomValidity(message);
  }

  /** Focuses the button that a person needs first. @override @param {FocusOptions} [options] */
  focus(options) {
    this.#view.focus(options);
  }

  /**
   * Opens the camera, and starts guiding. Resolves when the camera runs; errors also fire `serfiq-error`.
   * @returns {Promise<void>}
   * @throws {SerfiqError} of the camera or the engine; `closed` if stopped in the meantime, or disabled
   */
  async start() {
    this.#ask();
    await this.#started.promise;
  }

  /** Releases the camera and, unless another element uses it, the engine with its memory. */
  stop() {
    this.#dispatch({ type: 'stop' });
  }

  /**
   * Returns the next frame that passes every check or, with `belowThreshold`, any with a scored face; starts the camera if needed. Also
   * fires `serfiq-capture`; a picture refused there is still returned. If the signal aborts while the camera starts, the
   * camera is released, unless another caller requested it.
   * @param {TakeOptions} [options]
   * @returns {Promise<Picture>}
   * @throws {SerfiqError} of the camera or the engine, `closed` if stopped in the meantime; with the signal's reason if it aborts
   */
  async capture(options = {}) {
    options.signal?.throwIfAborted();
    await this.#whenRunning(options.signal);
    return this.#take('program', options);
  }

  /** @param {'person' | 'program'} by @param {TakeOptions} [options] @returns {Promise<Picture>} */
  async #take(by, options) {
    const { session } = this.#state;
    if (!this.#session) throw new SerfiqError('closed', 'The camera was stopped.');
    const picture = await this.#session.take({ belowThreshold: this.belowThreshold, ...options });
    this.#dispatch({ type: 'taken', session, picture, by });
    await this.#shown;
    return picture;
  }

  /** @throws {SerfiqError} `closed` if the element is disabled */
  #ask() {
    if (this.#state.disabled) {
      throw new SerfiqError('closed', 'The element is disabled, or a fieldset around it is: the camera does not start.');
    }
    this.#dispatch({ type: 'start' });
  }

  /** Starts if needed, and waits until the camera runs or the signal aborts. @param {AbortSignal} [signal] */
  async #whenRunning(signal) {
    this.#ask();
    const { session } = this.#state;
    try {
      await abortable(this.#started.promise, signal);
    } catch (error) {
      if (signal?.aborted) this.#dispatch({ type: 'abandon', session });
      throw error;
    }
  }

  // -- Lifecycle

  /** @internal */
  connectedCallback() {
    upgradeProperties(this);
    this.#connection?.abort();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    document.addEventListener('visibilitychange', () => this.#followVisibility(), { signal });
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#followCameras(), { signal });
    followPermission(() => this.#dispatch({ type: 'permitted' }), signal);
    followLanguage(this, () => this.#speak(), signal);
    this.#speak();
    this.#session?.keepPlaying();
    this.#autostart();
  }

  /** @internal */
  disconnectedCallback() {
    // A moved element is removed and put back at once: its session continues.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#connection?.abort();
      this.#connection = null;
      this.stop();
    });
  }

  /** @internal @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    const row = ROW_OF_ATTRIBUTE.get(name);
    if (row && before !== now) this.#takeEffect(row);
  }

  /** @internal @param {boolean} disabled */
  formDisabledCallback(disabled) {
    this.#disabledByForm = disabled;
    this.#followDisabled();
  }

  /** @internal */
  formResetCallback() {
    this.#dispatch({ type: 'reset' });
    this.#autostart();
  }

  /** Applies a changed property. Those without a branch here are read later: `method` and `passes` at every frame. @param {PropertyRow} row */
  #takeEffect({ property, effect }) {
    if (effect === 'guide') {
      this.#dispatch({ type: 'guide', autoCapture: this.autoCapture, belowThreshold: this.belowThreshold });
    } else if (property === 'review') {
      this.#dispatch({ type: 'review', review: this.review });
    } else if (property === 'mirrored' || property === 'required' || property === 'upload' || property === 'meter') {
      this.#draw();
    } else if (property === 'language' || property === 'messages') {
      this.#speak();
    } else if (property === 'disabled') {
      this.#followDisabled();
    } else if (property === 'cameraFacing') {
      this.#dispatch({ type: 'facing' });
    } else if (property === 'autostart') {
      this.#autostart();
    }
  }

  #autostart() {
    if (this.autostart && this.#connection) this.#dispatch({ type: 'autostart' });
  }

  #followDisabled() {
    const disabled = this.disabled || this.#disabledByForm;
    if (disabled === this.#state.disabled) return;
    this.#dispatch({ type: 'disabled', disabled });
    if (!disabled) this.#autostart();
  }

  // -- The machine

  /** @param {MachineEvent} event */
  #dispatch(event) {
    const outermost = !this.#dispatching;
    this.#dispatching = true;
    try {
      const before = this.#state;
      const { state, effects } = next(before, event);
      this.#state = state;
      if (state.name !== before.name) this.#control.showState(state.name);
      if (state !== before) this.#handheld.follow(before, state, this.#facesUser);
      for (const effect of effects) this.#perform(effect);
      if (state !== before) this.#draw();
    } finally {
      if (outermost) this.#dispatching = false;
    }
    this.#tellNews();
  }

  /** @param {Effect} effect */
  #perform(effect) {
    switch (effect.type) {
      case 'open':
        return this.#open(effect);
      case 'judge':
        return void this.#judge(effect);
      case 'close':
        return this.#close(effect);
      case 'started':
        return this.#started.resolve();
      case 'pause':
        return this.#session?.pause();
      case 'resume':
        return this.#session?.resume();
      case 'continue':
        return this.#session?.restart();
      case 'guide':
        return this.#guideAgain(effect);
      case 'take':
        // The session reports the error as well.
        return void this.#take('person').catch(() => {});
      case 'list-cameras':
        return void this.#followCameras();
      case 'use-engine':
        return this.#engine.follow(effect.engine);
      case 'release-engine':
        return this.#engine.release();
      case 'release-camera':
        return void this.#kept.release();
      case 'show-frame':
        return this.#view.showFrame(effect.frame, performance.now());
      case 'clear-score':
        return this.#view.clearScore();
      case 'notice':
        return this.#view.notice(effect.notice);
      case 'show-picture':
        return this.#showPicture(effect.picture);
      case 'clear-picture':
        return this.#view.clearPicture();
      case 'announce-state':
        return this.#view.announceState(this.#state);
      case 'announce-hint':
        return this.#view.announceHint(effect.instruction);
      case 'hush':
        return this.#view.hush();
      case 'offer':
        return this.#inform(() => this.#offer(effect));
      case 'tell-state':
        return this.#tell('serfiq-state', { state: effect.state, previous: effect.previous });
      case 'tell-frame':
        return this.#tell('serfiq-frame', effect.frame);
      case 'tell-hint':
        return this.#tell('serfiq-hint', { instruction: effect.instruction, text: this.#view.hintOf(effect.instruction) });
      case 'tell-error':
        return this.#tellError(effect.error);
    }
  }

  get #facesUser() {
    return (this.#state.facing ?? this.cameraFacing) !== 'environment';
  }

  #draw() {
    const { name, errorCode, errorReason, instruction, autoCapture, cameras, deviceId, picture, disabled } = this.#state;
    const mirrored = this.mirrored ?? this.#facesUser;
    // Without a calibration there is no quality to show.
    const meter = this.engine?.info.calibrated === false ? 'none' : this.meter;
    const shutter = { shutter: !autoCapture, canTake: canTake(this.#state) };
    const upload = this.upload && canUpload(this.#state);
    this.#view.draw({ name, errorCode, errorReason, instruction, mirrored, meter, ...shutter, cameras, deviceId, upload, disabled });
    this.#control.update({ picture, required: this.required, missing: this.#view.missing, anchor: this.#view.mainButton });
  }

  /**
   * Queues an event for the page.
   * @template {keyof SerfiqCaptureEvents} K @param {K} name @param {SerfiqCaptureEvents[K]['detail']} detail
   */
  #tell(name, detail) {
    const event = new CustomEvent(name, { detail, bubbles: true, composed: true });
    this.#inform(() => this.dispatchEvent(event));
  }

  /** Queues news for listeners, to deliver in order after all other effects: a listener may call `stop()`. @param {() => void} news */
  #inform(news) {
    this.#news.push(news);
    this.#tellNews();
  }

  #tellNews() {
    if (this.#dispatching) return;
    this.#dispatching = true;
    for (let tell = this.#news.shift(); tell; tell = this.#news.shift()) tell();
    this.#dispatching = false;
  }

  /**
   * Asks the page whether to keep a picture. By now it is the form's value, so a listener may submit the form.
   * @param {{ picture: Picture }} effect
   */
  #offer({ picture }) {
    // A listener may have stopped the camera in the meantime.
    if (this.#state.picture !== picture) return;
    const event = new CustomEvent('serfiq-capture', { detail: picture, bubbles: true, composed: true, cancelable: true });
    this.#dispatch({ type: this.dispatchEvent(event) ? 'kept' : 'refused', picture });
  }

  /** @param {SerfiqError} error */
  #tellError({ code, message, reason }) {
    const { title, text } = this.#view.errorOf(code, reason);
    this.#tell('serfiq-error', { code, message, reason, action: `${title}. ${text}` });
  }

  // -- Effects of the machine

  /** @param {{ session: number, deviceId: string }} effect */
  #open({ session, deviceId }) {
    const fail = (/** @type {unknown} */ error) => this.#dispatch({ type: 'failed', session, error: known(error) });
    this.#started = withResolvers();
    try {
      const opened = this.#makeSession(session, deviceId);
      this.#session = opened;
      this.#dispatch({ type: 'opening', session });
      opened.run().catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** @param {number} session @param {string} deviceId */
  #makeSession(session, deviceId) {
    const properties = readProperties(this);
    return new Session({
      video: this.#view.video,
      engine: this.#borrow(properties),
      camera: { facing: properties.cameraFacing, deviceId, isChosen: this.#state.isChosen },
      open: this.#kept.take(deviceId),
      watching: watchOptions(properties),
      scoring: () => scoringOptions(this),
      onCamera: (settings) =>
        this.#dispatch({ type: 'camera', session, deviceId: settings.deviceId ?? '', facing: settings.facingMode }),
      onEngine: (engine) => {
        this.#dispatch({ type: 'engine', session, engine });
        checkThreshold(this, engine.info);
        this.#dispatch({ type: 'watching', session });
        this.#followVisibility();
      },
      onFrame: (frame) => this.#dispatch({ type: 'frame', session, frame }),
      onPulse: (type) => this.#dispatch({ type, session }),
      onTimeOver: () => this.#dispatch({ type: 'time-over', session }),
      onEngineDead: () => this.#engine.distrust(),
    });
  }

  /** @param {ElementProperties} properties */
  #borrow({ backend, model, recogniser, landmarks, assetBase }) {
    return this.#engine.borrow({
      backend,
      model: model ?? undefined,
      recogniser: recogniser ?? undefined,
      landmarks: landmarks ?? undefined,
      assetBase: assetBase ?? undefined,
    });
  }

  /** @param {{ session: number, photo: File }} effect */
  async #judge({ session, photo }) {
    const { signal } = (this.#judging = new AbortController());
    try {
      const properties = readProperties(this);
      const { belowThreshold } = properties;
      const { guide, crop = false, standardMeasures, explain = false } = watchOptions(properties);
      const engine = await abortable(this.#borrow(properties), signal);
      this.#dispatch({ type: 'engine', session, engine });
      checkThreshold(this, engine.info);
      const options = { ...scoringOptions(this), guide, crop, standardMeasures, explain, belowThreshold, signal };
      const picture = await judgePhoto(engine, photo, options);
      this.#dispatch({ type: 'taken', session, picture, by: 'person' });
    } catch (error) {
      this.#dispatch({ type: 'failed', session, error: known(error) });
    }
  }

  /** @param {{ error: SerfiqError | null, keepCamera: boolean }} effect `error` is the reason; null if it was stopped */
  #close({ error, keepCamera }) {
    const session = this.#session;
    this.#session = null;
    if (keepCamera && session) this.#kept.keep(session.handOver());
    else this.#kept.release();
    session?.end();
    this.#judging?.abort();
    this.#started.reject(error ?? new SerfiqError('closed', 'The camera was stopped.'));
    this.#view.notice('');
  }

  /** Restarts the guide with the current settings. @param {{ session: number, running: boolean }} effect */
  #guideAgain({ session, running }) {
    try {
      if (running && this.engine) checkThreshold(this, this.engine.info);
      this.#session?.guide(watchOptions(readProperties(this)).guide);
    } catch (error) {
      this.#dispatch({ type: 'failed', session, error: known(error) });
    }
  }

  /** @param {Picture} picture */
  #showPicture(picture) {
    this.#shown = this.#view.showPicture(picture);
  }

  // -- State of the page

  #followVisibility() {
    this.#dispatch({ type: 'visibility', hidden: document.visibilityState === 'hidden' });
  }

  async #followCameras() {
    this.#session?.checkCamera();
    const cameras = (await listCameras()).map(({ deviceId, label }) => ({ deviceId, label }));
    this.#dispatch({ type: 'cameras', cameras });
  }

  async #speak() {
    const wish = ++this.#wishes;
    const wishes = [this.language, languageAround(this), ...navigator.languages].filter((tag) => typeof tag === 'string' && tag !== '');
    const language = await speak(/** @type {string[]} */ (wishes), this.messages);
    if (wish !== this.#wishes) return;
    this.#view.speak(language);
    this.#draw();
  }
}

/** @param {unknown} error @returns {SerfiqError} */
function known(error) {
  return error instanceof SerfiqError ? error : new SerfiqError('engine-died', String(error));
}

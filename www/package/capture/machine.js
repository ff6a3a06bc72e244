import { SerfiqError } from '../errors.js';

/** @import { Engine } from '../engine.js' */
/** @import { Instruction, Picture, WatchedFrame } from '../types.js' */
/** @import { Camera } from './camera-names.js' */

/** @typedef {'idle' | 'asking' | 'loading' | 'running' | 'frozen' | 'hidden' | 'review' | 'judging' | 'captured' | 'error'} State */

/**
 * A session is one use of the camera, or one photo being judged. Its number distinguishes its reports from late ones of earlier sessions.
 * @typedef {object} MachineState
 * @property {State} name
 * @property {number} session number of the session in use; 0 for none
 * @property {number} sessions number of sessions so far
 * @property {boolean} opening the session has begun, but has not requested the camera yet; the display does not change
 * @property {number} askers how many callers wait for the session to start
 * @property {string | null} errorCode in state `error`
 * @property {SerfiqError['reason']} errorReason in state `error`; null if the error has none
 * @property {Instruction | null} instruction the instruction shown; null until the first frame
 * @property {Instruction | null} hinted the last instruction reported to the page; after a pause it is shown again, but not reported again
 * @property {boolean} passes whether the last scored frame was accepted and no fault was found since
 * @property {boolean} slow whether the engine has not answered for some seconds
 * @property {boolean} late whether the time limit has passed; the guide notices only at its next frame
 * @property {Picture | null} reviewed in state `review`, the picture that the person may use or retake
 * @property {Picture | null} picture the picture offered to the page or, in state `captured`, kept: the value in a form
 * @property {boolean} keepsCamera whether the last session's camera is still open, for the next one
 * @property {boolean} disabled whether a form has disabled the element
 * @property {boolean} review whether the person looks at a picture before it is offered to the page
 * @property {boolean} autoCapture
 * @property {boolean} belowThreshold
 * @property {string} deviceId of the camera in use or wanted; empty for any
 * @property {boolean} isChosen whether the person has chosen this camera
 * @property {string | undefined} facing the camera's direction, if it reports one
 * @property {readonly Camera[]} cameras all that there are
 */

/**
 * An input to the machine. An event of a session that is no longer in use changes nothing.
 * @typedef {{ type: 'start' | 'autostart' | 'stop' | 'press' | 'use' | 'reset' | 'facing' | 'camera-unused' | 'permitted' }
 *   | { type: 'abandon', session: number }
 *   | { type: 'upload', photo: File }
 *   | { type: 'guide', autoCapture: boolean, belowThreshold: boolean }
 *   | { type: 'review', review: boolean }
 *   | { type: 'disabled', disabled: boolean }
 *   | { type: 'visibility', hidden: boolean }
 *   | { type: 'cameras', cameras: readonly Camera[] }
 *   | { type: 'choose-camera', deviceId: string }
 *   | { type: 'opening', session: number }
 *   | { type: 'camera', session: number, deviceId: string, facing: string | undefined }
 *   | { type: 'engine', session: number, engine: Engine }
 *   | { type: 'watching', session: number }
 *   | { type: 'frame', session: number, frame: WatchedFrame }
 *   | { type: 'camera-quiet' | 'camera-back' | 'engine-quiet' | 'time-over', session: number }
 *   | { type: 'taken', session: number, picture: Picture, by: 'person' | 'program' }
 *   | { type: 'kept' | 'refused', picture: Picture }
 *   | { type: 'failed', session: number, error: SerfiqError }
 *   | { type: 'engine-failed', error: SerfiqError }} MachineEvent
 */

/**
 * An action for the element. Several are performed in order; events for the page (`tell-...`) come last.
 * @typedef {{ type: 'list-cameras' | 'release-engine' | 'release-camera' | 'pause' | 'resume' | 'take' | 'continue' | 'started' }
 *   | { type: 'clear-score' | 'clear-picture' | 'hush' | 'announce-state' }
 *   | { type: 'notice', notice: '' | 'slow' }
 *   | { type: 'announce-hint', instruction: Instruction }
 *   | { type: 'open', session: number, deviceId: string }
 *   | { type: 'judge', session: number, photo: File }
 *   | { type: 'close', session: number, error: SerfiqError | null, keepCamera: boolean }
 *   | { type: 'use-engine', engine: Engine }
 *   | { type: 'guide', session: number, running: boolean }
 *   | { type: 'show-frame', frame: WatchedFrame }
 *   | { type: 'show-picture', picture: Picture }
 *   | { type: 'tell-frame', frame: WatchedFrame }
 *   | { type: 'tell-hint', instruction: Instruction }
 *   | { type: 'offer', picture: Picture }
 *   | { type: 'tell-state', state: State, previous: State }
 *   | { type: 'tell-error', error: SerfiqError }} Effect
 */

/** @typedef {{ state: MachineState, effects: Effect[] }} Transition */

/** Errors that plugging in a camera can resolve. */
const MENDED_BY_A_CAMERA = new Set(['camera-none', 'camera-unplugged']);
/** States in which a picture is shown. The camera is off, or kept for another one. @type {ReadonlySet<State>} */
const SHOWS_A_PICTURE = new Set(['review', 'captured']);
/** Errors after which another camera may work better. */
const OF_THIS_CAMERA = new Set(['camera-busy', 'camera-failed', 'camera-frozen']);
/** Errors of a photo that was chosen in place of the camera's picture. */
const OF_A_PHOTO = ['photo-refused', 'photo-unreadable'];
/** Errors after which a photo may be chosen. */
const MENDED_BY_A_PHOTO = new Set([
  'camera-denied',
  'camera-not-allowed-here',
  'camera-none',
  'camera-busy',
  'camera-unplugged',
  'camera-failed',
  'camera-frozen',
  'insecure-context',
  'pixels-hidden',
  ...OF_A_PHOTO,
]);
/** Another attempt is likely after this error, so the camera and engine are kept. */
const TIME_IS_UP = 'no-good-picture';
/** Errors after which the engine is kept. */
const KEEPS_ENGINE = new Set([TIME_IS_UP, ...OF_A_PHOTO]);

/** @type {Readonly<MachineState>} */
export const INITIAL = Object.freeze({
  name: 'idle',
  session: 0,
  sessions: 0,
  opening: false,
  askers: 0,
  errorCode: null,
  errorReason: null,
  instruction: null,
  hinted: null,
  passes: false,
  slow: false,
  late: false,
  reviewed: null,
  picture: null,
  keepsCamera: false,
  disabled: false,
  review: false,
  autoCapture: false,
  belowThreshold: false,
  deviceId: '',
  isChosen: false,
  facing: undefined,
  cameras: Object.freeze([]),
});

/** Whether the shutter may be pressed. @param {MachineState} state */
export function canTake(state) {
  return isRunning(state) && (state.passes || state.belowThreshold);
}

/** Whether a photo may be chosen instead of the camera. @param {MachineState} state */
export function canUpload({ session, errorCode, disabled }) {
  return session === 0 && !disabled && MENDED_BY_A_PHOTO.has(errorCode ?? '');
}

/**
 * Returns the state after an event, and what the element must do. Touches no page, clock or promise. If nothing changes, the state is the
 * same object.
 * @param {MachineState} state
 * @param {MachineEvent} event
 * @returns {Transition}
 */
export function next(state, event) {
  // A session that has ended may still report something, such as a camera that was found late.
  if ('session' in event && (state.session === 0 || event.session !== state.session)) return stay(state);
  switch (event.type) {
    case 'start':
      return ask(state);
    case 'autostart':
      // An element moved within the page keeps its picture.
      return state.picture || state.reviewed || isJudging(state) ? stay(state) : ask(state);
    case 'abandon':
      return abandon(state);
    case 'stop':
      return stop(state);
    case 'opening':
      return state.opening ? enter(state, 'asking') : stay(state);
    case 'camera':
      return isStarting(state) ? load(state, event) : replaceCamera(state, event);
    case 'engine':
      return isStarting(state) || isJudging(state) ? stay(state, { type: 'use-engine', engine: event.engine }) : stay(state);
    case 'watching':
      return isStarting(state) ? enter(state, 'running', [{ type: 'started' }]) : stay(state);
    case 'frame':
      return isRunning(state) || isFrozen(state) ? see(state, event.frame) : stay(state);
    case 'camera-quiet':
      return isRunning(state) ? freeze(state) : stay(state);
    case 'camera-back':
      return isFrozen(state) ? enter(state, 'running') : stay(state);
    case 'engine-quiet':
      return isRunning(state) ? wait(state) : stay(state);
    case 'time-over':
      if (isFrozen(state)) return freeze({ ...state, late: true });
      return isRunning(state) ? stay({ ...state, late: true }) : stay(state);
    case 'taken':
      // The person has seen the photo when choosing it.
      if (isJudging(state)) return offer(state, event.picture);
      if (!isLive(state)) return stay(state);
      // A program that asks for a picture decides about it.
      return event.by === 'program' ? offer(state, event.picture) : take(state, event.picture);
    case 'use':
      return isReviewed(state) && state.reviewed ? offer(state, state.reviewed) : stay(state);
    case 'kept':
      return isOffered(state, event.picture) ? capture(state, event.picture) : stay(state);
    case 'refused':
      return isOffered(state, event.picture) ? goOn(state) : stay(state);
    case 'failed':
      return fail(state, event.error);
    case 'engine-failed':
      if (state.session !== 0) return fail(state, event.error);
      // Nothing needs the engine now. A picture already taken is kept.
      return awaitsAnother(state) ? stay(state, { type: 'release-engine' }) : stay(state);
    case 'visibility':
      return event.hidden ? hide(state) : isPaused(state) ? enter(state, 'running', [{ type: 'resume' }]) : stay(state);
    case 'camera-unused':
      return withoutCamera(state);
    case 'facing':
      return withoutCamera({ ...state, deviceId: '', isChosen: false });
    case 'permitted':
      return mend(state, state.errorCode === 'camera-denied');
    case 'disabled':
      return disable(state, event.disabled);
    case 'upload':
      return canUpload(state) ? judge(state, event.photo) : stay(state);
    case 'reset':
      return SHOWS_A_PICTURE.has(state.name) || isJudging(state) ? stop(state) : stay(state);
    case 'review':
      return event.review === state.review ? stay(state) : stay({ ...state, review: event.review });
    case 'guide':
      return guide(state, event);
    case 'press':
      return press(state);
    case 'choose-camera':
      if (!isRunning(state) && !isFrozen(state)) return stay(state);
      return event.deviceId === state.deviceId ? stay(state) : open({ ...state, isChosen: true }, event.deviceId);
    case 'cameras':
      return follow(state, event.cameras);
  }
}

/** @param {MachineState} state */
function isStarting({ session, opening, name }) {
  return session !== 0 && !opening && (name === 'asking' || name === 'loading');
}

/** @param {MachineState} state */
function isRunning({ opening, name }) {
  return !opening && name === 'running';
}

/** @param {MachineState} state */
function isFrozen({ opening, name }) {
  return !opening && name === 'frozen';
}

/** @param {MachineState} state */
function isPaused({ opening, name }) {
  return !opening && name === 'hidden';
}

/** Whether the camera is watched, or will be once the camera or the page is back. @param {MachineState} state */
function isLive(state) {
  return isRunning(state) || isFrozen(state) || isPaused(state);
}

/** @param {MachineState} state */
function isJudging({ opening, name }) {
  return !opening && name === 'judging';
}

/** Whether the engine is kept without a session: another picture may follow. @param {MachineState} state */
function awaitsAnother({ session, name, errorCode }) {
  return session === 0 && (SHOWS_A_PICTURE.has(name) || KEEPS_ENGINE.has(errorCode ?? ''));
}

/** Whether the person looks at a picture, to use or retake it. @param {MachineState} state */
function isReviewed({ opening, name }) {
  return !opening && name === 'review';
}

/** Whether this picture is on offer to the page. @param {MachineState} state @param {Picture} picture */
function isOffered(state, picture) {
  return picture === state.picture && (isLive(state) || isReviewed(state) || isJudging(state));
}

/** Keeps the name of the state. @param {MachineState} state @param {Effect[]} effects @returns {Transition} */
function stay(state, ...effects) {
  return { state, effects };
}

/**
 * @param {MachineState} state
 * @param {State} name
 * @param {Effect[]} [effects]
 * @param {SerfiqError | null} [error] in state `error`
 * @returns {Transition}
 */
function enter(state, name, effects = [], error = null) {
  const errorCode = error && error.code;
  const errorReason = error && error.reason;
  /** @type {Effect[]} */
  const told = [];
  if (name !== 'idle' && (name !== state.name || errorCode !== state.errorCode)) told.push({ type: 'announce-state' });
  if (name !== state.name) told.push({ type: 'tell-state', state: name, previous: state.name });
  if (error) told.push({ type: 'tell-error', error });
  const { picture } = name === 'captured' ? state : INITIAL;
  const { reviewed } = name === 'review' ? state : INITIAL;
  return {
    state: { ...state, name, errorCode, errorReason, picture, reviewed, opening: false, instruction: null, passes: false, slow: false, late: false },
    effects: [...effects, ...told],
  };
}

/** A caller wants the camera. @param {MachineState} state */
function ask(state) {
  if (state.disabled) return stay(state);
  if (state.session === 0 || isJudging(state)) return open(state, state.deviceId);
  // A start while a picture is on offer asks for another one.
  if (state.picture) return goOn(state);
  return isLive(state) ? stay(state) : stay({ ...state, askers: state.askers + 1 });
}

/** A caller stops waiting for the start. When the last one does, the camera is closed. @param {MachineState} state */
function abandon(state) {
  if (!isStarting(state)) return stay(state);
  return state.askers > 1 ? stay({ ...state, askers: state.askers - 1 }) : stop(state);
}

/** Begins a session, in place of the one in use. @param {MachineState} state @param {string} deviceId @returns {Transition} */
function open(state, deviceId) {
  const session = state.sessions + 1;
  return {
    state: { ...state, deviceId, session, sessions: session, opening: true, askers: 1, hinted: null, keepsCamera: false },
    effects: [...close(state), { type: 'open', session, deviceId }],
  };
}

/** Judges a photo in place of the camera's picture. @param {MachineState} state @param {File} photo @returns {Transition} */
function judge(state, photo) {
  const session = state.sessions + 1;
  return enter({ ...state, session, sessions: session }, 'judging', [{ type: 'judge', session, photo }]);
}

/**
 * Ends the session, if there is one.
 * @param {MachineState} state
 * @param {SerfiqError | null} [error] why
 * @param {boolean} [keepCamera] whether the camera stays open for the next session
 * @returns {Effect[]}
 */
function close({ session }, error = null, keepCamera = false) {
  return session === 0 ? [] : [{ type: 'close', session, error, keepCamera }];
}

/** @param {MachineState} state @param {boolean} [keepsCamera] */
function withoutSession(state, keepsCamera = false) {
  return { ...state, session: 0, askers: 0, keepsCamera };
}

/** Releases the camera that was kept for the next session. @param {MachineState} state */
function withoutCamera(state) {
  return state.keepsCamera ? stay({ ...state, keepsCamera: false }, { type: 'release-camera' }) : stay(state);
}

/** @param {MachineState} state */
function stop(state) {
  const { effects } = withoutCamera(state);
  return enter(withoutSession(state), 'idle', [...close(state), ...effects, { type: 'release-engine' }, { type: 'clear-picture' }, { type: 'hush' }]);
}

/** @param {MachineState} state @param {SerfiqError} error */
function fail(state, error) {
  // The page itself has closed the engine.
  if (error.code === 'closed') return stop(state);
  // The next attempt may use any camera: none can be chosen until one runs.
  if (OF_THIS_CAMERA.has(error.code)) state = { ...state, deviceId: '', isChosen: false };
  const keepCamera = error.code === TIME_IS_UP && isRunning(state);
  if (KEEPS_ENGINE.has(error.code)) return enter(withoutSession(state, keepCamera), 'error', close(state, error, keepCamera), error);
  return enter(withoutSession(state), 'error', [...close(state, error), { type: 'release-engine' }], error);
}

/** A picture was taken, by the guide or by the shutter. @param {MachineState} state @param {Picture} picture */
function take(state, picture) {
  return state.review ? show({ ...state, reviewed: picture }, 'review', picture) : offer(state, picture);
}

/** The page may refuse a picture, so it is asked first: `kept` or `refused`. @param {MachineState} state @param {Picture} picture */
function offer(state, picture) {
  return stay({ ...state, picture }, { type: 'offer', picture });
}

/** The picture on offer is not kept; the guide looks for another one. @param {MachineState} state */
function goOn(state) {
  if (isJudging(state)) return fail(state, new SerfiqError('photo-refused', 'The page refused the photo.'));
  const without = { ...state, picture: null };
  if (state.name !== 'review') return stay(without, { type: 'continue' });
  return state.disabled ? stay(without) : open(without, without.deviceId);
}

/** The picture on offer is kept. @param {MachineState} state @param {Picture} picture */
function capture(state, picture) {
  // It is on screen already.
  return state.name === 'review' ? enter(state, 'captured') : show(state, 'captured', picture);
}

/**
 * Shows a picture. Camera and engine are kept: another one may follow.
 * @param {MachineState} state @param {'review' | 'captured'} name @param {Picture} picture
 */
function show(state, name, picture) {
  // A frozen camera, or a hidden page's, is closed: its light would stay on with nothing on screen to explain it.
  const keepCamera = isRunning(state);
  return enter(withoutSession(state, keepCamera), name, [...close(state, null, keepCamera), { type: 'show-picture', picture }]);
}

/** The camera gives no pictures. Past the time limit, that is an error. @param {MachineState} state */
function freeze(state) {
  if (state.late) return fail(state, new SerfiqError('camera-frozen', 'The camera gives no pictures, and the time limit has passed.'));
  return enter(state, 'frozen', [{ type: 'clear-score' }]);
}

/** The engine does not answer, so the score and hint on screen are out of date. @param {MachineState} state */
function wait(state) {
  return stay({ ...state, slow: true, instruction: null, passes: false }, { type: 'clear-score' }, { type: 'notice', notice: 'slow' });
}

/** The page is hidden: a session pauses, and a camera without a session is released. @param {MachineState} state */
function hide(state) {
  return isRunning(state) || isFrozen(state) ? enter(state, 'hidden', [{ type: 'pause' }]) : withoutCamera(state);
}

/** @param {MachineState} state @param {boolean} disabled @returns {Transition} */
function disable(state, disabled) {
  if (disabled === state.disabled) return stay(state);
  const seen = { ...state, disabled };
  if (!disabled) return stay(seen);
  return seen.session === 0 ? withoutCamera(seen) : stop(seen);
}

/** Starts again if the cause of an error is gone. @param {MachineState} state @param {boolean} mended */
function mend(state, mended) {
  return mended && state.session === 0 && !state.disabled ? open(state, state.deviceId) : stay(state);
}

/** @param {MachineState} state @param {{ deviceId: string, facing: string | undefined }} camera */
function load(state, { deviceId, facing }) {
  return enter({ ...state, deviceId, facing }, 'loading', [{ type: 'list-cameras' }]);
}

/** Another camera has taken the place of one that gives no colours. @param {MachineState} state @param {{ deviceId: string, facing: string | undefined }} camera */
function replaceCamera(state, { deviceId, facing }) {
  const isKnown = !isLive(state) || (deviceId === state.deviceId && facing === state.facing);
  return isKnown ? stay(state) : stay({ ...state, deviceId, facing });
}

/** The shutter was pressed, which is possible at any time: a disabled button would lose the keyboard's focus. @param {MachineState} state */
function press(state) {
  if (canTake(state)) return stay(state, { type: 'take' });
  return isRunning(state) && state.instruction ? stay(state, { type: 'announce-hint', instruction: state.instruction }) : stay(state);
}

/** @param {MachineState} state @param {WatchedFrame} frame @returns {Transition} */
function see(state, frame) {
  // The last frame before the camera froze may still end the session, but it is no longer shown.
  if (isFrozen(state)) return endOf(state, frame) ?? stay(state);
  const { instruction } = frame;
  /** @type {Effect[]} */
  const effects = [{ type: 'show-frame', frame }];
  if (state.slow) effects.push({ type: 'notice', notice: '' });
  if (instruction !== state.instruction) effects.push({ type: 'announce-hint', instruction });
  effects.push({ type: 'tell-frame', frame });
  if (instruction !== state.hinted) effects.push({ type: 'tell-hint', instruction });
  const passes = passesAfter(state, frame);
  const known = instruction === state.instruction && passes === state.passes && !state.slow;
  const seen = known ? state : { ...state, instruction, hinted: instruction, passes, slow: false };
  const end = endOf(seen, frame);
  return end ? { state: end.state, effects: [...effects, ...end.effects] } : { state: seen, effects };
}

/**
 * Whether the shutter takes a picture after this frame. On a slow machine, a frame without a score reports only other faults, so the
 * last score stands.
 * @param {MachineState} state @param {WatchedFrame} frame
 */
function passesAfter({ passes }, { faces: [face], accepted, issues }) {
  return typeof face?.raw === 'number' ? accepted : passes && issues.length === 0;
}

/** Returns the transition that may end the session with this frame, or null. @param {MachineState} state @param {WatchedFrame} frame */
function endOf(state, { picture, capture }) {
  if (picture) return take(state, picture);
  return capture.state === 'time_up' ? fail(state, timeIsUp(capture.fault)) : null;
}

/** @param {Instruction | null} fault what was wrong most of the time */
function timeIsUp(fault) {
  const mostly = fault ? ` What was wrong most of the time: ${fault}.` : '';
  return new SerfiqError(TIME_IS_UP, `No frame was good enough within the time limit.${mostly}`, fault);
}

/** @param {MachineState} state @param {{ autoCapture: boolean, belowThreshold: boolean }} settings @returns {Transition} */
function guide(state, { autoCapture, belowThreshold }) {
  const known = autoCapture === state.autoCapture && belowThreshold === state.belowThreshold;
  const { session } = state;
  return {
    state: known && !state.late ? state : { ...state, autoCapture, belowThreshold, late: false },
    effects: session === 0 ? [] : [{ type: 'guide', session, running: isLive(state) }],
  };
}

/** @param {MachineState} state @param {readonly Camera[]} cameras */
function follow(state, cameras) {
  const seen = isSame(cameras, state.cameras) ? state : { ...state, cameras };
  return mend(seen, MENDED_BY_A_CAMERA.has(state.errorCode ?? '') && cameras.length > 0);
}

/** @param {readonly Camera[]} some @param {readonly Camera[]} others */
function isSame(some, others) {
  return some.length === others.length && some.every(({ deviceId, label }, i) => deviceId === others[i].deviceId && label === others[i].label);
}

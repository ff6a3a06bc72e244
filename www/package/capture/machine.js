import { SerfiqError } from '../errors.js';

/** @import { Engine } from '../engine.js' */
/** @import { Instruction, Picture, WatchedFrame } from '../types.js' */

/** @typedef {'idle' | 'asking' | 'loading' | 'running' | 'hidden' | 'captured' | 'error'} State */

/**
 * A session is one use of the camera. Its number distinguishes its reports from late ones of earlier sessions.
 * @typedef {object} MachineState
 * @property {State} name
 * @property {number} session number of the session in use; 0 for none
 * @property {number} sessions number of sessions so far
 * @property {boolean} opening the session has begun, but has not requested the camera yet; the display does not change
 * @property {number} askers how many callers wait for the session to start
 * @property {string | null} errorCode in state `error`
 * @property {Instruction | null} instruction the one shown; null until the first frame
 * @property {Instruction | null} hinted the last one reported to the page: after a pause the same one is shown again, but not reported
 * @property {boolean} passes whether the last scored frame is accepted, and nothing has been wrong since
 * @property {boolean} autoCapture
 * @property {boolean} belowThreshold
 * @property {string} deviceId of the camera in use or wanted; empty for any
 * @property {string | undefined} facing the camera's direction, if it reports one
 * @property {boolean} otherCamera whether there is another camera
 */

/**
 * An input to the machine. An event of a session that is no longer in use changes nothing.
 * @typedef {{ type: 'start' | 'autostart' | 'stop' | 'press' | 'switch-camera' }
 *   | { type: 'abandon', session: number }
 *   | { type: 'guide', autoCapture: boolean, belowThreshold: boolean }
 *   | { type: 'visibility', hidden: boolean }
 *   | { type: 'cameras', count: number }
 *   | { type: 'opening', session: number }
 *   | { type: 'camera', session: number, deviceId: string, facing: string | undefined }
 *   | { type: 'engine', session: number, engine: Engine }
 *   | { type: 'watching', session: number }
 *   | { type: 'frame', session: number, frame: WatchedFrame }
 *   | { type: 'taken', session: number, picture: Picture }
 *   | { type: 'camera-found', session: number, deviceId: string }
 *   | { type: 'failed', session: number, error: SerfiqError }
 *   | { type: 'engine-failed', error: SerfiqError }} MachineEvent
 */

/**
 * An action for the element; several are done in order. The page is told (`tell-...`) after everything else.
 * @typedef {{ type: 'list-cameras' | 'release-engine' | 'pause' | 'resume' | 'take' | 'clear-picture' | 'hush' | 'announce-state' | 'started' }
 *   | { type: 'announce-hint', instruction: Instruction }
 *   | { type: 'open', session: number, deviceId: string }
 *   | { type: 'close', session: number, error: SerfiqError | null }
 *   | { type: 'find-camera', session: number, deviceId: string }
 *   | { type: 'use-engine', engine: Engine }
 *   | { type: 'guide', session: number, running: boolean }
 *   | { type: 'show-frame', frame: WatchedFrame }
 *   | { type: 'show-picture', picture: Picture }
 *   | { type: 'tell-frame', frame: WatchedFrame }
 *   | { type: 'tell-hint', instruction: Instruction }
 *   | { type: 'tell-state', state: State, previous: State }
 *   | { type: 'tell-error', error: SerfiqError }} Effect
 */

/** @typedef {{ state: MachineState, effects: Effect[] }} Transition */

/** Errors that plugging in a camera resolves. */
const MENDED_BY_A_CAMERA = new Set(['camera-none', 'camera-unplugged']);

/** @type {Readonly<MachineState>} */
export const INITIAL = Object.freeze({
  name: 'idle',
  session: 0,
  sessions: 0,
  opening: false,
  askers: 0,
  errorCode: null,
  instruction: null,
  hinted: null,
  passes: false,
  autoCapture: false,
  belowThreshold: false,
  deviceId: '',
  facing: undefined,
  otherCamera: false,
});

/** Whether the shutter may be pressed. @param {MachineState} state */
export function canTake(state) {
  return isRunning(state) && (state.passes || state.belowThreshold);
}

/**
 * Returns the state after an event, and what the element must do. Uses no page, clock or promise. If nothing changes, the state is the
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
      return state.name === 'captured' ? stay(state) : ask(state);
    case 'abandon':
      return abandon(state);
    case 'stop':
      return stop(state);
    case 'opening':
      return state.opening ? enter(state, 'asking') : stay(state);
    case 'camera':
      return isStarting(state) ? load(state, event) : stay(state);
    case 'engine':
      return isStarting(state) ? stay(state, { type: 'use-engine', engine: event.engine }) : stay(state);
    case 'watching':
      return isStarting(state) ? enter(state, 'running', [{ type: 'started' }]) : stay(state);
    case 'frame':
      return isRunning(state) ? see(state, event.frame) : stay(state);
    case 'taken':
      return isRunning(state) || isPaused(state) ? capture(state, event.picture) : stay(state);
    case 'failed':
      return fail(state, event.error);
    case 'engine-failed':
      // The engine is kept while a picture is shown.
      return state.session !== 0 || state.name === 'captured' ? fail(state, event.error) : stay(state);
    case 'visibility':
      if (event.hidden) return isRunning(state) ? enter(state, 'hidden', [{ type: 'pause' }]) : stay(state);
      return isPaused(state) ? enter(state, 'running', [{ type: 'resume' }]) : stay(state);
    case 'guide':
      return guide(state, event);
    case 'press':
      return press(state);
    case 'switch-camera':
      return isRunning(state) ? stay(state, { type: 'find-camera', session: state.session, deviceId: state.deviceId }) : stay(state);
    case 'camera-found':
      return open(state, event.deviceId);
    case 'cameras':
      return follow(state, event.count);
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
function isPaused({ opening, name }) {
  return !opening && name === 'hidden';
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
  /** @type {Effect[]} */
  const told = [];
  if (name !== 'idle' && (name !== state.name || errorCode !== state.errorCode)) told.push({ type: 'announce-state' });
  if (name !== state.name) told.push({ type: 'tell-state', state: name, previous: state.name });
  if (error) told.push({ type: 'tell-error', error });
  return { state: { ...state, name, errorCode, opening: false, instruction: null, passes: false }, effects: [...effects, ...told] };
}

/** A caller wants the camera. @param {MachineState} state */
function ask(state) {
  if (state.session === 0) return open(state, state.deviceId);
  return isRunning(state) || isPaused(state) ? stay(state) : stay({ ...state, askers: state.askers + 1 });
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
    state: { ...state, deviceId, session, sessions: session, opening: true, askers: 1, hinted: null },
    effects: [...close(state), { type: 'open', session, deviceId }],
  };
}

/** Releases the camera, if there is one. @param {MachineState} state @param {SerfiqError | null} [error] why @returns {Effect[]} */
function close({ session }, error = null) {
  return session === 0 ? [] : [{ type: 'close', session, error }];
}

/** @param {MachineState} state */
function withoutSession(state) {
  return { ...state, session: 0, askers: 0 };
}

/** @param {MachineState} state */
function stop(state) {
  return enter(withoutSession(state), 'idle', [...close(state), { type: 'release-engine' }, { type: 'clear-picture' }, { type: 'hush' }]);
}

/** @param {MachineState} state @param {SerfiqError} error */
function fail(state, error) {
  // The page itself has closed the engine.
  if (error.code === 'closed') return stop(state);
  return enter(withoutSession(state), 'error', [...close(state, error), { type: 'release-engine' }], error);
}

/** The engine is kept: another picture may follow. @param {MachineState} state @param {Picture} picture */
function capture(state, picture) {
  return enter(withoutSession(state), 'captured', [...close(state), { type: 'show-picture', picture }]);
}

/** @param {MachineState} state @param {{ deviceId: string, facing: string | undefined }} camera */
function load(state, { deviceId, facing }) {
  return enter({ ...state, deviceId, facing }, 'loading', [{ type: 'list-cameras' }]);
}

/** The shutter was pressed, which is possible at any time: a disabled button would lose the keyboard's focus. @param {MachineState} state */
function press(state) {
  if (canTake(state)) return stay(state, { type: 'take' });
  return isRunning(state) && state.instruction ? stay(state, { type: 'announce-hint', instruction: state.instruction }) : stay(state);
}

/** @param {MachineState} state @param {WatchedFrame} frame @returns {Transition} */
function see(state, frame) {
  const { instruction } = frame;
  /** @type {Effect[]} */
  const effects = [{ type: 'show-frame', frame }];
  if (instruction !== state.instruction) effects.push({ type: 'announce-hint', instruction });
  effects.push({ type: 'tell-frame', frame });
  if (instruction !== state.hinted) effects.push({ type: 'tell-hint', instruction });
  const passes = passesAfter(state, frame);
  const known = instruction === state.instruction && passes === state.passes;
  const seen = known ? state : { ...state, instruction, hinted: instruction, passes };
  const end = endOf(seen, frame);
  return end ? { state: end.state, effects: [...effects, ...end.effects] } : { state: seen, effects };
}

/**
 * Whether the shutter takes a picture after this frame. A frame without a score, on a slow machine, tells only what else is wrong: the last score
 * stands.
 * @param {MachineState} state @param {WatchedFrame} frame
 */
function passesAfter({ passes }, { faces: [face], accepted, issues }) {
  return typeof face?.raw === 'number' ? accepted : passes && issues.length === 0;
}

/** Returns the transition that ends the session with this frame, or null. @param {MachineState} state @param {WatchedFrame} frame */
function endOf(state, { picture, capture: { state: waiting } }) {
  if (picture) return capture(state, picture);
  if (waiting === 'time_up') return fail(state, new SerfiqError('no-good-picture', 'No frame was good enough within the time limit.'));
  return null;
}

/** @param {MachineState} state @param {{ autoCapture: boolean, belowThreshold: boolean }} settings @returns {Transition} */
function guide(state, { autoCapture, belowThreshold }) {
  const known = autoCapture === state.autoCapture && belowThreshold === state.belowThreshold;
  const { session } = state;
  return {
    state: known ? state : { ...state, autoCapture, belowThreshold },
    effects: session === 0 ? [] : [{ type: 'guide', session, running: isRunning(state) || isPaused(state) }],
  };
}

/** @param {MachineState} state @param {number} count number of cameras */
function follow(state, count) {
  const otherCamera = count > 1;
  const seen = otherCamera === state.otherCamera ? state : { ...state, otherCamera };
  const mended = state.session === 0 && MENDED_BY_A_CAMERA.has(state.errorCode ?? '') && count > 0;
  return mended ? open(seen, seen.deviceId) : stay(seen);
}

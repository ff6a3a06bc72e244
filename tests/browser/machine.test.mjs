/** The states of `<serfiq-capture>`: the outcome of every event in every state, and the invariants under any order of events. Needs no browser. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { INITIAL, canTake, next } from '../../www/package/capture/machine.js';
import { SerfiqError } from '../../www/package/errors.js';

/** @typedef {import('../../www/package/capture/machine.js').MachineState} MachineState */
/** @typedef {import('../../www/package/capture/machine.js').MachineEvent} MachineEvent */

const PICTURE = /** @type {any} */ ({ blob: 'a picture' });
const ENGINE = /** @type {any} */ ({ name: 'an engine' });
const UNPLUGGED = new SerfiqError('camera-unplugged', 'unplugged');
const DIED = new SerfiqError('engine-died', 'died');
const CLOSED = new SerfiqError('closed', 'closed');

/** @param {Partial<import('../../www/package/types.js').WatchedFrame>} [own] @returns {any} */
const frame = (own) => ({ instruction: 'too_dark', issues: ['too_dark'], accepted: false, faces: [{ raw: 0.9 }], picture: null, capture: { state: 'waiting', progress: 0 }, ...own });

/**
 * Every event by its name in the table, with a session number if it belongs to a session.
 * @type {Record<string, (session: number) => MachineEvent>}
 */
const EVENTS = {
  start: () => ({ type: 'start' }),
  autostart: () => ({ type: 'autostart' }),
  stop: () => ({ type: 'stop' }),
  abandon: (session) => ({ type: 'abandon', session }),
  opening: (session) => ({ type: 'opening', session }),
  camera: (session) => ({ type: 'camera', session, deviceId: 'one', facing: 'user' }),
  engine: (session) => ({ type: 'engine', session, engine: ENGINE }),
  watching: (session) => ({ type: 'watching', session }),
  'frame: too dark': (session) => ({ type: 'frame', session, frame: frame() }),
  'frame: good': (session) => ({ type: 'frame', session, frame: frame({ instruction: 'hold_still', issues: [], accepted: true }) }),
  'frame: the picture': (session) => ({ type: 'frame', session, frame: frame({ instruction: 'hold_still', issues: [], accepted: true, picture: PICTURE }) }),
  'frame: time is up': (session) => ({ type: 'frame', session, frame: frame({ capture: { state: 'time_up' } }) }),
  taken: (session) => ({ type: 'taken', session, picture: PICTURE }),
  'failed: unplugged': (session) => ({ type: 'failed', session, error: UNPLUGGED }),
  'failed: engine closed': (session) => ({ type: 'failed', session, error: CLOSED }),
  'engine-failed': () => ({ type: 'engine-failed', error: DIED }),
  hidden: () => ({ type: 'visibility', hidden: true }),
  seen: () => ({ type: 'visibility', hidden: false }),
  guide: () => ({ type: 'guide', autoCapture: true, belowThreshold: true }),
  press: () => ({ type: 'press' }),
  'switch-camera': () => ({ type: 'switch-camera' }),
  'camera-found': (session) => ({ type: 'camera-found', session, deviceId: 'two' }),
  'no camera': () => ({ type: 'cameras', count: 0 }),
  'two cameras': () => ({ type: 'cameras', count: 2 }),
};

const RUNNING = ['start', 'opening', 'camera', 'engine', 'watching', 'frame: too dark'];

/** How each state is reached. Two last less than one turn: their session has begun, but does not ask for the camera yet. */
const SITUATIONS = {
  idle: [],
  opening: ['start'],
  asking: ['start', 'opening'],
  loading: ['start', 'opening', 'camera'],
  running: RUNNING,
  ready: [...RUNNING, 'frame: good'],
  hidden: [...RUNNING, 'hidden'],
  switching: [...RUNNING, 'camera-found'],
  captured: [...RUNNING, 'taken'],
  unplugged: [...RUNNING, 'failed: unplugged'],
  failed: [...RUNNING, 'engine-failed'],
};

const OPEN = 'open';
const STOP = 'release-engine clear-picture hush';
const FAIL = 'error: close release-engine announce-state tell-state tell-error';
const CAPTURE = 'captured: close show-picture announce-state tell-state';

/**
 * The next state, and the effects in order. Without a state name, the state stays; without an entry for a situation, the event changes nothing at
 * all. `=` is a change without effects.
 * @type {Record<string, { [Situation in keyof typeof SITUATIONS]?: string }>}
 */
const TABLE = {
  start: { idle: OPEN, captured: OPEN, unplugged: OPEN, failed: OPEN, opening: '=', asking: '=', loading: '=', switching: '=' },
  autostart: { idle: OPEN, unplugged: OPEN, failed: OPEN, opening: '=', asking: '=', loading: '=', switching: '=' },
  stop: {
    idle: STOP,
    opening: `close ${STOP}`,
    asking: `idle: close ${STOP} tell-state`,
    loading: `idle: close ${STOP} tell-state`,
    running: `idle: close ${STOP} tell-state`,
    ready: `idle: close ${STOP} tell-state`,
    hidden: `idle: close ${STOP} tell-state`,
    switching: `idle: close ${STOP} tell-state`,
    captured: `idle: ${STOP} tell-state`,
    unplugged: `idle: ${STOP} tell-state`,
    failed: `idle: ${STOP} tell-state`,
  },
  abandon: { asking: `idle: close ${STOP} tell-state`, loading: `idle: close ${STOP} tell-state` },
  opening: { opening: 'asking: announce-state tell-state', switching: 'asking: announce-state tell-state' },
  camera: { asking: 'loading: list-cameras announce-state tell-state', loading: 'list-cameras' },
  engine: { asking: 'use-engine', loading: 'use-engine' },
  watching: { asking: 'running: started announce-state tell-state', loading: 'running: started announce-state tell-state' },
  'frame: too dark': { running: 'show-frame tell-frame', ready: 'show-frame announce-hint tell-frame tell-hint' },
  'frame: good': { running: 'show-frame announce-hint tell-frame tell-hint', ready: 'show-frame tell-frame' },
  'frame: the picture': {
    running: 'captured: show-frame announce-hint tell-frame tell-hint close show-picture announce-state tell-state',
    ready: 'captured: show-frame tell-frame close show-picture announce-state tell-state',
  },
  'frame: time is up': {
    running: 'error: show-frame tell-frame close release-engine announce-state tell-state tell-error',
    ready: 'error: show-frame announce-hint tell-frame tell-hint close release-engine announce-state tell-state tell-error',
  },
  taken: { running: CAPTURE, ready: CAPTURE, hidden: CAPTURE },
  'failed: unplugged': { opening: FAIL, asking: FAIL, loading: FAIL, running: FAIL, ready: FAIL, hidden: FAIL, switching: FAIL },
  'failed: engine closed': {
    opening: `close ${STOP}`,
    asking: `idle: close ${STOP} tell-state`,
    loading: `idle: close ${STOP} tell-state`,
    running: `idle: close ${STOP} tell-state`,
    ready: `idle: close ${STOP} tell-state`,
    hidden: `idle: close ${STOP} tell-state`,
    switching: `idle: close ${STOP} tell-state`,
  },
  'engine-failed': {
    opening: FAIL,
    asking: FAIL,
    loading: FAIL,
    running: FAIL,
    ready: FAIL,
    hidden: FAIL,
    switching: FAIL,
    captured: 'error: release-engine announce-state tell-state tell-error',
  },
  hidden: { running: 'hidden: pause announce-state tell-state', ready: 'hidden: pause announce-state tell-state' },
  seen: { hidden: 'running: resume announce-state tell-state' },
  guide: {
    idle: '=',
    opening: 'guide',
    asking: 'guide',
    loading: 'guide',
    running: 'guide',
    ready: 'guide',
    hidden: 'guide',
    switching: 'guide',
    captured: '=',
    unplugged: '=',
    failed: '=',
  },
  press: { running: 'announce-hint', ready: 'take' },
  'switch-camera': { running: 'find-camera', ready: 'find-camera' },
  'camera-found': {
    opening: `close ${OPEN}`,
    asking: `close ${OPEN}`,
    loading: `close ${OPEN}`,
    running: `close ${OPEN}`,
    ready: `close ${OPEN}`,
    hidden: `close ${OPEN}`,
    switching: `close ${OPEN}`,
  },
  'no camera': {},
  'two cameras': {
    idle: '=',
    opening: '=',
    asking: '=',
    loading: '=',
    running: '=',
    ready: '=',
    hidden: '=',
    switching: '=',
    captured: '=',
    unplugged: OPEN,
    failed: '=',
  },
};

/** @param {string[]} names of events, all of the session in use */
function reach(names) {
  return names.reduce((state, name) => next(state, EVENTS[name](state.session)).state, INITIAL);
}

/** @param {import('../../www/package/capture/machine.js').Transition} transition @param {MachineState} before */
function written({ state, effects }, before) {
  const done = effects.map(({ type }) => type).join(' ');
  const moved = state.name === before.name ? '' : `${state.name}: `;
  return moved + done || (state === before ? '' : '=');
}

describe('every event in every state', () => {
  assert.deepEqual(Object.keys(TABLE), Object.keys(EVENTS));
  for (const [situation, path] of Object.entries(SITUATIONS)) {
    test(situation, () => {
      const before = Object.freeze(reach(path));
      for (const [event, make] of Object.entries(EVENTS)) {
        // Without a session in use, events belong to the last one that was.
        const after = next(before, make(before.session || before.sessions || 1));
        const expected = TABLE[event][/** @type {keyof typeof SITUATIONS} */ (situation)] ?? '';
        assert.equal(written(after, before), expected, `${situation} + ${event}`);
      }
    });
  }

  test('what an earlier session still reports changes nothing', () => {
    for (const [situation, path] of Object.entries(SITUATIONS)) {
      const state = reach([...path, 'stop', ...path]);
      for (const [event, make] of Object.entries(EVENTS)) {
        const late = make(1);
        if ('session' in late) assert.equal(written(next(state, late), state), '', `${situation} + a late ${event}`);
      }
    }
  });
});

test('a camera that is found after stop() is not opened', () => {
  const running = reach(RUNNING);
  const found = EVENTS['camera-found'](running.session);
  const stopped = next(next(running, EVENTS['switch-camera'](0)).state, EVENTS.stop(0)).state;
  assert.deepEqual(next(stopped, found), { state: stopped, effects: [] });
  // Nor does it replace the camera of a later session.
  const again = next(stopped, EVENTS.start(0)).state;
  assert.deepEqual(next(again, found), { state: again, effects: [] });
});

test('a camera that one caller abandons is kept for the others', () => {
  const asking = reach(['start', 'opening', 'start', 'autostart']);
  const leave = EVENTS.abandon(asking.session);
  const one = next(next(asking, leave).state, leave).state;
  assert.equal(one.name, 'asking');
  assert.equal(next(one, leave).state.name, 'idle');
  // Once it runs, it serves the user too.
  assert.equal(next(reach(RUNNING), leave).state.name, 'running');
});

test('another camera is asked for by its id, and kept for the next start', () => {
  const { effects } = next(reach(RUNNING), { type: 'camera-found', session: 1, deviceId: 'two' });
  assert.deepEqual(effects.at(-1), { type: 'open', session: 2, deviceId: 'two' });
  const { effects: later } = next(reach([...RUNNING, 'camera-found', 'stop']), { type: 'start' });
  assert.deepEqual(later, [{ type: 'open', session: 3, deviceId: 'two' }]);
});

test('the shutter waits for a frame that passes, or takes any below the threshold', () => {
  assert.equal(canTake(reach(RUNNING)), false);
  assert.equal(canTake(reach([...RUNNING, 'guide'])), true);
  assert.equal(canTake(reach([...RUNNING, 'frame: good'])), true);
  assert.equal(canTake(reach([...RUNNING, 'frame: good', 'hidden'])), false);
  assert.equal(canTake(reach([...RUNNING, 'frame: good', 'hidden', 'seen'])), false, 'by a frame from before the pause');
});

test('after a pause an instruction is shown and announced again, and is no news to the page', () => {
  const paused = reach([...RUNNING, 'hidden', 'seen']);
  assert.equal(paused.instruction, null);
  assert.equal(written(next(paused, EVENTS['frame: too dark'](1)), paused), 'show-frame announce-hint tell-frame');
});

test('an error says why, until it is over', () => {
  const { state, effects } = next(reach(RUNNING), EVENTS['failed: unplugged'](1));
  assert.equal(state.errorCode, 'camera-unplugged');
  assert.deepEqual(effects.filter(({ type }) => type === 'close' || type === 'tell-error'), [
    { type: 'close', session: 1, error: UNPLUGGED },
    { type: 'tell-error', error: UNPLUGGED },
  ]);
  const refused = next(state, EVENTS.start(0)).state;
  assert.equal(refused.errorCode, 'camera-unplugged', 'what is seen stays until the camera is asked for');
  // The same error again is reported, but not announced.
  assert.equal(written(next(refused, EVENTS['failed: unplugged'](2)), refused), 'close release-engine tell-error');
  assert.equal(next(refused, EVENTS.opening(2)).state.errorCode, null);
});

test('in any order of events: no camera without a wish, none kept, nothing told twice', () => {
  const random = numbers(20_261_126);
  /** @template T @param {T[]} all @returns {T} */
  const anyOf = (all) => all[Math.floor(random() * all.length)];
  const names = Object.keys(EVENTS);
  const visits = new Map();
  for (let round = 0; round < 2000; round++) {
    /** @type {MachineState} */
    let state = INITIAL;
    /** @type {string[]} */
    const history = [];
    /** @type {number[]} */
    let opened = [];
    let wanted = false;
    let told = 'idle';
    const captured = new Set();
    const started = new Set();
    for (let step = 0; step < 40; step++) {
      // Mostly events that lead forward, in the session in use: otherwise hardly any would ever run.
      const name = anyOf(random() < 0.4 ? ['start', 'opening', 'camera', 'watching'] : names);
      const session = random() < 0.8 ? state.session : Math.floor(random() * (state.sessions + 2));
      const event = EVENTS[name](session);
      history.push(`${name} ${session}`);
      const said = () => `round ${round}: ${history.join(', ')}`;
      if (event.type === 'start' || event.type === 'autostart') wanted = true;
      const before = state;
      const transition = next(state, event);
      state = transition.state;
      if ('session' in event && (event.session === 0 || event.session !== before.session)) assert.equal(written(transition, before), '', `late: ${said()}`);
      for (const effect of transition.effects) {
        if (effect.type === 'open') {
          assert.ok(wanted, `a camera that nobody asked for: ${said()}`);
          assert.deepEqual(opened, [], `two cameras at once: ${said()}`);
          opened.push(effect.session);
        } else if (effect.type === 'close') {
          assert.ok(opened.includes(effect.session), `closed, and not open: ${said()}`);
          opened = opened.filter((one) => one !== effect.session);
        } else if (effect.type === 'started') {
          assert.ok(!started.has(state.session), `started twice: ${said()}`);
          started.add(state.session);
        } else if (effect.type === 'show-picture') {
          assert.ok(!captured.has(before.session), `captured twice: ${said()}`);
          captured.add(before.session);
        } else if (effect.type === 'tell-state') {
          assert.equal(effect.previous, told, `states told out of order: ${said()}`);
          told = effect.state;
        }
      }
      assert.equal(told, state.name, `another state than the page was told: ${said()}`);
      assert.deepEqual(opened, state.session === 0 ? [] : [state.session], `the camera is not where it should be: ${said()}`);
      const resting = ['idle', 'error', 'captured'].includes(state.name);
      if (resting && !state.opening) assert.deepEqual(opened, [], `${state.name}, and the camera is kept: ${said()}`);
      if (!resting) assert.notEqual(state.session, 0, `${state.name} without a camera: ${said()}`);
      assert.equal(state.errorCode !== null, state.name === 'error', said());
      assert.ok(!canTake(state) || state.name === 'running', said());
      if (state.name === 'idle' && state.session === 0) wanted = false;
      visits.set(state.name, (visits.get(state.name) ?? 0) + 1);
    }
  }
  for (const name of ['idle', 'asking', 'loading', 'running', 'hidden', 'captured', 'error']) {
    assert.ok(visits.get(name) > 500, `${name} is hardly ever reached: ${visits.get(name)}`);
  }
});

/** Numbers from 0 to 1, the same for the same seed (mulberry32). @param {number} seed */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('a frame without a score leaves the last verdict, unless something else is wrong', () => {
  const session = 1;
  const shown = (/** @type {any} */ state, /** @type {object} */ own) => next(state, { type: 'frame', session, frame: frame(own) }).state;
  const running = { ...INITIAL, name: /** @type {const} */ ('running'), session, sessions: 1 };
  const unscored = { issues: [], accepted: false, faces: [{ raw: null }] };
  assert.equal(canTake(shown(running, unscored)), false, 'nothing was scored yet');
  const low = shown(running, { issues: ['hard_to_recognise'], accepted: false, faces: [{ raw: 0.8 }] });
  assert.equal(canTake(shown(low, unscored)), false, 'the last score is too low');
  const good = shown(running, { issues: [], accepted: true, faces: [{ raw: 0.9 }] });
  assert.equal(canTake(shown(good, unscored)), true);
  assert.equal(canTake(shown(good, { ...unscored, issues: ['moving'] })), false);
});

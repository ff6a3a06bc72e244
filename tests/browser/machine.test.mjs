/** The states of `<serfiq-capture>`: the outcome of every event in every state, and the invariants under any order of events. Needs no browser. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { INITIAL, canTake, canUpload, next } from '../../www/package/capture/machine.js';
import { SerfiqError } from '../../www/package/errors.js';

/** @typedef {import('../../www/package/capture/machine.js').MachineState} MachineState */
/** @typedef {import('../../www/package/capture/machine.js').MachineEvent} MachineEvent */

const PHOTO = /** @type {any} */ ({ name: 'a photo' });
const PICTURE = /** @type {any} */ ({ blob: 'a picture' });
const CAMERAS = ['one', 'two'].map((deviceId) => ({ deviceId, label: '' }));
const ENGINE = /** @type {any} */ ({ name: 'an engine' });
const UNPLUGGED = new SerfiqError('camera-unplugged', 'unplugged');
const DENIED = new SerfiqError('camera-denied', 'denied');
const UNFIT = new SerfiqError('photo-refused', 'too dark', 'too_dark');
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
  'frame: time is up': (session) => ({ type: 'frame', session, frame: frame({ capture: { state: 'time_up', fault: 'too_dark' } }) }),
  'camera-quiet': (session) => ({ type: 'camera-quiet', session }),
  'camera-back': (session) => ({ type: 'camera-back', session }),
  'engine-quiet': (session) => ({ type: 'engine-quiet', session }),
  'time-over': (session) => ({ type: 'time-over', session }),
  taken: (session) => ({ type: 'taken', session, picture: PICTURE, by: 'person' }),
  'taken by a program': (session) => ({ type: 'taken', session, picture: PICTURE, by: 'program' }),
  kept: () => ({ type: 'kept', picture: PICTURE }),
  refused: () => ({ type: 'refused', picture: PICTURE }),
  'failed: denied': (session) => ({ type: 'failed', session, error: DENIED }),
  'failed: unplugged': (session) => ({ type: 'failed', session, error: UNPLUGGED }),
  'failed: unfit photo': (session) => ({ type: 'failed', session, error: UNFIT }),
  'failed: engine closed': (session) => ({ type: 'failed', session, error: CLOSED }),
  'engine-failed': () => ({ type: 'engine-failed', error: DIED }),
  hidden: () => ({ type: 'visibility', hidden: true }),
  seen: () => ({ type: 'visibility', hidden: false }),
  'camera-unused': () => ({ type: 'camera-unused' }),
  permitted: () => ({ type: 'permitted' }),
  facing: () => ({ type: 'facing' }),
  disabled: () => ({ type: 'disabled', disabled: true }),
  enabled: () => ({ type: 'disabled', disabled: false }),
  upload: () => ({ type: 'upload', photo: PHOTO }),
  reset: () => ({ type: 'reset' }),
  guide: () => ({ type: 'guide', autoCapture: true, belowThreshold: true }),
  review: () => ({ type: 'review', review: true }),
  press: () => ({ type: 'press' }),
  use: () => ({ type: 'use' }),
  'choose this camera': () => ({ type: 'choose-camera', deviceId: 'one' }),
  'choose another camera': () => ({ type: 'choose-camera', deviceId: 'two' }),
  'camera: another': (session) => ({ type: 'camera', session, deviceId: 'three', facing: 'user' }),
  'no camera': () => ({ type: 'cameras', cameras: [] }),
  'two cameras': () => ({ type: 'cameras', cameras: CAMERAS }),
};

const RUNNING = ['start', 'opening', 'camera', 'engine', 'watching', 'frame: too dark'];

const DENIED_PATH = ['start', 'opening', 'failed: denied'];

/** How each state is reached. Two last less than one turn: their session has begun, but does not ask for the camera yet. */
const SITUATIONS = {
  idle: [],
  opening: ['start'],
  asking: ['start', 'opening'],
  loading: ['start', 'opening', 'camera'],
  running: RUNNING,
  ready: [...RUNNING, 'frame: good'],
  slow: [...RUNNING, 'engine-quiet'],
  late: [...RUNNING, 'time-over'],
  frozen: [...RUNNING, 'camera-quiet'],
  hidden: [...RUNNING, 'hidden'],
  offering: [...RUNNING, 'taken'],
  switching: [...RUNNING, 'choose another camera'],
  review: ['review', ...RUNNING, 'taken'],
  using: ['review', ...RUNNING, 'taken', 'use'],
  captured: [...RUNNING, 'taken', 'kept'],
  timeUp: [...RUNNING, 'frame: time is up'],
  denied: ['start', 'opening', 'failed: denied'],
  unplugged: [...RUNNING, 'failed: unplugged'],
  failed: [...RUNNING, 'engine-failed'],
  judging: [...DENIED_PATH, 'upload'],
  offeringPhoto: [...DENIED_PATH, 'upload', 'taken'],
  unfit: [...DENIED_PATH, 'upload', 'failed: unfit photo'],
  disabled: ['disabled'],
};

const OPEN = 'open';
const STOP = 'release-engine clear-picture hush';
const FAIL = 'error: close release-engine announce-state tell-state tell-error';
const UNFIT_PHOTO = 'error: close announce-state tell-state tell-error';
const OFFER = 'offer';
const END = `idle: close ${STOP} tell-state`;

/** In every situation in which the camera is in use. @param {string} outcome */
const whileRunning = (outcome) => ({ running: outcome, ready: outcome, slow: outcome, late: outcome, offering: outcome });
/** In every situation with a session. @param {string} outcome */
const whileOpen = (outcome) => ({ opening: outcome, asking: outcome, loading: outcome, ...whileRunning(outcome), frozen: outcome, hidden: outcome, switching: outcome });
/** In every situation without one. @param {string} outcome */
const whileClosed = (outcome) => ({ idle: outcome, review: outcome, using: outcome, captured: outcome, timeUp: outcome, denied: outcome, unplugged: outcome, failed: outcome, unfit: outcome, disabled: outcome });
/** While a photo is judged. @param {string} outcome */
const whileJudging = (outcome) => ({ judging: outcome, offeringPhoto: outcome });
/** While a picture is shown, and the camera is kept for another one. @param {string} outcome */
const whileKept = (outcome) => ({ review: outcome, using: outcome, captured: outcome });

/**
 * The next state, and the effects in order. Without a state name, the state stays; without an entry for a situation, the event changes nothing at
 * all. `=` is a change without effects.
 * @type {Record<string, { [Situation in keyof typeof SITUATIONS]?: string }>}
 */
const TABLE = {
  start: { ...whileClosed(OPEN), ...whileJudging(`close ${OPEN}`), disabled: '', opening: '=', asking: '=', loading: '=', switching: '=', offering: 'continue' },
  autostart: { ...whileClosed(OPEN), review: '', using: '', captured: '', disabled: '', opening: '=', asking: '=', loading: '=', switching: '=' },
  stop: {
    ...whileOpen(END),
    ...whileJudging(END),
    ...whileClosed(`idle: ${STOP} tell-state`),
    idle: STOP,
    disabled: STOP,
    opening: `close ${STOP}`,
    ...whileKept(`idle: release-camera ${STOP} tell-state`),
    timeUp: `idle: release-camera ${STOP} tell-state`,
  },
  abandon: { asking: END, loading: END },
  opening: { opening: 'asking: announce-state tell-state', switching: 'asking: announce-state tell-state' },
  camera: { asking: 'loading: list-cameras announce-state tell-state', loading: 'list-cameras' },
  engine: { asking: 'use-engine', loading: 'use-engine', ...whileJudging('use-engine') },
  watching: { asking: 'running: started announce-state tell-state', loading: 'running: started announce-state tell-state' },
  'frame: too dark': {
    ...whileRunning('show-frame tell-frame'),
    ready: 'show-frame announce-hint tell-frame tell-hint',
    slow: 'show-frame notice announce-hint tell-frame',
  },
  'frame: good': {
    ...whileRunning('show-frame announce-hint tell-frame tell-hint'),
    ready: 'show-frame tell-frame',
    slow: 'show-frame notice announce-hint tell-frame tell-hint',
  },
  'frame: the picture': {
    ...whileRunning(`show-frame announce-hint tell-frame tell-hint ${OFFER}`),
    ready: `show-frame tell-frame ${OFFER}`,
    slow: `show-frame notice announce-hint tell-frame tell-hint ${OFFER}`,
    frozen: OFFER,
  },
  'frame: time is up': {
    ...whileRunning('error: show-frame tell-frame close announce-state tell-state tell-error'),
    ready: 'error: show-frame announce-hint tell-frame tell-hint close announce-state tell-state tell-error',
    slow: 'error: show-frame notice announce-hint tell-frame close announce-state tell-state tell-error',
    frozen: 'error: close announce-state tell-state tell-error',
  },
  'camera-quiet': { ...whileRunning('frozen: clear-score announce-state tell-state'), late: FAIL },
  'camera-back': { frozen: 'running: announce-state tell-state' },
  'engine-quiet': whileRunning('clear-score notice'),
  'time-over': { ...whileRunning('='), frozen: FAIL },
  taken: { ...whileRunning(OFFER), frozen: OFFER, hidden: OFFER, ...whileJudging(OFFER) },
  'taken by a program': { ...whileRunning(OFFER), frozen: OFFER, hidden: OFFER, ...whileJudging(OFFER) },
  kept: { offering: 'captured: close show-picture announce-state tell-state', using: 'captured: announce-state tell-state', offeringPhoto: 'captured: close show-picture announce-state tell-state' },
  refused: { offering: 'continue', using: OPEN, offeringPhoto: UNFIT_PHOTO },
  'failed: denied': { ...whileOpen(FAIL), ...whileJudging(FAIL) },
  'failed: unplugged': { ...whileOpen(FAIL), ...whileJudging(FAIL) },
  'failed: unfit photo': { ...whileOpen(UNFIT_PHOTO), ...whileJudging(UNFIT_PHOTO) },
  'failed: engine closed': { ...whileOpen(END), ...whileJudging(END), opening: `close ${STOP}` },
  // A picture already taken is not lost with the engine.
  'engine-failed': { ...whileOpen(FAIL), ...whileJudging(FAIL), ...whileKept('release-engine'), timeUp: 'release-engine', unfit: 'release-engine' },
  hidden: { ...whileRunning('hidden: pause announce-state tell-state'), frozen: 'hidden: pause announce-state tell-state', ...whileKept('release-camera'), timeUp: 'release-camera' },
  seen: { hidden: 'running: resume announce-state tell-state' },
  'camera-unused': { ...whileKept('release-camera'), timeUp: 'release-camera' },
  permitted: { denied: OPEN },
  facing: { ...whileOpen('='), ...whileJudging('='), ...whileClosed('='), ...whileKept('release-camera'), timeUp: 'release-camera' },
  disabled: { ...whileOpen(END), ...whileJudging(END), ...whileClosed('='), disabled: '', opening: `close ${STOP}`, ...whileKept('release-camera'), timeUp: 'release-camera' },
  enabled: { disabled: '=' },
  upload: { denied: 'judging: judge announce-state tell-state', unplugged: 'judging: judge announce-state tell-state', unfit: 'judging: judge announce-state tell-state' },
  reset: { ...whileJudging(END), ...whileKept(`idle: release-camera ${STOP} tell-state`) },
  guide: { ...whileOpen('guide'), ...whileJudging('guide'), ...whileClosed('=') },
  review: { ...whileOpen('='), ...whileJudging('='), ...whileClosed('='), review: '', using: '' },
  press: { running: 'announce-hint', ready: 'take', late: 'announce-hint', offering: 'announce-hint' },
  use: { review: OFFER, using: OFFER },
  'choose this camera': {},
  'choose another camera': { ...whileRunning(`close ${OPEN}`), frozen: `close ${OPEN}` },
  'camera: another': {
    asking: 'loading: list-cameras announce-state tell-state',
    loading: 'list-cameras',
    ...whileRunning('='),
    frozen: '=',
    hidden: '=',
  },
  'no camera': {},
  'two cameras': { ...whileOpen('='), ...whileJudging('='), ...whileClosed('='), unplugged: OPEN },
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
        // Without a session in use, events belong to the last one.
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

test('a camera that one caller abandons is kept for the others', () => {
  const asking = reach(['start', 'opening', 'start', 'autostart']);
  const leave = EVENTS.abandon(asking.session);
  const one = next(next(asking, leave).state, leave).state;
  assert.equal(one.name, 'asking');
  assert.equal(next(one, leave).state.name, 'idle');
  // A running camera also serves the user, so it stays on.
  assert.equal(next(reach(RUNNING), leave).state.name, 'running');
});

test('the camera that the person chooses is asked for by its id, and kept for the next start', () => {
  const { state, effects } = next(reach(RUNNING), EVENTS['choose another camera'](0));
  assert.deepEqual(effects.at(-1), { type: 'open', session: 2, deviceId: 'two' });
  assert.equal(state.isChosen, true);
  const stopped = reach([...RUNNING, 'choose another camera', 'stop']);
  const { state: again, effects: later } = next(stopped, { type: 'start' });
  assert.deepEqual([later, again.isChosen], [[{ type: 'open', session: 3, deviceId: 'two' }], true]);
  const turned = next(stopped, EVENTS.facing(0)).state;
  assert.deepEqual([turned.deviceId, turned.isChosen], ['', false], 'the page asks for another direction');
});

test('a camera that does not work is not asked for again: none can be chosen until one runs', () => {
  for (const [code, deviceId] of /** @type {const} */ ([['camera-busy', ''], ['camera-failed', ''], ['camera-unplugged', 'two'], ['engine-died', 'two']])) {
    const chosen = reach([...RUNNING, 'choose another camera']);
    const { state } = next(chosen, { type: 'failed', session: chosen.session, error: new SerfiqError(code, code) });
    assert.deepEqual([state.deviceId, state.isChosen], [deviceId, deviceId !== ''], code);
  }
});

test('a camera that replaces one without colours is the one in use', () => {
  const replaced = reach([...RUNNING, 'camera: another']);
  assert.deepEqual([replaced.name, replaced.deviceId, replaced.isChosen, replaced.session], ['running', 'three', false, 1]);
});

test('the list of cameras stays the same object while nothing in it changes', () => {
  const { cameras } = reach([...RUNNING, 'two cameras']);
  assert.deepEqual(cameras, CAMERAS);
  const named = CAMERAS.map((camera) => ({ ...camera, label: 'A name' }));
  const state = reach([...RUNNING, 'two cameras']);
  assert.equal(next(state, { type: 'cameras', cameras: structuredClone(CAMERAS) }).state, state);
  assert.deepEqual(next(state, { type: 'cameras', cameras: named }).state.cameras, named);
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

test('a picture is offered to the page, and kept only if the page does not refuse it', () => {
  const offering = reach([...RUNNING, 'taken']);
  assert.deepEqual([offering.name, offering.picture], ['running', PICTURE]);
  const kept = next(offering, EVENTS.kept(1)).state;
  assert.deepEqual([kept.name, kept.picture, kept.keepsCamera], ['captured', PICTURE, true]);
  const refused = next(offering, EVENTS.refused(1)).state;
  assert.deepEqual([refused.name, refused.picture], ['running', null]);
  assert.equal(reach([...RUNNING, 'taken', 'kept', 'start', 'opening']).picture, null, 'a retake drops the picture before');
});

test('with a review, the person decides before the page is asked; a program that asks for a picture decides itself', () => {
  const review = reach(['review', ...RUNNING, 'taken']);
  assert.deepEqual([review.name, review.reviewed, review.picture, review.keepsCamera], ['review', PICTURE, null, true]);
  const kept = reach(['review', ...RUNNING, 'taken', 'use', 'kept']);
  assert.deepEqual([kept.name, kept.reviewed, kept.picture], ['captured', null, PICTURE]);
  for (const again of ['start', 'refused']) {
    const asking = reach(['review', ...RUNNING, 'taken', 'use', again, 'opening']);
    assert.deepEqual([asking.name, asking.reviewed, asking.picture], ['asking', null, null], again);
  }
  assert.equal(reach(['review', ...RUNNING, 'frame: the picture']).name, 'review', 'the guide took it, for the person');
  assert.equal(reach(['review', ...RUNNING, 'taken by a program']).name, 'running');
  assert.equal(reach(['review', ...RUNNING, 'taken', 'use', 'start', 'kept']).picture, PICTURE, 'until the camera is asked for');
});

test('a frozen camera says so, goes on with its next picture, and is an error once the time is up', () => {
  const frozen = reach([...RUNNING, 'frame: good', 'camera-quiet']);
  assert.deepEqual([frozen.name, frozen.instruction, canTake(frozen)], ['frozen', null, false]);
  assert.equal(next(frozen, EVENTS['camera-back'](1)).state.name, 'running');
  for (const path of [['camera-quiet', 'time-over'], ['time-over', 'camera-quiet']]) {
    const { name, errorCode, keepsCamera } = reach([...RUNNING, ...path]);
    assert.deepEqual([name, errorCode, keepsCamera], ['error', 'camera-frozen', false]);
  }
  assert.equal(reach([...RUNNING, 'time-over', 'guide', 'camera-quiet']).name, 'frozen', 'the guide began again, and so did the time');
});

test('a camera is kept for another picture, and opened again by the same wish', () => {
  for (const path of [['taken', 'kept'], ['frame: time is up']]) {
    const waiting = reach([...RUNNING, ...path]);
    assert.equal(waiting.keepsCamera, true);
    assert.equal(next(waiting, EVENTS.start(0)).state.keepsCamera, false, 'the new session has it');
    for (const end of ['stop', 'hidden', 'camera-unused', 'disabled', 'facing']) {
      const { state, effects } = next(waiting, EVENTS[end](0));
      assert.equal(state.keepsCamera, false);
      assert.ok(effects.some(({ type }) => type === 'release-camera'), end);
    }
  }
  for (const path of [['camera-quiet', 'taken', 'kept'], ['hidden', 'taken', 'kept'], ['failed: unplugged']]) {
    assert.equal(reach([...RUNNING, ...path]).keepsCamera, false, path.join());
  }
});

test('a photo is offered like a picture; one that is refused says why, and another one may follow', () => {
  const judging = reach([...DENIED_PATH, 'upload']);
  assert.deepEqual([judging.name, judging.errorCode], ['judging', null]);
  const kept = reach([...DENIED_PATH, 'upload', 'taken', 'kept']);
  assert.deepEqual([kept.name, kept.picture, kept.session, kept.keepsCamera], ['captured', PICTURE, 0, false]);
  const unfit = reach([...DENIED_PATH, 'upload', 'failed: unfit photo']);
  assert.deepEqual([unfit.errorCode, unfit.errorReason, canUpload(unfit)], ['photo-refused', 'too_dark', true]);
  const refused = reach([...DENIED_PATH, 'upload', 'taken', 'refused']);
  assert.deepEqual([refused.errorCode, refused.errorReason, refused.picture], ['photo-refused', null, null]);
  assert.equal(reach([...DENIED_PATH, 'upload', 'start', 'opening']).name, 'asking', 'the camera after all');
  assert.equal(canUpload(reach([...RUNNING, 'engine-failed'])), false, 'without an engine there are no checks either');
});

test('when the time is up, the error says what was wrong most of the time', () => {
  const { state, effects } = next(reach(RUNNING), EVENTS['frame: time is up'](1));
  assert.deepEqual([state.errorCode, state.errorReason], ['no-good-picture', 'too_dark']);
  const told = effects.flatMap((effect) => (effect.type === 'tell-error' ? [effect.error] : []));
  assert.deepEqual(told.map(({ code, reason }) => [code, reason]), [['no-good-picture', 'too_dark']]);
  assert.match(told[0].message, /most of the time: too_dark/);
  assert.equal(next(next(state, EVENTS.start(0)).state, EVENTS.opening(2)).state.errorReason, null, 'the next attempt has its own');
  // The last frame before the camera froze says so as well.
  const late = next(reach([...RUNNING, 'camera-quiet']), EVENTS['frame: time is up'](1)).state;
  assert.deepEqual([late.errorCode, late.errorReason], ['no-good-picture', 'too_dark']);
  // Where nothing was shown to be wrong, nothing is made up.
  const nothing = next(reach(RUNNING), { type: 'frame', session: 1, frame: frame({ capture: { state: 'time_up', fault: null } }) });
  assert.equal(nothing.state.errorReason, null);
  const [{ error }] = nothing.effects.flatMap((effect) => (effect.type === 'tell-error' ? [effect] : []));
  assert.deepEqual([error.reason, error.message], [null, 'No frame was good enough within the time limit.']);
});

test('an error says why, until it is over', () => {
  const { state, effects } = next(reach(RUNNING), EVENTS['failed: unplugged'](1));
  assert.equal(state.errorCode, 'camera-unplugged');
  assert.deepEqual(effects.filter(({ type }) => type === 'close' || type === 'tell-error'), [
    { type: 'close', session: 1, error: UNPLUGGED, keepCamera: false },
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
  for (let round = 0; round < 6000; round++) {
    /** @type {MachineState} */
    let state = INITIAL;
    /** @type {string[]} */
    const history = [];
    /** @type {number[]} */
    let opened = [];
    let wanted = false;
    let told = 'idle';
    const captured = new Set();
    let kept = false;
    const started = new Set();
    for (let step = 0; step < 40; step++) {
      // Mostly events that lead forward, in the session in use: otherwise hardly any would ever run.
      const name = anyOf(random() < 0.4 ? ['start', 'enabled', 'opening', 'camera', 'watching', 'taken', 'use', 'kept'] : names);
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
        if (effect.type === 'judge') {
          assert.deepEqual(opened, [], `a photo is judged while a camera is open: ${said()}`);
          opened.push(effect.session);
        } else if (effect.type === 'open') {
          assert.ok(wanted, `a camera that nobody asked for: ${said()}`);
          assert.deepEqual(opened, [], `two cameras at once: ${said()}`);
          opened.push(effect.session);
          // The new session takes over the camera, or closes it.
          kept = false;
        } else if (effect.type === 'release-camera') {
          assert.ok(kept, `no camera to release: ${said()}`);
          kept = false;
        } else if (effect.type === 'close') {
          kept = effect.keepCamera;
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
      const resting = ['idle', 'error', 'review', 'captured'].includes(state.name);
      if (resting && !state.opening) assert.deepEqual(opened, [], `${state.name}, and the camera is kept: ${said()}`);
      assert.equal(kept, state.keepsCamera, said());
      const another = ['review', 'captured'].includes(state.name) || state.errorCode === 'no-good-picture';
      assert.ok(!kept || (another && state.session === 0), `a camera is kept in state ${state.name}: ${said()}`);
      assert.ok(!kept || event.type !== 'visibility' || !event.hidden, `a camera is kept in a hidden page: ${said()}`);
      assert.ok(state.session === 0 || !state.disabled, `a camera runs in a disabled element: ${said()}`);
      assert.ok(state.name !== 'review' || state.opening || state.reviewed, `a review without a picture: ${said()}`);
      assert.ok(state.name !== 'captured' || state.opening || state.picture, `captured, and no picture: ${said()}`);
      if (!resting) assert.notEqual(state.session, 0, `${state.name} without a camera: ${said()}`);
      assert.equal(state.errorCode !== null, state.name === 'error', said());
      assert.ok(!canTake(state) || state.name === 'running', said());
      if (state.name === 'idle' && state.session === 0) wanted = false;
      visits.set(state.name, (visits.get(state.name) ?? 0) + 1);
    }
  }
  for (const name of ['idle', 'asking', 'loading', 'running', 'frozen', 'hidden', 'review', 'judging', 'captured', 'error']) {
    assert.ok(visits.get(name) > 200, `${name} is hardly ever reached: ${visits.get(name)}`);
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

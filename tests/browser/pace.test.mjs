/** How the work is fitted to the machine: no browser needed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

import { settings } from './support/settings.mjs';

/** @type {typeof import('../../www/package/pace.js')} */
const { Pace } = await import(pathToFileURL(join(settings.dist, 'serfiq', 'pace.js')).href);

/**
 * Half a minute on a machine where looking and scoring take so long; every `good`th frame has nothing wrong.
 * @param {{ look: number, score: number, good?: number }} machine
 */
function run({ look, score, good = 1 }) {
  const pace = new Pace();
  let time = 0;
  let scoring = 0;
  const frames = [];
  for (let frame = 0; time < 30_000; frame++) {
    const plan = pace.next(time);
    const scored = plan.scoring === 'always' || (plan.scoring === 'if-good' && frame % good === 0);
    time += look + (scored ? score : 0);
    scoring += scored ? score : 0;
    pace.took(time, { detect: look, score: scored ? score : 0 }, scored);
    frames.push({ ...plan, scored });
  }
  return { frames, share: scoring / time };
}

test('a fast machine scores every frame, at full size', () => {
  const { frames } = run({ look: 15, score: 40 });
  assert.ok(frames.every(({ scored, longSide }) => scored && longSide === 1280));
});

test('a slow machine guides between two scores, for half of its time at least', () => {
  for (const score of [250, 1000, 3000]) {
    const { frames, share } = run({ look: 30, score });
    assert.ok(share <= 0.55, `${score} ms: scores take ${share} of the time`);
    assert.ok(frames.filter(({ scored }) => scored).length >= 30_000 / (3 * score) - 1, `${score} ms: hardly any scores`);
    assert.ok(frames.filter(({ scored }) => !scored).length > 100, `${score} ms: hardly any guidance`);
  }
});

test('where every frame has something wrong, a slow machine scores now and then all the same', () => {
  const { frames, share } = run({ look: 30, score: 500, good: Infinity });
  assert.ok(frames.filter(({ scored }) => scored).length >= 5);
  assert.ok(share < 0.3, `scores take ${share} of the time`);
});

test('a machine that is slow at looking looks at smaller copies, for good', () => {
  const { frames } = run({ look: 120, score: 100 });
  const small = frames.findIndex(({ longSide }) => longSide === 640);
  assert.equal(small, 5);
  assert.ok(frames.slice(small).every(({ longSide }) => longSide === 640));
  const pace = new Pace();
  for (let frame = 0; frame < 50; frame++) pace.took(frame, { detect: frame % 5 === 0 ? 200 : 20, score: 10 }, true);
  assert.equal(pace.next(100).longSide, 1280, 'one slow frame in five is not the machine');
});

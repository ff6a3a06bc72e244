/** What share of known faces a quality exceeds. Needs no browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { percentileOf } from '../../www/package/percentiles.js';

/** @param {[number, number][]} points percentages and qualities */
const table = (points) => ({ of: 'faces', points: points.map(([percent, quality]) => ({ percent, quality, raw: 0.5 + quality / 1000 })) });

test('a point has its own percentage, and between two it is linear in the quality', () => {
  const faces = table([[0, 10], [5, 50], [50, 90], [100, 99]]);
  for (const [quality, percentile] of [[0, 0], [10, 0], [30, 2.5], [50, 5], [70, 27.5], [90, 50], [94.5, 75], [99, 100], [100, 100]]) {
    assert.ok(Math.abs(Number(percentileOf(quality, faces)) - percentile) < 1e-9, `${quality}: ${percentileOf(quality, faces)}, expected ${percentile}`);
  }
});

test('faces with the same quality are not exceeded by it', () => {
  const faces = table([[0, 40], [50, 40], [60, 80], [100, 80]]);
  assert.deepEqual([39, 40, 80, 81].map((quality) => percentileOf(quality, faces)), [0, 0, 60, 100]);
  assert.equal(percentileOf(50, null), null);
  assert.equal(percentileOf(NaN, faces), null, 'a percentile of no quality');
});

test('a higher quality is never better than fewer faces', () => {
  const faces = table([[0, 3], [1, 20], [5, 50], [10, 50], [20, 70], [99, 99.5], [100, 99.9]]);
  const found = Array.from({ length: 1001 }, (_, tenth) => Number(percentileOf(tenth / 10, faces)));
  assert.ok(found.every((percentile, i) => percentile >= 0 && percentile <= 100 && (i === 0 || percentile >= found[i - 1])));
});

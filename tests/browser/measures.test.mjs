/** How the page compares the measures of two pictures. Needs no browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

// The page's words choose their language by its address.
Object.assign(globalThis, { location: { search: '?lang=en' } });
/** @type {typeof import('../../www/site/measures.js')} */
const { MEASURES, betterOf } = await import(new URL('../../www/site/measures.js', import.meta.url).href);

/** Powers of two, so that nothing is rounded. */
const VALUES = [-128, -32, 0, 0.25, 1, 16, 63, 64, 65, 256];

for (const measure of MEASURES) {
  test(`${measure.name} has no threshold but the guide's: with all thresholds times four, values times four compare alike`, () => {
    const [once, fourfold] = [thresholds(1), thresholds(4)];
    assert.ok(measure.margin(once) > 0);
    assert.equal(measure.margin(fourfold), 4 * measure.margin(once));
    for (const first of VALUES) {
      for (const second of VALUES) {
        const worse = measure.badness(first, once) - measure.badness(second, once);
        assert.equal(measure.badness(4 * first, fourfold) - measure.badness(4 * second, fourfold), 4 * worse, `${first} and ${second}`);
        assert.equal(betterOf(measure, 4 * first, 4 * second, fourfold), betterOf(measure, first, second, once), `${first} and ${second}`);
      }
    }
  });
}

/** Every threshold that the guide may have, times a factor. @param {number} factor @returns {any} */
function thresholds(factor) {
  return new Proxy({}, { get: () => ({ limit: 64 * factor, margin: 2 * factor }) });
}

/**
 * Face image quality for recognition, computed in a worker on the visitor's own device. Importing it has no side effects; the
 * element `<serfiq-capture>` is in `serfiq/capture`.
 */

export { Engine, createEngine } from './engine.js';
export { SerfiqError } from './errors.js';
export { drawExplanation, partsReadLittle } from './explanation.js';
export { DEFAULT_SEED, PASSES } from './methods.js';
export { percentileOf } from './percentiles.js';
export { QUALITY_BANDS, bandOf } from './quality-bands.js';
export { Watch } from './watch.js';

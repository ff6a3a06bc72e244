/**
 * Face image quality in Node: scores files with the same engine as a page does, on worker threads. Importing it has no side effects.
 */

export { Engine, createEngine } from './engine.js';
export { SerfiqError } from '../errors.js';
export { percentileOf } from '../percentiles.js';
export { QUALITY_BANDS, bandOf } from '../quality-bands.js';

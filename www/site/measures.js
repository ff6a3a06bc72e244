/**
 * What is measured of a picture, in plain words and with units. Where the numbers come from, and the limits and margins that decide
 * here which of two pictures is better, is in docs/guidance.md.
 */

import { fill, number, words } from './words.js';

/** @import { FaceMeasures, Measures, Report, WatchedFrame } from './serfiq/types.js' */

/** @typedef {keyof typeof words.measures} MeasureName */

/**
 * @typedef {object} Measure
 * @property {MeasureName} name
 * @property {(report: Report) => number | null | undefined} of
 * @property {(value: number) => string} show
 * @property {(value: number) => number} badness how much worse it makes a picture, in the measure's own unit; 0 at best
 * @property {number} margin differences up to it do not count
 */

/** @param {(face: FaceMeasures) => number | null} of @returns {Measure['of']} */
const ofFace = (of) => ({ measures: { face } }) => face && of(face);

/** @param {keyof typeof words.units} unit @param {number} [digits] @param {number} [times] */
const shown = (unit, digits = 0, times = 1) => (/** @type {number} */ value) =>
  fill(words.units[unit], { value: number(value * times, digits) });

/** @param {keyof typeof words.units} unit @param {number} [digits] @param {number} [times] */
const shownUnsigned = (unit, digits = 0, times = 1) => {
  const show = shown(unit, digits, times);
  return (/** @type {number} */ value) => show(Math.abs(value));
};

/** @type {Measure[]} */
export const MEASURES = [
  {
    name: 'interEye',
    of: ofFace(({ framing }) => framing.inter_eye),
    show: shown('pixels'),
    // The recogniser's crop takes no more.
    badness: (value) => Math.max(0, 40 - value),
    margin: 4,
  },
  { name: 'fill', of: ofFace(({ framing }) => framing.fill), show: shown('percent', 0, 100), badness: (value) => Math.max(0, value - 0.8), margin: 0.05 },
  { name: 'across', of: ofFace(({ framing }) => framing.offset[0]), show: shownUnsigned('percent', 0, 100), badness: Math.abs, margin: 0.04 },
  { name: 'down', of: ofFace(({ framing }) => framing.offset[1]), show: shownUnsigned('percent', 0, 100), badness: Math.abs, margin: 0.04 },
  {
    name: 'luminance',
    of: ({ measures }) => measures.light.luminance,
    show: shown('percent', 0, 100),
    // Of two pictures that are bright enough neither is too dark: skin differs.
    badness: (value) => Math.max(0, 0.04 - value, value - 0.8),
    margin: 0.01,
  },
  { name: 'overExposed', of: ({ measures }) => measures.light.over_exposed, show: shown('percent', 0, 100), badness: (value) => value, margin: 0.05 },
  {
    name: 'backlight',
    of: ofFace(({ backlight }) => backlight),
    show: shown('stops', 1),
    badness: (value) => Math.max(0, value - 3.5),
    margin: 0.4,
  },
  { name: 'unevenness', of: ofFace(({ unevenness }) => unevenness), show: shownUnsigned('stops', 1), badness: Math.abs, margin: 0.4 },
  { name: 'yaw', of: ofFace(({ pose }) => pose.yaw), show: shownUnsigned('degrees'), badness: Math.abs, margin: 5 },
  { name: 'pitch', of: ofFace(({ pose }) => pose.pitch), show: shownUnsigned('degrees'), badness: Math.abs, margin: 4 },
  // Blur alone moves it by three degrees.
  { name: 'roll', of: ofFace(({ pose }) => pose.roll), show: shownUnsigned('degrees'), badness: Math.abs, margin: 4 },
  { name: 'sharpness', of: ({ measures }) => measures.sharpness, show: shown('percent', 0, 100), badness: (value) => 1 - value, margin: 0.04 },
  { name: 'rival', of: ofFace(({ rival }) => rival), show: shown('percent', 0, 100), badness: (value) => value, margin: 0.1 },
];

/** Of a camera only. @type {Pick<Measure, 'name' | 'show'> & { of: (frame: WatchedFrame) => number | null }} */
export const SPEED = { name: 'speed', of: ({ speed }) => speed, show: shown('plain', 1) };

/**
 * Which of two values of a measure makes the better picture.
 * @param {Measure} measure
 * @param {number} first
 * @param {number} second
 * @returns {0 | 1 | null} null if the difference does not count
 */
export function betterOf({ badness, margin }, first, second) {
  const difference = badness(first) - badness(second);
  if (Math.abs(difference) <= margin) return null;
  return difference < 0 ? 0 : 1;
}

/**
 * The measures of a picture, in plain words and with units; docs/guidance.md has their sources. Also decides which of two pictures is
 * better, by the limits and margins of the guide.
 */

import { fill, number, words } from './words.js';

/** @import { FaceMeasures, GuideSettings, Report, WatchedFrame } from './serfiq/types.js' */

/** @typedef {keyof typeof words.measures} MeasureName */

/**
 * @typedef {object} Measure
 * @property {MeasureName} name
 * @property {(report: Report) => number | null | undefined} of
 * @property {(value: number) => string} show
 * @property {(value: number, thresholds: Thresholds) => number} badness how much the value worsens a picture, in the measure's own unit; 0 at
 *   best
 * @property {(thresholds: Thresholds) => number} margin differences up to it do not count
 */

/** The guide's thresholds. @typedef {Required<Omit<GuideSettings, 'capture' | 'shown_ms' | 'score'>>} Thresholds */

/** @param {(face: FaceMeasures) => number | null} of @returns {Measure['of']} */
const ofFace = (of) => ({ measures: { face } }) => face && of(face);

/** Returns how to show values in a unit. @param {keyof typeof words.units} unit @param {number} [digits] @param {number} [times] */
export const shown = (unit, digits = 0, times = 1) => (/** @type {number} */ value) =>
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
    // More pixels than the limit add nothing to the recogniser's crop.
    badness: (value, { inter_eye: { limit } }) => Math.max(0, limit - value),
    margin: ({ inter_eye: { margin } }) => margin,
  },
  {
    name: 'fill',
    of: ofFace(({ framing }) => framing.fill),
    show: shown('percent', 0, 100),
    badness: (value, { fill: { limit } }) => Math.max(0, value - limit),
    margin: ({ fill: { margin } }) => margin,
  },
  {
    name: 'across',
    of: ofFace(({ framing }) => framing.offset[0]),
    show: shownUnsigned('percent', 0, 100),
    badness: Math.abs,
    margin: ({ offset_across: { margin } }) => margin,
  },
  {
    name: 'down',
    of: ofFace(({ framing }) => framing.offset[1]),
    show: shownUnsigned('percent', 0, 100),
    badness: Math.abs,
    margin: ({ offset_down: { margin } }) => margin,
  },
  {
    name: 'luminance',
    of: ({ measures }) => measures.light.luminance,
    show: shown('percent', 0, 100),
    // Between the limits, brighter is not better: skin tones differ.
    badness: (value, { darkest, brightest }) => Math.max(0, darkest.limit - value, value - brightest.limit),
    margin: ({ darkest: { margin } }) => margin,
  },
  {
    name: 'overExposed',
    of: ({ measures }) => measures.light.over_exposed,
    show: shown('percent', 0, 100),
    badness: (value) => value,
    margin: ({ over_exposed: { margin } }) => margin,
  },
  {
    name: 'backlight',
    of: ofFace(({ backlight }) => backlight),
    show: shown('stops', 1),
    badness: (value, { backlight: { limit } }) => Math.max(0, value - limit),
    margin: ({ backlight: { margin } }) => margin,
  },
  {
    name: 'unevenness',
    of: ofFace(({ unevenness }) => unevenness),
    show: shownUnsigned('stops', 1),
    badness: Math.abs,
    margin: ({ unevenness: { margin } }) => margin,
  },
  { name: 'yaw', of: ofFace(({ pose }) => pose.yaw), show: shownUnsigned('degrees'), badness: Math.abs, margin: ({ yaw: { margin } }) => margin },
  { name: 'pitch', of: ofFace(({ pose }) => pose.pitch), show: shownUnsigned('degrees'), badness: Math.abs, margin: ({ pitch: { margin } }) => margin },
  {
    name: 'roll',
    of: ofFace(({ pose }) => pose.roll),
    show: shownUnsigned('degrees'),
    badness: Math.abs,
    // Blur alone changes it by three degrees.
    margin: ({ roll: { margin } }) => 2 * margin,
  },
  {
    name: 'sharpness',
    of: ({ measures }) => measures.sharpness,
    show: shown('percent', 0, 100),
    badness: (value) => 1 - value,
    margin: ({ sharpness: { margin } }) => margin,
  },
  { name: 'rival', of: ofFace(({ rival }) => rival), show: shown('percent', 0, 100), badness: (value) => value, margin: ({ rival: { margin } }) => margin },
];

/** For a camera only. @type {Pick<Measure, 'name' | 'show'> & { of: (frame: WatchedFrame) => number | null }} */
export const SPEED = { name: 'speed', of: ({ speed }) => speed, show: shown('plain', 1) };

/**
 * Returns which of two values of a measure makes the better picture.
 * @param {Measure} measure
 * @param {number} first
 * @param {number} second
 * @param {Thresholds} thresholds
 * @returns {0 | 1 | null} null if the difference does not count
 */
export function betterOf({ badness, margin }, first, second, thresholds) {
  const difference = badness(first, thresholds) - badness(second, thresholds);
  if (Math.abs(difference) <= margin(thresholds)) return null;
  return difference < 0 ? 0 : 1;
}

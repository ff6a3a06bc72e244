import { bandOf } from '../quality-bands.js';
import { html } from './dom.js';
import { speak } from './language.js';

/** @import { StandardMeasure, StandardMeasures } from '../types.js' */
/** @import { Language, Messages } from './language.js' */

/** @typedef {keyof Messages['measures']['names']} Name */
/** How a native value is shown. @typedef {(value: number, language: Language) => string} Show */

/** @param {number} digits @returns {Show} */
const plain = (digits) => (value, language) => language.number(value, digits);
/** @param {'pixels' | 'percent' | 'degrees' | 'bits'} unit @param {number} digits @param {number} [times] @returns {Show} */
const within = (unit, digits, times = 1) => (value, language) =>
  language.fill(language.words.measures.units[unit], { value: language.number(value * times, digits) });

/** In the order of the table. @type {[Name, Show][]} */
const MEASURES = [
  ['LuminanceMean', within('percent', 0, 100)],
  ['LuminanceVariance', plain(3)],
  ['DynamicRange', within('bits', 1)],
  ['IlluminationUniformity', within('percent', 0, 100)],
  ['UnderExposurePrevention', within('percent', 1, 100)],
  ['OverExposurePrevention', within('percent', 1, 100)],
  ['NaturalColour', plain(1)],
  ['BackgroundUniformity', plain(1)],
  ['SingleFacePresent', within('percent', 0, 100)],
  ['EyesOpen', within('percent', 1, 100)],
  ['MouthClosed', within('percent', 1, 100)],
  ['HeadPoseYaw', within('degrees', 1)],
  ['HeadPosePitch', within('degrees', 1)],
  ['HeadPoseRoll', within('degrees', 1)],
  ['InterEyeDistance', within('pixels', 0)],
  ['HeadSize', within('percent', 0, 100)],
  ['LeftwardCropOfTheFaceImage', plain(2)],
  ['RightwardCropOfTheFaceImage', plain(2)],
  ['MarginAboveOfTheFaceImage', plain(2)],
  ['MarginBelowOfTheFaceImage', plain(2)],
];

/**
 * Makes a table of the measures of ISO/IEC 29794-5: name, value, quality and a word for it. The page gives it its style.
 * @param {StandardMeasures} measures as a result has them if they were asked for
 * @param {readonly string[]} languages BCP 47 tags, the preferred one first
 * @returns {Promise<HTMLTableElement>}
 */
export async function measuresTable(measures, languages) {
  return tableIn(await speak(languages, null), measures);
}

/** @param {Language} language @param {StandardMeasures} measures */
export function tableIn(language, measures) {
  const { measure, value, quality } = language.words.measures;
  const head = html('tr', {}, ...[measure, value, quality].map((text) => html('th', { scope: 'col' }, text)));
  const rows = MEASURES.flatMap(([name, show]) => (measures[name] ? [row(language, name, measures[name], show)] : []));
  return html('table', { class: 'measures' }, html('thead', {}, head), html('tbody', {}, ...rows));
}

/** @param {Language} language @param {Name} name @param {StandardMeasure} measure @param {Show} show */
function row(language, name, { native, quality, unassessed, approximate }, show) {
  const { names, unassessed: reasons } = language.words.measures;
  const heading = html('th', { scope: 'row', title: name }, names[name]);
  if (approximate) heading.append(' ', html('span', { class: 'approximate' }, '≈'));
  if (native === null || quality === null) {
    return html('tr', { 'data-measure': name }, heading, html('td', { class: 'unassessed', colspan: '2' }, unassessed ? reasons[unassessed] : ''));
  }
  const band = bandOf(quality);
  const filled = html('span');
  filled.style.transform = `scaleX(${quality / 100})`;
  const shown = html(
    'div',
    { class: 'measure-quality', 'data-band': band },
    html('span', { class: 'measure-track', 'aria-hidden': 'true' }, filled),
    html('span', { class: 'measure-number' }, language.number(Math.round(quality))),
    html('span', { class: 'measure-word' }, language.words.bands[band]),
  );
  return html('tr', { 'data-measure': name }, heading, html('td', {}, show(native, language)), html('td', {}, shown));
}

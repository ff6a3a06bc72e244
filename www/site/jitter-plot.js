import { make, makeSvg } from './dom.js';
import { bandOf } from './serfiq/index.js';
import { fill, number, words } from './words.js';

/** @import { Jitter } from './serfiq/types.js' */

/** Half the drawing's side in its own units, and the largest coordinate of a dot. */
const HALF = 100;
const USED = 88;
const DOT = 2.6;
/** Maximum length of a scale bar, in units of the drawing. */
const LONGEST_BAR = 80;

/**
 * Draws clouds of dropout passes at one scale, so that their spreads can be compared.
 * @param {Jitter[]} jitters
 * @returns {HTMLElement[]} one drawing with its caption per cloud
 */
export function drawClouds(jitters) {
  const reach = Math.max(...jitters.flatMap(({ points }) => points.flat().map(Math.abs)));
  // If dropout moves nothing, all dots are in the middle.
  const scale = reach > 0 ? USED / reach : 1;
  return jitters.map((jitter) => draw(jitter, scale, reach > 0 ? barOf(scale) : null));
}

/** @param {Jitter} jitter @param {number} scale @param {number | null} bar length in the embedding's unit */
function draw({ points, quality }, scale, bar) {
  const box = make('div', 'cloud-box');
  box.dataset.band = quality === null ? '' : bandOf(quality);
  const median = medianDistance(points);
  const values = { passes: points.length, reach: number(median, 3) };
  const svg = makeSvg('svg', {
    class: 'cloud', viewBox: `${-HALF} ${-HALF} ${2 * HALF} ${2 * HALF}`, role: 'img', 'aria-label': fill(words.jitter.label, values),
  });
  const dots = makeSvg('g', { class: 'cloud-points' });
  for (const [x, y] of points) dots.append(makeSvg('circle', { cx: round(x * scale), cy: round(-y * scale), r: DOT }));
  svg.append(
    makeSvg('path', { class: 'cloud-axes', d: 'M-96 0H96M0-96V96' }),
    dots,
    makeSvg('circle', { class: 'cloud-ring', cx: 0, cy: 0, r: round(median * scale) }),
  );
  if (bar !== null) svg.append(...drawBar(bar, bar * scale));
  box.append(svg, make('p', 'cloud-caption', fill(words.jitter.caption, values)));
  return box;
}

/** @param {number} value the length it represents @param {number} length in units of the drawing */
function drawBar(value, length) {
  const [start, end] = [-94, round(-94 + length)];
  const text = makeSvg('text', { class: 'cloud-bar-text', x: start, y: 80 });
  text.textContent = number(value, Math.max(0, -Math.floor(Math.log10(value))));
  return [makeSvg('path', { class: 'cloud-bar', d: `M${start} 86V94M${start} 90H${end}M${end} 86V94` }), text];
}

/** Returns the longest bar that fits: 1, 2 or 5 times a power of ten. @param {number} scale */
function barOf(scale) {
  const longest = LONGEST_BAR / scale;
  const power = 10 ** Math.floor(Math.log10(longest));
  return ([5, 2].find((times) => times * power <= longest) ?? 1) * power;
}

/** Explains the drawings, once for all of them. */
export function explainClouds() {
  return `${words.jitter.meaning} ${words.jitter.scale} ${words.jitter.unit}`;
}

/** @param {Jitter['points']} points */
function medianDistance(points) {
  const distances = points.map(([x, y]) => Math.hypot(x, y)).sort((a, b) => a - b);
  return distances[distances.length >> 1];
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}

import { byId } from './dom.js';
import { steadyBandOf } from './quality-bands.js';
import { Smoother } from './smoothing.js';
import { strings } from './strings.js';

/** @import { Band } from './quality-bands.js' */

/** The arc's length in its own units (pathLength in index.html). */
const ARC = 100;

/** The gauge: a number, a colour and a word, or nothing at all where there is no score. */
export class QualityMeter {
  #root = byId('meter', HTMLElement);
  #arc = byId('meter-arc', SVGPathElement);
  #number = byId('meter-number', HTMLElement);
  #word = byId('meter-word', HTMLElement);
  #raw = byId('meter-raw', HTMLElement);
  #smoother = new Smoother();
  /** @type {Band | null} */
  #band = null;
  #frames = 0;

  constructor() {
    this.clear();
  }

  /**
   * @param {{ raw: number, quality: number, stdError: number | null }} score
   * @param {number} time in milliseconds
   * @returns {Band} the word shown
   */
  show({ raw, quality, stdError }, time) {
    const shown = this.#smoother.next(quality, time);
    this.#band = steadyBandOf(shown, this.#band);
    const word = strings.bands[this.#band];
    const rounded = String(Math.round(shown));
    this.#frames += 1;
    Object.assign(this.#root.dataset, { raw, quality, frames: this.#frames, band: this.#band });
    this.#describe({
      role: 'meter',
      'aria-label': strings.meter.label,
      'aria-valuemin': '0',
      'aria-valuemax': '100',
      'aria-valuenow': rounded,
      'aria-valuetext': strings.meter.valueText(rounded, word),
    });
    this.#number.textContent = rounded;
    this.#word.textContent = word;
    this.#raw.textContent = strings.meter.raw(raw, stdError);
    this.#arc.style.strokeDasharray = `${(shown / 100) * ARC} ${2 * ARC}`;
    return this.#band;
  }

  /** No score: an empty gauge, not a zero. */
  clear() {
    this.#smoother.reset();
    this.#band = null;
    Object.assign(this.#root.dataset, { raw: '', quality: '', frames: this.#frames, band: '' });
    // A meter must have a value, and there is none to give: until then it is a picture of an empty gauge.
    this.#describe({
      role: 'img',
      'aria-label': strings.meter.emptyLabel,
      'aria-valuemin': null,
      'aria-valuemax': null,
      'aria-valuenow': null,
      'aria-valuetext': null,
    });
    this.#number.textContent = '–';
    this.#word.textContent = strings.meter.empty;
    this.#raw.textContent = '';
    this.#arc.style.strokeDasharray = `0 ${2 * ARC}`;
  }

  /** @param {Record<string, string | null>} attributes null for one to remove */
  #describe(attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) this.#root.removeAttribute(name);
      else this.#root.setAttribute(name, value);
    }
  }
}

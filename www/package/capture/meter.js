import { steadyBandOf } from '../quality-bands.js';
import { html } from './dom.js';
import { Smoother } from './smoothing.js';

/** @import { Band } from '../quality-bands.js' */
/** @import { Language } from './language.js' */
/** @import { ElementProperties } from './properties.js' */

/** The quality as a number, a word and a bar, or without the number; empty without a score. */
export class Meter {
  #number = html('span', { class: 'number' });
  #word = html('span', { class: 'word' });
  #fill = html('span', { class: 'fill' });
  element = html('div', { class: 'meter', part: 'meter' }, this.#number, this.#word, html('span', { class: 'track' }, this.#fill));
  #smoother = new Smoother();
  /** @type {Band | null} */
  #band = null;
  /** The quality in words: with its number, and without. */
  #texts = { full: '', short: '' };

  /** @param {ElementProperties['meter']} kind */
  display(kind) {
    this.element.hidden = kind === 'none';
    this.#number.hidden = kind === 'word';
    if (this.#band) this.#describe({ 'aria-valuetext': this.#text });
  }

  /**
   * @param {number} quality 0 to 100
   * @param {number} time in milliseconds
   * @param {Language} language
   */
  show(quality, time, language) {
    const shown = this.#smoother.next(quality, time);
    this.#band = steadyBandOf(shown, this.#band);
    const word = language.words.bands[this.#band];
    const value = language.number(Math.round(shown));
    this.element.dataset.band = this.#band;
    this.#texts = { full: language.fill(language.words.meter.value, { value, word }), short: word };
    this.#describe({
      role: 'meter',
      'aria-label': language.words.meter.label,
      'aria-valuemin': '0',
      'aria-valuemax': '100',
      'aria-valuenow': String(Math.round(shown)),
      'aria-valuetext': this.#text,
    });
    this.#number.textContent = value;
    this.#word.textContent = word;
    this.#fill.style.transform = `scaleX(${shown / 100})`;
  }

  /** No score: an empty bar, not a zero. @param {Language} language */
  clear(language) {
    this.#smoother.reset();
    this.#band = null;
    this.element.dataset.band = '';
    // `role="meter"` requires a value. Without one, the element is an image of an empty meter.
    this.#describe({
      role: 'img',
      'aria-label': `${language.words.meter.label}: ${language.words.meter.empty}`,
      'aria-valuemin': null,
      'aria-valuemax': null,
      'aria-valuenow': null,
      'aria-valuetext': null,
    });
    this.#number.textContent = '–';
    this.#word.textContent = language.words.meter.empty;
    this.#fill.style.transform = 'scaleX(0)';
  }

  get #text() {
    return this.#number.hidden ? this.#texts.short : this.#texts.full;
  }

  /** @param {Record<string, string | null>} attributes null for one to remove */
  #describe(attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) this.element.removeAttribute(name);
      else if (this.element.getAttribute(name) !== value) this.element.setAttribute(name, value);
    }
  }
}

import { drawExplanation, partsReadLittle } from '../explanation.js';
import { html } from './dom.js';
import { ENGLISH } from './language.js';

/** @import { Language } from './language.js' */
/** @import { Parts, Picture } from '../types.js' */

/** Pixels on the longer side of the veil, at most: it is smooth, so a large photo needs no more. */
const MAX_SIDE = 1280;

/** The explanation of the picture's score: words and a legend below the picture and, while they are open, a veil over it. */
export class ShownExplanation {
  #title = html('summary');
  element = html('details', { part: 'explanation' }, this.#title);
  veil = html('canvas', { class: 'veil', role: 'img', hidden: '' });
  /** Of the picture shown. @type {Picture['report'] | null} */
  #report = null;
  #mirrored = false;
  #language = ENGLISH;

  constructor() {
    this.element.addEventListener('toggle', () => this.#drawVeil());
  }

  /** Whether the picture has an explanation. */
  get isThere() {
    return this.#report?.explanation !== undefined;
  }

  /** @param {Language} language */
  speak(language) {
    this.#language = language;
    this.#write();
  }

  /** Follows the picture: a mirror swaps its sides. @param {boolean} mirrored */
  mirror(mirrored) {
    if (mirrored === this.#mirrored) return;
    this.#mirrored = mirrored;
    this.#write();
  }

  /** Shows the explanation of another picture, closed. @param {Picture['report']} report */
  show(report) {
    this.#report = report;
    this.close();
    this.#write();
  }

  clear() {
    this.#report = null;
    this.close();
  }

  /** Removes the veil from the picture. */
  close() {
    this.element.open = false;
    this.#drawVeil();
  }

  #write() {
    const { summary, unknown, about } = this.#language.words.explanation;
    const parts = this.#report?.explanation?.parts;
    const said = parts ? this.#sentenceOf(parts) : unknown;
    this.#title.textContent = summary;
    this.veil.setAttribute('aria-label', said);
    const further = parts ? [this.#legend(), html('p', { class: 'about' }, about)] : [];
    this.element.replaceChildren(this.#title, html('p', {}, said), ...further);
  }

  /** Says which parts of the face are read little, the least first. @param {Parts} parts */
  #sentenceOf({ left, right, ...others }) {
    const { tag, words } = this.#language;
    // Left and right of the picture as it is shown.
    const shown = this.#mirrored ? { ...others, left: right, right: left } : { ...others, left, right };
    const little = partsReadLittle(shown).map((name) => words.explanation.parts[name]);
    if (little.length === 0) return words.explanation.usual;
    return this.#language.fill(words.explanation.little, { parts: new Intl.ListFormat(tag, { type: 'conjunction' }).format(little) });
  }

  #legend() {
    const { clear, veiled } = this.#language.words.explanation;
    const item = (/** @type {string} */ look, /** @type {string} */ text) =>
      html('li', {}, html('span', { class: `swatch ${look}`, 'aria-hidden': 'true' }), text);
    return html('ul', { class: 'legend' }, item('clear', clear), item('veiled', veiled));
  }

  /** Draws the veil while the explanation is open. */
  #drawVeil() {
    const { explanation, width = 0, height = 0 } = this.#report ?? {};
    this.veil.hidden = !this.element.open || !explanation?.reading;
    // An empty canvas takes no memory.
    this.veil.width = this.veil.height = 0;
    if (this.veil.hidden || !explanation) return;
    const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
    this.veil.width = Math.round(width * scale);
    this.veil.height = Math.round(height * scale);
    const context = this.veil.getContext('2d');
    if (!context) return;
    context.scale(scale, scale);
    drawExplanation(context, explanation);
  }
}

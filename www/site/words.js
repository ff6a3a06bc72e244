/**
 * The texts of the page's language. index.html names them by path: `data-text="photos.clear"` for text, `data-label="..."`
 * for an aria-label, `data-list="..."` for the items of a list. To add a language, add a file in `messages/` and its tag
 * in `LANGUAGES`.
 */

import { make } from './dom.js';

/** @import { Instruction } from './serfiq/types.js' */

/** @typedef {typeof import('./messages/en.js').default} Messages */

/** By tag: writing direction, and the language's own name. */
export const LANGUAGES = /** @type {const} */ ({
  en: { direction: 'ltr', name: 'English' },
  de: { direction: 'ltr', name: 'Deutsch' },
  fr: { direction: 'ltr', name: 'Français' },
  es: { direction: 'ltr', name: 'Español' },
  ar: { direction: 'rtl', name: 'العربية' },
});

/** @typedef {keyof typeof LANGUAGES} Language */

/** @param {string | null | undefined} tag @returns {tag is Language} */
const isKnown = (tag) => typeof tag === 'string' && Object.hasOwn(LANGUAGES, tag);

const asked = new URLSearchParams(location.search).get('lang')?.split('-')[0];

/** The language in the address, else the browser's first that is available, else English. @type {Language} */
export const language = isKnown(asked) ? asked : (navigator.languages.map((tag) => tag.split('-')[0]).find(isKnown) ?? 'en');

/**
 * The texts, once `loadWords` has been awaited: `start.js` does so before it loads the page.
 * @type {Messages}
 */
export let words;

/** Loads the texts of the language. */
export async function loadWords() {
  words = (await import(`./messages/${language}.js`)).default;
}

/**
 * Fills the placeholders of a text: `fill('{done} of {total}', { done: 1, total: 2 })`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/**
 * Formats a number for the language, with this many decimals. Arabic also gets Latin digits, as in units and scores.
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 0) {
  let format = formats.get(digits);
  if (!format) {
    format = new Intl.NumberFormat(`${language}-u-nu-latn`, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: false,
    });
    formats.set(digits, format);
  }
  // Avoids "-0".
  return leftToRight(format.format(Number(value.toFixed(digits)) || 0));
}

/** Keeps signs in place in right-to-left text. @param {string} text of numbers */
function leftToRight(text) {
  return LANGUAGES[language].direction === 'rtl' && /\D/.test(text) ? `\u2066${text}\u2069` : text;
}

/** Keeps a name or a foreign sentence from reordering the right-to-left text around it. @param {string} text */
export function isolated(text) {
  return LANGUAGES[language].direction === 'rtl' ? `\u2068${text}\u2069` : text;
}

/** Formats a raw score with its standard error, if it has one. @param {{ raw: number | null, std_error: number | null }} score */
export function rawNumber({ raw, std_error: error }) {
  if (raw === null) return words.score.none;
  return error === null ? number(raw, 4) : leftToRight(`${number(raw, 4)} ± ${number(error, 4)}`);
}

/** Formats a raw score with its label, for places that do not label it. @param {Parameters<typeof rawNumber>[0]} score */
export function rawText(score) {
  return score.raw === null ? words.score.none : fill(words.score.rawValue, { raw: rawNumber(score) });
}

/** Returns everything wrong with a picture, as text. @param {Instruction[]} issues */
export function issuesText(issues) {
  if (issues.length === 0) return words.faults.hold_still;
  // Beside other faults, a low score is not without a reason.
  const faultOf = (/** @type {Instruction} */ issue) =>
    issue === 'hard_to_recognise' && issues.length > 1 ? words.score.low : words.faults[issue];
  return [...new Set(issues.map(faultOf))].join(' · ');
}

/** @param {string} name of a model */
export function modelName(name) {
  return /** @type {Record<string, string>} */ ({ sface: 'SFace', yunet: 'YuNet' })[name] ?? name;
}

/** Fills the texts into index.html's elements. */
export function fillIn() {
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES[language].direction;
  document.title = words.page.title;
  // style.css hides the page until its text is there.
  document.documentElement.dataset.words = '';
  for (const element of elements('[data-text]')) element.textContent = lookUp(element.dataset.text ?? '');
  for (const element of elements('[data-label]')) element.setAttribute('aria-label', lookUp(element.dataset.label ?? ''));
  for (const element of elements('[data-list]')) {
    element.replaceChildren(...lookUpList(element.dataset.list ?? '').map((text) => make('li', '', text)));
  }
}

/** @param {string} selector @returns {NodeListOf<HTMLElement>} */
function elements(selector) {
  return document.querySelectorAll(selector);
}

/** @param {string} path such as "photos.clear" @returns {string} */
function lookUp(path) {
  const found = find(path);
  if (typeof found === 'string') return found;
  throw new TypeError(`messages/${language}.js has no words at "${path}", which index.html asks for`);
}

/** @param {string} path @returns {string[]} */
function lookUpList(path) {
  const found = find(path);
  if (Array.isArray(found)) return found;
  throw new TypeError(`messages/${language}.js has no list at "${path}", which index.html asks for`);
}

/** @param {string} path */
function find(path) {
  return path.split('.').reduce((/** @type {any} */ branch, key) => branch?.[key], words);
}

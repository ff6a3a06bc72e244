import en from './messages/en.js';

/** @import { SerfiqError } from '../errors.js' */

/** @typedef {typeof en} Messages all texts of the element */
/**
 * Overrides for any of the texts, in the form of a message file.
 * @typedef {{ [Key in keyof Messages]?: Messages[Key] extends string ? string : { [Inner in keyof Messages[Key]]?: Messages[Key][Inner] } }} OwnMessages
 */

/** The built-in languages except English, which is always loaded. Each import is spelled out, so that bundlers find it. */
const LANGUAGES = {
  ar: () => import('./messages/ar.js'),
  de: () => import('./messages/de.js'),
  es: () => import('./messages/es.js'),
  fr: () => import('./messages/fr.js'),
};

/** The texts of a language, and its number format. */
export class Language {
  /** BCP 47 tag. */
  tag;
  words;
  #number;
  /** @type {(digits: number) => Intl.NumberFormat} */
  #withDigits;

  /** @param {string} tag @param {Messages} words */
  constructor(tag, words) {
    this.tag = tag;
    this.words = words;
    // The built-in texts use Latin digits. Other languages use their own.
    const numberingSystem = isBuiltIn(tag) ? 'latn' : undefined;
    this.#number = new Intl.NumberFormat(tag, { maximumFractionDigits: 1, numberingSystem });
    this.#withDigits = (digits) =>
      new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits, numberingSystem });
  }

  /** @param {number} value @param {number} [digits] behind the point; by default at most one */
  number(value, digits) {
    return digits === undefined ? this.#number.format(value) : this.#withDigits(digits).format(value);
  }

  /** Fills in the placeholders of a message. @param {string} message @param {Record<string, string>} values */
  fill(message, values) {
    return message.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
  }

  /**
   * Returns title and text of an error. With a reason, the text says what was wrong: most of the time before a `no-good-picture`, or with a
   * photo.
   * @param {string} code @param {SerfiqError['reason']} reason
   */
  errorOf(code, reason) {
    const { title, text } = /** @type {Record<string, { title: string, text: string }>} */ (this.words.errors)[code] ?? this.words.errors.other;
    return { title, text: this.#explain(code, reason ?? '') ?? text };
  }

  /** @param {string} code @param {string} reason @returns {string | undefined} undefined if the language has no words for this reason */
  #explain(code, reason) {
    const { hints, mostlyWrong, photoAdvice, unreadable } = this.words;
    if (code === 'photo-unreadable') return /** @type {Record<string, string>} */ (unreadable)[reason];
    const hint = /** @type {Record<string, string>} */ (hints)[reason];
    const around = { 'no-good-picture': mostlyWrong, 'photo-refused': photoAdvice }[code];
    return hint && around && this.fill(around, { hint });
  }
}

export const ENGLISH = new Language('en', en);

/**
 * Returns the language to use: the first requested one that is built in, else English. Overrides take precedence over the built-in
 * texts, and are assumed to be in the first requested language.
 * @param {readonly string[]} wishes BCP 47 tags
 * @param {OwnMessages | null} own
 * @returns {Promise<Language>}
 */
export async function speak(wishes, own) {
  const tags = wishes.flatMap((wish) => canonical(wish) ?? []);
  const tag = tags.find(isBuiltIn) ?? 'en';
  const words = await wordsOf(base(tag));
  return own ? new Language(tags[0] ?? tag, merge(words, own)) : new Language(tag, words);
}

/** Returns the canonical tag, also for `en_US` or `de_DE.UTF-8`; null if the text is not a tag, such as `C`. @param {string} wish */
function canonical(wish) {
  try {
    return Intl.getCanonicalLocales(wish.trim().split(/[.@]/)[0].replaceAll('_', '-'))[0] ?? null;
  } catch {
    return null;
  }
}

/** @param {string} tag */
function isBuiltIn(tag) {
  return base(tag) === 'en' || Object.hasOwn(LANGUAGES, base(tag));
}

/** @param {string} tag */
function base(tag) {
  return tag.split('-')[0].toLowerCase();
}

/** @param {string} name @returns {Promise<Messages>} */
async function wordsOf(name) {
  const load = LANGUAGES[/** @type {keyof typeof LANGUAGES} */ (name)];
  try {
    return load ? (await load()).default : en;
  } catch {
    // The import may need a connection. Without one, the element still works, in English.
    return en;
  }
}

/** @param {any} words @param {any} own */
function merge(words, own) {
  const merged = { ...words };
  for (const [key, value] of Object.entries(own)) {
    merged[key] = value && typeof value === 'object' ? merge(words[key] ?? {}, value) : value;
  }
  return merged;
}

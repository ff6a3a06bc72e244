import { SerfiqError } from './errors.js';

/** @import { RecogniserCard } from './types.js' */

/** A key that TOML takes without quotes. */
const BARE_KEY = /^[A-Za-z0-9_-]+$/;

/**
 * Returns a recogniser's card as TOML, the form that the engine reads. Only values are checked here; the engine checks the keys. Keys
 * whose value is undefined or null are omitted.
 * @param {RecogniserCard} card
 * @returns {string}
 * @throws {SerfiqError} `invalid-option`, naming the key, if a value is not a string, a finite number, an array of numbers or a table of these
 */
export function tomlOf(card) {
  if (!isTable(card)) throw new SerfiqError('invalid-option', `recogniser.card is ${shown(card)}; expected an object, an address or a Blob.`);
  return linesOf(card, []).map((line) => `${line}\n`).join('');
}

/** @param {object} table @param {string[]} path its keys @returns {string[]} */
function linesOf(table, path) {
  const all = entriesOf(table);
  // In TOML, values after a table's header belong to that table, so a table's own values come first.
  const values = all.filter(([, value]) => !isTable(value)).map(([key, value]) => `${keyOf(key)} = ${valueOf(value, [...path, key])}`);
  const tables = all.flatMap(([key, inner]) => {
    const name = [...path, key];
    return isTable(inner) ? [`[${name.map(keyOf).join('.')}]`, ...linesOf(inner, name)] : [];
  });
  return [...values, ...tables];
}

/** Returns the entries that are set. @param {object} table @returns {[string, unknown][]} */
function entriesOf(table) {
  return Object.entries(table).filter(([, value]) => value !== undefined && value !== null);
}

/** @param {unknown} value @param {string[]} path of the value in the card */
function valueOf(value, path) {
  if (typeof value === 'string') return quoted(value);
  if (isNumber(value)) return String(value);
  if (Array.isArray(value) && value.every(isNumber)) return `[${value.join(', ')}]`;
  throw new SerfiqError('invalid-option', `recogniser.card.${path.join('.')} is ${shown(value)}; expected a string, a finite number or an array of finite numbers.`);
}

/** @param {unknown} value @returns {value is number} */
function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

/** @param {string} key */
function keyOf(key) {
  return BARE_KEY.test(key) ? key : quoted(key);
}

/** Returns a TOML basic string. JSON escapes everything TOML requires, except one control character. @param {string} text */
function quoted(text) {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007F');
}

/** @param {unknown} value @returns {value is object} */
function isTable(value) {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** @param {unknown} value */
function shown(value) {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

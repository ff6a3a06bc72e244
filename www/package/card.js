import { SerfiqError } from './errors.js';

/** @import { RecogniserCard } from './types.js' */

/** A key that TOML takes without quotes. */
const BARE_KEY = /^[A-Za-z0-9_-]+$/;

/**
 * Returns a recogniser's card as TOML, the form that the engine reads. Only values are checked here; the engine checks the keys. Keys
 * whose value is undefined or null are omitted.
 * @param {RecogniserCard} card
 * @returns {string}
 * @throws {SerfiqError} `invalid-option`, naming the key, if a value is not a string, a finite number or a table of these
 */
export function tomlOf(card) {
  if (!isTable(card)) throw new SerfiqError('invalid-option', `recogniser.card is ${shown(card)}; expected an object, an address or a Blob.`);
  const all = entriesOf(card);
  // In TOML, values after a table's header belong to that table, so the card's own values come first.
  const values = all.filter(([, value]) => !isTable(value)).map(([key, value]) => lineOf(key, value, key));
  const tables = all.flatMap(([name, table]) => (isTable(table) ? [`[${keyOf(name)}]`, ...linesOf(name, table)] : []));
  return [...values, ...tables].map((line) => `${line}\n`).join('');
}

/** @param {string} name @param {object} table */
function linesOf(name, table) {
  return entriesOf(table).map(([key, value]) => lineOf(key, value, `${name}.${key}`));
}

/** Returns the entries that are set. @param {object} table @returns {[string, unknown][]} */
function entriesOf(table) {
  return Object.entries(table).filter(([, value]) => value !== undefined && value !== null);
}

/** @param {string} key @param {unknown} value @param {string} path the key's path in the card */
function lineOf(key, value, path) {
  if (typeof value === 'string') return `${keyOf(key)} = ${quoted(value)}`;
  if (typeof value === 'number' && Number.isFinite(value)) return `${keyOf(key)} = ${value}`;
  throw new SerfiqError('invalid-option', `recogniser.card.${path} is ${shown(value)}; expected a string or a finite number.`);
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

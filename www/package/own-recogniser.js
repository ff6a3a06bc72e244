import { baseUrl } from './base-url.js';
import { tomlOf } from './card.js';
import { SerfiqError } from './errors.js';

/** @import { OwnRecogniser } from './types.js' */

/** A file for the worker to read. @typedef {{ name: string, at: string | Blob }} OwnFile `at`: its absolute address, or the file itself */

/**
 * A recogniser supplied by the page, as sent to the worker.
 * @typedef {object} OwnFiles
 * @property {OwnFile} onnx
 * @property {OwnFile | string} card a TOML file, or the TOML itself
 * @property {string | null} licence from a card given as an object; only the engine reads a card file
 * @property {string | null} author
 */

/** Used for a file without a name. */
const UNNAMED = 'recogniser.onnx';

/**
 * Returns the files of a recogniser, with addresses made absolute.
 * @param {OwnRecogniser} recogniser
 * @returns {OwnFiles}
 * @throws {SerfiqError} `invalid-option`
 */
export function ownFiles(recogniser) {
  if (typeof recogniser !== 'object' || recogniser === null) throw wrong('recogniser', recogniser, 'an object { onnx, card }');
  const { onnx, card, ...rest } = recogniser;
  for (const key of Object.keys(rest)) throw new SerfiqError('invalid-option', `There is no '${key}' in recogniser; expected onnx or card.`);
  const { licence = null, author = null } = isFile(card) ? {} : (card ?? {});
  return { onnx: fileOf(onnx, 'recogniser.onnx', UNNAMED), card: cardOf(card), licence, author };
}

/** @param {OwnRecogniser['card']} card */
function cardOf(card) {
  // A missing card counts as an empty one, because the network file may supply what the card omits.
  if (card === undefined || card === null) return '';
  if (typeof card === 'string' && card.includes('\n')) {
    throw new SerfiqError('invalid-option', 'recogniser.card is the text of a card; expected its address, an object, or `new Blob([text])`.');
  }
  return isFile(card) ? fileOf(card, 'recogniser.card', 'the card') : tomlOf(card);
}

/** @param {unknown} value @returns {value is string | URL | Blob} a file, or its address */
function isFile(value) {
  return typeof value === 'string' || value instanceof URL || value instanceof Blob;
}

/** @param {unknown} source @param {string} option @param {string} unnamed @returns {OwnFile} */
function fileOf(source, option, unnamed) {
  if (!isFile(source)) throw wrong(option, source, 'an address or a Blob');
  if (source instanceof Blob) return { name: (source instanceof File && source.name) || unnamed, at: source };
  try {
    const url = new URL(source, baseUrl());
    return { name: nameOf(url) || unnamed, at: url.href };
  } catch {
    throw wrong(option, source, "an address such as '/models/mine.onnx'");
  }
}

/** Returns the last part of an HTTP(S) URL's path; empty if there is none. @param {URL} url */
function nameOf({ protocol, pathname }) {
  if (!/^https?:$/.test(protocol)) return '';
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** @param {string} option @param {unknown} value @param {string} expected */
function wrong(option, value, expected) {
  const found = typeof value === 'string' ? `'${value}'` : `of type ${typeof value}`;
  return new SerfiqError('invalid-option', `${option} is ${found}; expected ${expected}.`);
}

import { basename } from 'node:path';

import { SerfiqError } from '../errors.js';
import { ownFiles } from '../own-recogniser.js';
import { copyOfBytes, pathOf, readNamed } from './files.js';

/** @import { OwnFiles } from '../own-recogniser.js' */
/** @import { RecogniserCard } from '../types.js' */

/**
 * A recogniser of your own: any ONNX or TFLite recogniser for aligned faces of 112 x 112 pixels, and a card with what its file omits.
 * @typedef {object} OwnRecogniserFiles
 * @property {string | URL | Uint8Array | Blob} onnx the file: its path, its `file:` URL or its bytes
 * @property {RecogniserCard | string | URL | Uint8Array | Blob} [card] an object, or a TOML file with the same keys
 */

/**
 * Reads the files of a recogniser. Threads that start later get the same bytes, even if a file has changed.
 * @param {OwnRecogniserFiles} recogniser
 * @returns {Promise<OwnFiles>}
 * @throws {SerfiqError} `invalid-option`, or `model-fetch` if a file cannot be read
 */
export async function readRecogniser(recogniser) {
  // A value that is not an object gets the same error as in a page.
  if (typeof recogniser !== 'object' || recogniser === null) return ownFiles(recogniser);
  const { onnx, card } = recogniser;
  const [file, cardFile] = await Promise.all([fileOf(onnx, 'recogniser.onnx'), isText(card) ? card : fileOf(card, 'recogniser.card')]);
  return ownFiles({ ...recogniser, onnx: /** @type {Blob} */ (file), card: /** @type {RecogniserCard | Blob | undefined} */ (cardFile) });
}

/** Whether this is the text of a card, which is refused. @param {unknown} card @returns {card is string} */
function isText(card) {
  return typeof card === 'string' && card.includes('\n');
}

/** Returns a file as a Blob; anything else as it is. @param {unknown} source @param {string} option */
async function fileOf(source, option) {
  const bytes = copyOfBytes(source);
  if (bytes) return new Blob([bytes]);
  if (typeof source !== 'string' && !(source instanceof URL)) return source;
  const path = pathOf(source, option);
  return new File([await readNamed(path, (message) => new SerfiqError('model-fetch', `${option}: ${message}`))], basename(path));
}

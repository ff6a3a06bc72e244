/** Files that a program names. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';

import { SerfiqError } from '../errors.js';
import { codeOf, messageOf, sentence } from '../worker/errors.js';

/**
 * Returns a copy of the bytes; null if the value holds none. Test runners give buffers of another realm, for which `instanceof` is false.
 * @param {unknown} value
 */
export function copyOfBytes(value) {
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(new Uint8Array(value));
  return ArrayBuffer.isView(value) ? new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) : null;
}

/** Returns the path of a file. @param {string | URL} file @param {string} option the file's name in errors */
export function pathOf(file, option) {
  if (typeof file === 'string') return file;
  if (file.protocol === 'file:') return fileURLToPath(file);
  throw new SerfiqError('invalid-option', `${option} is ${file.href}; expected a path, a file: URL, or the file's bytes. Nothing is fetched in Node.`);
}

/**
 * Reads a file; if that fails, says why in words.
 * @param {string} path
 * @param {(message: string) => Error} failure makes the error
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function readNamed(path, failure) {
  try {
    return await readFile(path);
  } catch (error) {
    throw failure(`${path} ${whyNot(error)}`);
  }
}

/** @param {unknown} error */
function whyNot(error) {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'does not exist. Check its name; relative paths begin at the current folder.';
    case 'EISDIR':
      return 'is a folder; expected a file.';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this process; check its permissions.';
    default:
      return `cannot be read: ${sentence(messageOf(error))}`;
  }
}

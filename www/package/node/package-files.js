/** This package's own files, read from the disk. */

import { readFile } from 'node:fs/promises';

import { assets } from '../assets.js';
import { SerfiqError } from '../errors.js';
import { messageOf, sentence } from '../worker/errors.js';

/** The engine's module. Its compiled code is shared by all threads. @returns {Promise<WebAssembly.Module>} */
export async function compiledEngine() {
  const url = assets.modules.cpu();
  const bytes = await read(url, 'engine-fetch');
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new SerfiqError('engine-fetch', `${url.href} is not a WebAssembly module: ${sentence(messageOf(error))} ${ADVICE}`);
  }
}

/** @param {string} file base name of a model's file */
export function modelFile(file) {
  return read(assets.models[file](), 'model-fetch');
}

const ADVICE = 'Install the package again; a bundler must leave it as it is.';

/** @param {URL} url @param {'engine-fetch' | 'model-fetch'} code of the error @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function read(url, code) {
  try {
    return await readFile(url);
  } catch (error) {
    throw new SerfiqError(code, `A file of the package cannot be read: ${sentence(messageOf(error))} ${ADVICE}`);
  }
}

import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

import { settings } from './settings.mjs';

/** File names of all portraits, in order. @returns {Promise<string[]>} */
export async function portraitNames() {
  const names = (await readdir(settings.portraits)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort();
  if (names.length === 0) throw new Error(`${settings.portraits} holds no pictures: expected the test portraits`);
  return names;
}

/** @param {string} name */
export function portrait(name) {
  return readFile(join(settings.portraits, name));
}

/**
 * @typedef {object} Answer
 * @property {string} status
 * @property {string} model
 * @property {string} model_sha256
 * @property {{ box: number[], raw: number, quality: number | null, std_error: number | null }[]} faces
 */

/**
 * Returns the native command line's answers for portraits, by file name.
 * @param {string[]} names
 * @param {string[]} options such as `['--method', 'limit']`
 * @returns {Promise<Record<string, Answer>>}
 */
export async function scoreNatively(names, options) {
  const paths = names.map((name) => join(settings.portraits, name));
  const { stdout } = await promisify(execFile)(settings.cli, ['score', '--format', 'jsonl', ...options, ...paths]);
  const answers = stdout.trim().split('\n').map((line) => JSON.parse(line));
  return Object.fromEntries(answers.map((answer) => [basename(answer.path), answer]));
}

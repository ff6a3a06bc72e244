/** The program `serfiq` of the npm package: scores files from the command line, as `serfiq score` of the native program does. */

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { SerfiqError } from '../errors.js';
import { sentence } from '../worker/errors.js';
import { createEngine } from './engine.js';

/** @import { Scored } from '../types.js' */
/** @import { Engine } from './engine.js' */

const HELP = `\
Score how useful face pictures (JPEG, PNG, WebP) are for face recognition.

Examples:
  npx serfiq photo.jpg                   # path, quality of 0 to 100, and "accepted" or what is wrong
  npx serfiq --threshold 60 *.jpg        # accepts a quality of 60 or more, if nothing else is wrong
  npx serfiq --json photo.jpg            # one JSON object a picture, with everything that was measured

Usage: serfiq [options] <picture>...

Options:
  --threshold <score>   the minimum accepted quality, 0 to 100 [default: 50]
  --json                print one JSON object a picture
  -h, --help            print this help
  -V, --version         print the version

Exit status: 0 if every picture was read, 1 if some were not (the others are still scored), 2 if the arguments are wrong or the engine
failed.
`;

/** The exit statuses, those of the native program. */
export const [ALL_READ, SOME_NOT_READ, FAILED] = [0, 1, 2];

/** The exit status after an error of one picture, which does not end the batch. Any other error concerns every picture. */
const STATUS_AFTER = new Map([
  ['unreadable-image', SOME_NOT_READ],
  ['not-finite', SOME_NOT_READ],
  // The picture ended two threads. The next one is scored by a new thread.
  ['engine-died', FAILED],
]);

/**
 * Runs the program, and returns its exit status.
 * @param {string[]} words its arguments
 */
export async function run(words) {
  /** @type {Engine | undefined} */
  let engine;
  try {
    const { values, positionals: paths } = parse(words);
    if (values.help) return print(HELP);
    if (values.version) return print(`serfiq ${await version()}\n`);
    const threshold = values.threshold === undefined ? undefined : numberOf(values.threshold);
    if (paths.length === 0) throw new SerfiqError('invalid-option', 'No picture is named; expected one or more paths.');
    engine = await createEngine();
    return await scoreAll(engine, paths, threshold, values.json ? jsonOf : lineOf);
  } catch (error) {
    if (!(error instanceof SerfiqError)) throw error;
    complain(error.code === 'invalid-option' ? `${error.message} \`serfiq --help\` has examples.` : error.message);
    return FAILED;
  } finally {
    engine?.close();
  }
}

/** @param {string[]} words */
function parse(words) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        threshold: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'V' },
      },
    });
  } catch (error) {
    throw new SerfiqError('invalid-option', sentence(/** @type {Error} */ (error).message));
  }
}

/** @param {string} text */
function numberOf(text) {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw new SerfiqError('invalid-option', `--threshold is '${text}'; expected a number from 0 to 100.`);
}

/** @returns {Promise<string>} */
async function version() {
  return JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')).version;
}

/**
 * Scores the pictures, and prints the results in order, each as soon as those before it are printed.
 * @param {Engine} engine @param {string[]} paths @param {number | undefined} threshold
 * @param {(path: string, result: Scored | SerfiqError, engine: Engine, threshold?: number) => string} format
 */
async function scoreAll(engine, paths, threshold, format) {
  const guide = threshold === undefined ? undefined : { score: { limit: threshold, margin: 0 } };
  // Every error is caught at once, because an error that waits for its turn would end the process.
  const results = paths.map((path) => engine.score(path, { guide }).catch((/** @type {SerfiqError} */ error) => error));
  let status = ALL_READ;
  for (const [i, path] of paths.entries()) {
    const result = await results[i];
    if (result instanceof Error) {
      const after = STATUS_AFTER.get(result.code);
      if (after === undefined) throw result;
      complain(result.message.startsWith(path) ? result.message : `${path}: ${result.message}`);
      status = Math.max(status, after);
    }
    print(`${format(path, result, engine, threshold)}\n`);
  }
  return status;
}

/** @param {string} path @param {Scored | SerfiqError} result */
function lineOf(path, result) {
  if (result instanceof SerfiqError) return [path, '-', 'unreadable'].join('\t');
  const { faces, accepted, issues } = result;
  const quality = faces[0]?.quality?.toFixed(1) ?? '-';
  return [path, quality, accepted ? 'accepted' : issues.join(', ').replaceAll('_', ' ')].join('\t');
}

/**
 * Returns a record with the keys of the native program's.
 * @param {string} path @param {Scored | SerfiqError} result @param {Engine} engine @param {number | undefined} threshold
 */
function jsonOf(path, result, { info }, threshold = info.guide.ofPhoto.score?.limit) {
  if (!(result instanceof SerfiqError)) {
    const { milliseconds, ...record } = result;
    return JSON.stringify({ path, ...record });
  }
  const { model, modelSha256, defaultMethod: method, dropout } = info;
  const run = { model, model_sha256: modelSha256, method, passes: null, seed: null, dropout, threshold };
  return JSON.stringify({ path, status: 'unreadable', ...run, faces: [], error: result.message });
}

/** @param {string} text */
function print(text) {
  process.stdout.write(text);
  return ALL_READ;
}

/** @param {string} message */
export function complain(message) {
  process.stderr.write(`serfiq: ${message}\n`);
}

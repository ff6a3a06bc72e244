import { execFile } from 'node:child_process';
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs a program, and returns its output; fails with all that it printed. @param {string} program @param {string[]} words @param {string} cwd */
export async function run(program, words, cwd) {
  try {
    // On Windows npm is a script, which only a shell can start.
    return (await promisify(execFile)(program, words, { cwd, shell: program.endsWith('.cmd') })).stdout;
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    throw new Error(`${program} ${words.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** @param {string[]} words @param {string} cwd */
export function npm(words, cwd) {
  return run(NPM, words, cwd);
}

/**
 * Copies a project, and installs the packages of its lock file, unless they are as new as that.
 * @param {string} source @param {string} folder may exist from the last run
 */
export async function copyProject(source, folder) {
  const modified = (/** @type {string} */ path) => stat(path).then(({ mtimeMs }) => mtimeMs, () => 0);
  for (const name of await readdir(source)) await rm(join(folder, name), { recursive: true, force: true });
  const [locked, installed] = [
    await modified(join(source, 'package-lock.json')),
    await modified(join(folder, 'node_modules/.package-lock.json')),
  ];
  await cp(source, folder, { recursive: true });
  if (installed < locked) await npm(['ci', '--no-audit', '--no-fund'], folder);
}

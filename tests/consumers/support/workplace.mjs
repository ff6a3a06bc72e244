import { execFile } from 'node:child_process';
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCES = fileURLToPath(new URL('../app/', import.meta.url));
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** A copy of `app/` with the packed package installed in the usual way. */
export class Workplace {
  /** The copy. */
  folder;

  /** For `prepare` only. @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** @param {string} folder may exist from the last run, and is then quick to update @param {string} archive */
  static async prepare(folder, archive) {
    const place = new Workplace(folder);
    for (const name of await readdir(SOURCES)) await rm(join(folder, name), { recursive: true, force: true });
    const modified = (/** @type {string} */ path) => stat(path).then(({ mtimeMs }) => mtimeMs, () => 0);
    const stamp = join(folder, 'node_modules/.package-lock.json');
    const [locked, installed] = [await modified(join(SOURCES, 'package-lock.json')), await modified(stamp)];
    await cp(SOURCES, folder, { recursive: true });
    if (installed < locked) await place.npm('ci', '--no-audit', '--no-fund');
    // During development, archives of the same version differ.
    await rm(join(folder, 'node_modules/serfiq'), { recursive: true, force: true });
    await place.npm('install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', archive);
    return place;
  }

  /** @param {string[]} names */
  path(...names) {
    return join(this.folder, ...names);
  }

  /** Where the package was installed. */
  get package() {
    return this.path('node_modules/serfiq');
  }

  /** @param {string[]} words */
  npm(...words) {
    return run(NPM, words, this.folder);
  }

  /** Runs a module in Node, and returns its output. @param {string} module */
  node(module) {
    return run(process.execPath, ['--input-type=module', '--eval', module], this.folder);
  }

  /** Builds a folder with Vite, and returns the output folder. @param {string} name */
  async vite(name) {
    await run(process.execPath, [this.path('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], this.path(name));
    return this.path(name, 'dist');
  }

  /** Checks files with TypeScript. @param {string[]} words */
  tsc(...words) {
    const compiler = this.path('node_modules/typescript/bin/tsc');
    const lib = 'es2023,dom,dom.iterable,dom.asynciterable';
    const options = ['--ignoreConfig', '--strict', '--noEmit', '--target', 'es2022', '--lib', lib];
    return run(process.execPath, [compiler, ...options, ...words], this.folder);
  }
}

/** @param {string} program @param {string[]} words @param {string} cwd */
async function run(program, words, cwd) {
  try {
    // On Windows npm is a script, which only a shell can start.
    return (await promisify(execFile)(program, words, { cwd, shell: program.endsWith('.cmd') })).stdout;
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    throw new Error(`${program} ${words.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

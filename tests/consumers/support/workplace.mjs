import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { copyProject, npm, run } from './run.mjs';

const SOURCES = fileURLToPath(new URL('../app/', import.meta.url));

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
    await copyProject(SOURCES, folder);
    // During development, archives of the same version differ.
    await rm(join(folder, 'node_modules/serfiq'), { recursive: true, force: true });
    await npm(['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', archive], folder);
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

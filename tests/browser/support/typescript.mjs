import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';

/** The compiler, as npm installed it here. */
const COMPILER = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** What the modules may take for granted, in a page and in a worker of it. */
export const STRICT = [
  '--allowJs', '--checkJs', '--strict', '--noEmit', '--noImplicitOverride',
  '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler',
  '--lib', 'es2023,dom,dom.iterable,dom.asynciterable,esnext.disposable',
];

/** Writes the declarations of modules, as the package has them. @param {string[]} files @param {string} source @param {string} into */
export function declare(files, source, into) {
  const options = STRICT.filter((option) => option !== '--noEmit' && option !== '--checkJs');
  return complaints([...options, '--declaration', '--emitDeclarationOnly', '--skipLibCheck', '--rootDir', source, '--outDir', into], files);
}

/** What the compiler says is wrong; empty if nothing is. @param {string[]} options @param {string[]} files @returns {Promise<string>} */
export async function complaints(options, files) {
  try {
    await promisify(execFile)(process.execPath, [COMPILER, '--ignoreConfig', '--pretty', 'false', ...options, ...files]);
    return '';
  } catch (error) {
    return /** @type {{ stdout: string }} */ (error).stdout || String(error);
  }
}

/** Every module and declaration below a folder that was written by hand. @param {string} folder @returns {Promise<string[]>} */
export async function modulesIn(folder) {
  const names = await readdir(folder, { recursive: true });
  // What wasm-bindgen writes has its types in a file beside it.
  const generated = join('serfiq', 'pkg') + sep;
  return names.filter((name) => /\.(js|d\.ts)$/.test(name) && !name.startsWith(generated)).map((name) => join(folder, name)).sort();
}


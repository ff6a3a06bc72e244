import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';

/** The compiler that npm installed here. */
const COMPILER = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** Compiler options that fit modules in a page and in its worker. */
export const STRICT = [
  '--allowJs', '--checkJs', '--strict', '--noEmit', '--noImplicitOverride',
  '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler',
  '--lib', 'es2023,dom,dom.iterable,dom.asynciterable,esnext.disposable',
];

/** Further options for the modules that run in Node. */
export const IN_NODE = ['--types', 'node', '--typeRoots', dirname(dirname(createRequire(import.meta.url).resolve('@types/node/package.json')))];

/** Writes the declarations of modules, as in the package. @param {string[]} files @param {string} source @param {string} into */
export function declare(files, source, into) {
  const options = STRICT.filter((option) => option !== '--noEmit' && option !== '--checkJs');
  return complaints([...options, '--declaration', '--emitDeclarationOnly', '--skipLibCheck', '--rootDir', source, '--outDir', into], files);
}

/** Returns the compiler's errors; empty if there are none. @param {string[]} options @param {string[]} files @returns {Promise<string>} */
export async function complaints(options, files) {
  try {
    await promisify(execFile)(process.execPath, [COMPILER, '--ignoreConfig', '--pretty', 'false', ...options, ...files]);
    return '';
  } catch (error) {
    return /** @type {{ stdout: string }} */ (error).stdout || String(error);
  }
}

/** Whether a module of the package runs in Node, not in a browser. @param {string} path */
export function isForNode(path) {
  return path.includes(join(sep, 'serfiq', 'node', sep));
}

/** Returns every hand-written module and declaration below a folder. @param {string} folder @returns {Promise<string[]>} */
export async function modulesIn(folder) {
  const names = await readdir(folder, { recursive: true });
  // wasm-bindgen's output has its types in a file beside it.
  const generated = join('serfiq', 'pkg') + sep;
  return names.filter((name) => /\.(js|d\.ts)$/.test(name) && !name.startsWith(generated)).map((name) => join(folder, name)).sort();
}


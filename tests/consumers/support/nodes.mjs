import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { copyProject } from './run.mjs';

/** Whether the pinned programs run here. */
export const NODES_RUN_HERE = process.platform === 'linux' && process.arch === 'x64';

/** The versions, as they are named in `nodes/package.json`. */
export const VERSIONS = ['20', '22', '24'];

/** Installs the pinned versions of Node; returns where the program of a version is. @param {string} folder may exist from the last run */
export async function installNodes(folder) {
  await copyProject(fileURLToPath(new URL('../nodes/', import.meta.url)), folder);
  return (/** @type {string} */ version) => join(folder, `node_modules/node-${version}/bin/node`);
}

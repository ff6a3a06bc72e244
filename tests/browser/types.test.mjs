/** The types of everything that a visitor's browser runs, as developers of other pages get them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { settings } from './support/settings.mjs';
import { STRICT, complaints, modulesIn } from './support/typescript.mjs';

describe('types', () => {
  test('of the package and of the page are right', async () => {
    const modules = await modulesIn(settings.dist);
    assert.ok(modules.some((path) => path.endsWith(`serfiq${sep}index.js`)), `${settings.dist} holds no package`);
    assert.equal(await complaints(STRICT, modules), '');
  });

  test('an error would be found', async () => {
    assert.match(await complaints(STRICT, [fileURLToPath(import.meta.resolve('./support/wrong-types.js'))]), /wrong-types\.js\(\d+,\d+\): error TS2322/);
  });
});

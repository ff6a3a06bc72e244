/** The types of all code that runs in a visitor's browser, or in Node, as other developers get them. */

import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { settings } from './support/settings.mjs';
import { IN_NODE, STRICT, complaints, declare, isForNode, modulesIn } from './support/typescript.mjs';

/** Valid and invalid uses of the element. Compiled against the declarations, as other developers' pages are. */
const CONSUMER = `
import type { ElementProperties, SerfiqCaptureElement } from './capture/types.js';
const element: SerfiqCaptureElement = document.createElement('serfiq-capture');
const threshold: number | null = element.threshold;
element.threshold = 60;
element.backend = 'webgpu';
element.guide = { yaw: { limit: 20, margin: 3 } };
element.messages = { start: 'Go' };
const properties: Partial<ElementProperties> = { autoCapture: true, pictureType: 'image/png' };
Object.assign(element, properties, { threshold });
// @ts-expect-error a quality is a number
element.threshold = 'x';
// @ts-expect-error null must be reckoned with
const always: number = element.threshold;
// @ts-expect-error a backend that there is not
element.backend = 'gpu';
// @ts-expect-error a method that there is not
element.method = 'best';
// @ts-expect-error a setting that the guide does not have
element.guide = { jaw: { limit: 1, margin: 0 } };
// @ts-expect-error for reading
element.state = 'idle';
`;

describe('types', () => {
  test('of the package and of the page are right', async () => {
    // The types for frameworks need the frameworks: tests/consumers checks them.
    const modules = (await modulesIn(settings.dist)).filter((path) => !path.includes(join('capture', 'frameworks')));
    assert.ok(modules.some((path) => path.endsWith(`serfiq${sep}index.js`)), `${settings.dist} holds no package`);
    // Apart, because modules of a page must not use what only Node has.
    assert.equal(await complaints(STRICT, modules.filter((path) => !isForNode(path))), '');
    assert.equal(await complaints([...STRICT, ...IN_NODE], modules.filter(isForNode)), '');
  });

  test('of the element are precise, and say what each property is for', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'serfiq-types-'));
    t.after(() => rm(folder, { recursive: true }));
    const source = join(settings.dist, 'serfiq');
    const modules = (await modulesIn(source)).filter((path) => !path.startsWith(join(source, 'pkg')) && !isForNode(path));
    const written = modules.filter((path) => path.endsWith('.d.ts'));
    assert.equal(await declare(modules.filter((path) => path.endsWith('.js') && !written.includes(path.replace(/js$/, 'd.ts'))), source, folder), '');
    for (const path of written) {
      const copy = join(folder, path.slice(source.length));
      await mkdir(dirname(copy), { recursive: true });
      await copyFile(path, copy);
    }
    await writeFile(join(folder, 'consumer.ts'), CONSUMER);
    assert.equal(await complaints(STRICT, [join(folder, 'consumer.ts')]), '');
    const declared = await readFile(join(folder, 'capture', 'properties.d.ts'), 'utf8');
    assert.match(declared, /Minimum quality of a picture[^*]*\*\/\s*threshold: number \| null;/);
  });

  test('an error would be found', async () => {
    assert.match(await complaints(STRICT, [fileURLToPath(import.meta.resolve('./support/wrong-types.js'))]), /wrong-types\.js\(\d+,\d+\): error TS2322/);
  });
});

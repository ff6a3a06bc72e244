/** What is in the packed package, and what tools make of it. */

import assert from 'node:assert/strict';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { PROPERTIES } from '../../www/package/capture/properties.js';
import { run } from './support/run.mjs';
import { setting } from './support/settings.mjs';
import { Workplace } from './support/workplace.mjs';

/** The largest size of the archive in bytes: most of it are the models and three modules. */
const MAX_PACKED = 16_000_000;
/** The list of its files, which `SERFIQ_WRITE_DOCS=1` rewrites. */
const FILES = new URL('package-files.txt', import.meta.url);

/** @type {Workplace} */
let place;
before(async () => (place = await Workplace.prepare(setting('SERFIQ_CONSUMERS'), setting('SERFIQ_PACKAGE'))));

/** Returns the package's manifest. */
async function manifest() {
  return JSON.parse(await readFile(join(place.package, 'package.json'), 'utf8'));
}

/** Returns the package's `custom-elements.json`. */
async function customElements() {
  return JSON.parse(await readFile(join(place.package, (await manifest()).customElements), 'utf8'));
}

/** Returns the complaints of a tool, one a line; none if it succeeds. @param {string} program @param {string[]} words */
async function complaints(program, ...words) {
  const printed = await run(process.execPath, [place.path('node_modules', program), ...words], place.folder).catch(({ message }) => message);
  return printed.split('\n').filter((/** @type {string} */ line) => /error/i.test(line));
}

describe('the archive', () => {
  test('is no larger than it may be', async (t) => {
    const { size } = await stat(setting('SERFIQ_PACKAGE'));
    t.diagnostic(`${size} bytes`);
    assert.ok(size <= MAX_PACKED, `${size} bytes, expected at most ${MAX_PACKED}`);
  });

  test('has these files, and no others', async () => {
    const entries = await readdir(place.package, { recursive: true, withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(place.package.length + 1));
    const files = names.map((name) => name.split(sep).join('/')).sort();
    const modules = new Set(files.filter((name) => name.endsWith('.js')).map((name) => name.replace(/\.js$/, '.d.ts')));
    const undeclared = [...modules].filter((name) => !files.includes(name));
    assert.deepEqual(undeclared, [], 'every module has declarations');
    const list = files.filter((name) => !modules.has(name)).join('\n') + '\n';
    if (process.env.SERFIQ_WRITE_DOCS) await writeFile(FILES, list);
    assert.equal(list, await readFile(FILES, 'utf8'), 'tests/consumers/package-files.txt: SERFIQ_WRITE_DOCS=1 rewrites it');
  });

  test('is ready to be published with provenance, and needs no other package', async () => {
    const { name, version, license, repository, publishConfig, engines, bin, dependencies, scripts } = await manifest();
    assert.deepEqual([name, license, bin], ['serfiq', 'MIT OR Apache-2.0', { serfiq: 'node/bin.js' }]);
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(publishConfig, { access: 'public', provenance: true });
    // npm refuses the provenance of a package that names another repository than the one that builds it.
    const [, home] = /^repository = "(.+)"$/m.exec(await readFile(new URL('../../Cargo.toml', import.meta.url), 'utf8')) ?? [];
    assert.deepEqual(repository, { type: 'git', url: `git+${home}.git` });
    assert.equal(engines.node, '>=20');
    assert.deepEqual([dependencies, scripts], [undefined, undefined], 'nothing else is installed, and nothing runs at installation');
  });

  test('is what publint expects', async () => {
    const { publint } = await import(pathToFileURL(createRequire(place.path('index.js')).resolve('publint')).href);
    const { messages } = await publint({ pkgDir: place.package, strict: true, pack: false });
    assert.deepEqual(messages, []);
  });

  test('has types that resolve everywhere, says attw', async () => {
    // Older resolution knows no `exports`; CommonJS imports the package with `import()`.
    const printed = await run(process.execPath, [place.path('node_modules/@arethetypeswrong/cli/dist/index.js'), setting('SERFIQ_PACKAGE'), '--profile', 'esm-only', '--format', 'json'], place.folder);
    const { analysis, problems } = JSON.parse(printed);
    const ignored = ['node10', 'node16-cjs'];
    const found = (Object.values(problems ?? {}).flat()).filter((/** @type {any} */ { resolutionKind }) => !ignored.includes(resolutionKind));
    assert.deepEqual(found, []);
    for (const entry of ['.', './node', './capture', './react', './vue', './svelte']) {
      for (const how of ['node16-esm', 'bundler']) {
        assert.ok(analysis.entrypoints[entry].resolutions[how].resolution?.isTypeScript, `${entry} with ${how}`);
      }
    }
  });
});

describe('the element, for editors', () => {
  test('is described as the schema of custom-elements.json demands', async () => {
    const require = createRequire(place.path('index.js'));
    const { default: Ajv } = require('ajv');
    const validate = new Ajv({ strict: false }).compile(require('custom-elements-manifest/schema.json'));
    assert.ok(validate(await customElements()), JSON.stringify(validate.errors, null, 2));
  });

  test('is described with every property, event, slot, part and method', async () => {
    const { modules } = await customElements();
    const [element] = modules[0].declarations;
    assert.deepEqual([element.tagName, modules[0].path], ['serfiq-capture', 'capture/element.js']);
    const names = (/** @type {any[]} */ all) => all.map(({ name }) => name);
    assert.deepEqual(names(element.attributes), PROPERTIES.flatMap(({ attribute }) => attribute ?? []));
    const members = names(element.members);
    for (const name of [...PROPERTIES.map(({ property }) => property), 'state', 'engine', 'value', 'start', 'stop', 'capture']) {
      assert.ok(members.includes(name), name);
    }
    assert.ok(!members.some((name) => /Callback$|^#/.test(name)), members.join(', '));
    assert.deepEqual(names(element.events), ['serfiq-ready', 'serfiq-state', 'serfiq-frame', 'serfiq-hint', 'serfiq-capture', 'serfiq-error']);
    assert.deepEqual(names(element.slots), ['idle', 'privacy', 'captured', 'explanation', 'measures', 'footer']);
    assert.ok(names(element.cssParts).includes('shutter') && names(element.cssProperties).includes('--serfiq-accent'));
    const threshold = element.attributes.find((/** @type {any} */ { name }) => name === 'threshold');
    assert.deepEqual([threshold.type.text, threshold.fieldName], ['number | null', 'threshold']);
    for (const { path } of modules) await stat(join(place.package, path));
  });
});

describe('templates are checked', () => {
  test('in Vue: right ones pass, and every wrong attribute and event is found', async () => {
    const found = await complaints('vue-tsc/bin/vue-tsc.js', '--project', 'vue', '--pretty', 'false');
    assert.deepEqual(found.map((line) => line.split(',')[0]), ['vue/Wrong.vue(6', 'vue/Wrong.vue(7', 'vue/Wrong.vue(8'], found.join('\n'));
    assert.match(found[0], /'string' is not assignable to type 'number'/);
  });

  test('in Svelte: right ones pass, and every wrong attribute and event is found', async () => {
    const words = ['--workspace', 'svelte', '--tsconfig', './tsconfig.json', '--output', 'machine', '--threshold', 'error'];
    const found = (await complaints('svelte-check/bin/svelte-check', ...words)).filter((line) => line.includes(' ERROR '));
    const places = found.map((line) => /ERROR "(\w+\.svelte)" (\d+):/.exec(line)?.slice(1).join(':'));
    assert.deepEqual(places, ['Wrong.svelte:5', 'Wrong.svelte:6', 'Wrong.svelte:7', 'Wrong.svelte:8'], found.join('\n'));
  });
});

/** The page's texts: every language has all of them, and every text that the page uses exists. Needs no browser. */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const SITE = new URL('../../www/site/', import.meta.url);
const folder = new URL('messages/', SITE);
const files = (await readdir(folder)).filter((name) => name.endsWith('.js')).sort();
const languages = Object.fromEntries(
  await Promise.all(files.map(async (name) => [name.slice(0, -'.js'.length), flat(await load(new URL(name, folder)))])),
);

test('the languages that words.js offers are those that there are', async () => {
  const source = await readFile(new URL('words.js', SITE), 'utf8');
  const offered = [...source.matchAll(/^ {2}(\w+): \{ direction: '(ltr|rtl)', name: '.+' \},$/gm)].map(([, tag]) => tag);
  assert.deepEqual(offered.sort(), Object.keys(languages).sort());
});

for (const [tag, texts] of Object.entries(languages)) {
  test(`${tag} has the same keys as English, all with words, and the same gaps in each`, () => {
    assert.deepEqual([...texts.keys()].sort(), [...languages.en.keys()].sort());
    for (const [key, text] of texts) {
      assert.ok(typeof text === 'string' && text.trim() !== '', `${key} is empty`);
      assert.deepEqual(gaps(text), gaps(languages.en.get(key) ?? ''), `gaps of ${key}: ${text}`);
    }
  });
}

test('no language repeats the English sentences', () => {
  for (const [tag, texts] of Object.entries(languages)) {
    if (tag === 'en') continue;
    const repeated = [...texts].filter(([key, text]) => text.split(' ').length > 3 && text === languages.en.get(key)).map(([key]) => key);
    assert.deepEqual(repeated, [], `${tag} is English here`);
  }
});

test('every instruction of the guide has words', async () => {
  const types = await readFile(new URL('../package/types.js', SITE), 'utf8');
  const [, union] = /@typedef \{('[^}]+)\} Instruction/.exec(types) ?? [];
  const instructions = [...(union ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name);
  assert.ok(instructions.length > 20, `only ${instructions.length} instructions in types.js`);
  const told = [...languages.en.keys()].filter((key) => key.startsWith('faults.')).map((key) => key.slice('faults.'.length));
  assert.deepEqual(told.sort(), instructions.sort());
});

for (const [what, file, type, path] of /** @type {const} */ ([
  ['reason why a picture is unreadable', '../package/errors.js', 'UnreadableReason', 'unreadable.'],
  ['reason why WebGPU is not in use', '../package/types.js', 'FallbackCode', 'status.fallbacks.'],
])) {
  test(`every ${what} has words`, async () => {
    const source = await readFile(new URL(file, SITE), 'utf8');
    const [, union] = new RegExp(`@typedef \\{('[^}]+)\\} ${type}\\b`).exec(source) ?? [];
    const reasons = [...(union ?? '').matchAll(/'([\w-]+)'/g)].map(([, name]) => name);
    assert.ok(reasons.length > 5, `only ${reasons.length} in ${file}`);
    // `engine-died` has its own sentence.
    assert.deepEqual(reasons.filter((name) => name !== 'engine-died' && !languages.en.has(path + name)), []);
  });
}

test('no module awaits at its top level: Safari does not always wait for it', async () => {
  // Modules for Node are in no page.
  const isOfAPage = (/** @type {string} */ name) => name.endsWith('.js') && !name.startsWith(join('package', 'node'));
  const modules = (await readdir(new URL('..', SITE), { recursive: true })).filter(isOfAPage);
  const waiting = [];
  for (const name of modules) {
    const source = await readFile(new URL(`../${name}`, SITE), 'utf8');
    if (/^(?! |\/?\*).*\bawait\b/m.test(source)) waiting.push(name);
  }
  assert.ok(modules.length > 40);
  assert.deepEqual(waiting, []);
});

test('every word that index.html asks for is there', async () => {
  const page = await readFile(new URL('index.html', SITE), 'utf8');
  const asked = [...page.matchAll(/data-(?:text|label)="([^"]+)"/g)].map(([, path]) => path);
  const lists = [...page.matchAll(/data-list="([^"]+)"/g)].map(([, path]) => `${path}.0`);
  assert.ok(asked.length > 50 && lists.length > 2, 'index.html asks for hardly anything');
  assert.deepEqual([...asked, ...lists].filter((path) => !languages.en.has(path)), []);
});

/** Loads a module of the page; no package.json there tells Node its type. @param {URL} file @returns {Promise<object>} */
async function load(file) {
  return (await import(`data:text/javascript,${encodeURIComponent(await readFile(file, 'utf8'))}`)).default;
}

/**
 * Every text by its path.
 * @param {object} words
 * @param {string} [prefix]
 * @returns {Map<string, string>}
 */
function flat(words, prefix = '') {
  return new Map(
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'object' ? [...flat(value, `${prefix}${key}.`)] : [/** @type {[string, string]} */ ([prefix + key, value])],
    ),
  );
}

/** @param {string} text */
function gaps(text) {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
}

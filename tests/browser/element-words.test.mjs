/**
 * The words of `<serfiq-capture>`: every language has all of them, every camera error has some, and none makes promises for the page.
 * Needs no browser.
 */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { describe, test } from 'node:test';

const PACKAGE = new URL('../../www/package/', import.meta.url);
const names = (await readdir(new URL('capture/messages/', PACKAGE))).filter((name) => name.endsWith('.js'));
/** @type {Record<string, any>} */
const languages = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name.slice(0, -3), (await import(new URL(`capture/messages/${name}`, PACKAGE).href)).default])),
);
/** May be empty: the state needs no second line, or the page supplies the text. */
const EMPTY = new Set(['privacy', 'states.running.text', 'states.captured.text']);

for (const [tag, words] of Object.entries(languages)) {
  describe(tag, () => {
    test('has the same keys as English, with words', () => {
      const texts = flat(words);
      assert.deepEqual([...texts.keys()].sort(), [...flat(languages.en).keys()].sort());
      for (const [key, text] of texts) assert.equal(text.trim() === '', EMPTY.has(key), key);
    });

    test('says what to do about every fault of a camera', async () => {
      const codes = (await readFile(new URL('errors.js', PACKAGE), 'utf8')).match(/(?<=`)camera-[a-z-]+(?=`)/g) ?? [];
      assert.ok(codes.length >= 7, codes.join());
      for (const code of codes) assert.ok(words.errors[code]?.title && words.errors[code].text, code);
    });

    test('says why a photo cannot be read, for every reason', async () => {
      const source = await readFile(new URL('errors.js', PACKAGE), 'utf8');
      const [, union] = /@typedef \{('[^}]+)\} UnreadableReason\b/.exec(source) ?? [];
      const reasons = [...(union ?? '').matchAll(/'([\w-]+)'/g)].map(([, reason]) => reason);
      assert.deepEqual(Object.keys(words.unreadable).sort(), reasons.sort());
    });

    test('explains a score and an unreadable photo in the words of the page', async () => {
      const page = (await import(new URL(`../../www/site/messages/${tag}.js`, import.meta.url).href)).default;
      for (const part of ['explanation', 'unreadable']) {
        for (const [key, text] of flat(words[part])) assert.equal(text, flat(page[part]).get(key), key);
      }
    });

    test('promises nothing for the page: it may well send the picture away', () => {
      for (const [key, text] of flat(words)) assert.doesNotMatch(text, /leaves?\b|verlässt|quitte|sale de|تغادر|يغادر|يخرج/i, key);
    });
  });
}

/** Every text by its path. @param {object} words @param {string} [prefix] @returns {Map<string, string>} */
function flat(words, prefix = '') {
  return new Map(
    Object.entries(words).flatMap(([key, value]) => (typeof value === 'object' ? [...flat(value, `${prefix}${key}.`)] : [[`${prefix}${key}`, value]])),
  );
}

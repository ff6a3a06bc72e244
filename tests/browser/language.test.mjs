/** The element's language: tags, including invalid ones, and digits. Needs no browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { speak } from '../../www/package/capture/language.js';

const OWN = { start: 'Go' };

for (const [wishes, tag, start] of /** @type {[string[], string, string][]} */ ([
  [['de-AT', 'en'], 'de-AT', 'Kamera starten'],
  [['de_AT'], 'de-AT', 'Kamera starten'],
  [['de_DE.UTF-8', 'fr'], 'de-DE', 'Kamera starten'],
  [['FR'], 'fr', 'Démarrer la caméra'],
  [['C', 'de'], 'de', 'Kamera starten'],
  [['C'], 'en', 'Start camera'],
  [['', 'not a tag', 'constructor'], 'en', 'Start camera'],
  [[], 'en', 'Start camera'],
])) {
  test(`${JSON.stringify(wishes)} is ${tag}`, async () => {
    const language = await speak(wishes, null);
    assert.deepEqual([language.tag, language.words.start], [tag, start]);
    assert.equal(language.number(12.5).length, 4);
  });
}

for (const [wish, tag] of [['en_US', 'en-US'], ['C', 'en'], ['nl_NL', 'nl-NL'], ['x', 'en']]) {
  test(`own words are kept where the tag is '${wish}'`, async () => {
    const language = await speak([wish], OWN);
    assert.deepEqual([language.tag, language.words.start], [tag, 'Go']);
    assert.ok(language.number(3));
  });
}

test('built-in languages have Latin digits, as their texts have; others have their own', async () => {
  for (const tag of ['ar', 'ar-EG', 'ar-SA', 'ar-EG-u-nu-arab']) assert.equal((await speak([tag], null)).number(92), '92', tag);
  assert.equal((await speak(['fa'], OWN)).number(92), '۹۲');
});

for (const tag of ['en', 'de', 'fr', 'es', 'ar']) {
  test(`${tag}: when the time is up, the words are those of the hint that was shown most of the time`, async () => {
    const language = await speak([tag], null);
    const { hints, errors } = language.words;
    for (const [instruction, hint] of Object.entries(hints)) {
      const { title, text } = language.errorOf('no-good-picture', /** @type {any} */ (instruction));
      assert.equal(title, errors['no-good-picture'].title);
      assert.ok(text.includes(hint) && text.length > hint.length + 10 && !/[{}]/.test(text), text);
    }
    assert.deepEqual(language.errorOf('no-good-picture', null), errors['no-good-picture'], 'nothing was wrong most of the time');
    assert.deepEqual(language.errorOf('camera-none', 'too_dark'), errors['camera-none'], 'another error');
    assert.deepEqual(language.errorOf('nobody-knows-it', null), errors.other);
  });
}

test('own words of a hint are those of the error, too', async () => {
  const language = await speak(['en'], /** @type {any} */ ({ hints: { too_dark: 'Switch on the lamp' }, mostlyWrong: 'Mostly: {hint}.' }));
  assert.equal(language.errorOf('no-good-picture', 'too_dark').text, 'Mostly: Switch on the lamp.');
});

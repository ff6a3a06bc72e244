/** The files of a page's own recogniser: names and addresses. Needs no browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ownFiles } from '../../www/package/own-recogniser.js';

/** The only part of a document that is used. */
Object.assign(globalThis, { document: { baseURI: 'https://page.example/app/index.html?lang=de' } });

test('addresses are relative to the document, and name the file', () => {
  for (const [onnx, at, name] of /** @type {[string | URL, string, string][]} */ ([
    ['mine.onnx', 'https://page.example/app/mine.onnx', 'mine.onnx'],
    ['/models/mine%20own.v2.onnx?version=3#top', 'https://page.example/models/mine%20own.v2.onnx?version=3#top', 'mine own.v2.onnx'],
    [new URL('https://cdn.example/a/b.onnx'), 'https://cdn.example/a/b.onnx', 'b.onnx'],
    ['https://cdn.example/%E0%A4.onnx', 'https://cdn.example/%E0%A4.onnx', '%E0%A4.onnx'],
    ['https://cdn.example/models/', 'https://cdn.example/models/', 'recogniser.onnx'],
    ['blob:https://page.example/0f2c', 'blob:https://page.example/0f2c', 'recogniser.onnx'],
    ['data:application/octet-stream;base64,AAAA/mine.onnx', 'data:application/octet-stream;base64,AAAA/mine.onnx', 'recogniser.onnx'],
  ])) {
    assert.deepEqual(ownFiles({ onnx }), { onnx: { name, at }, card: '', licence: null, author: null });
  }
});

test('a file goes as it is, under its own name if it has one', () => {
  const [file, blob] = [new File(['network'], 'mine.onnx'), new Blob(['network'])];
  assert.deepEqual(ownFiles({ onnx: file }).onnx, { name: 'mine.onnx', at: file });
  assert.deepEqual(ownFiles({ onnx: blob }).onnx, { name: 'recogniser.onnx', at: blob });
});

test('a card is an object, an address or a file', () => {
  const card = (/** @type {any} */ value) => ownFiles({ onnx: 'mine.onnx', card: value });
  assert.equal(card({ input: { mean: 127 } }).card, '[input]\nmean = 127\n');
  assert.deepEqual(card({ licence: 'MIT', author: 'Somebody' }), {
    ...ownFiles({ onnx: 'mine.onnx' }), card: 'licence = "MIT"\nauthor = "Somebody"\n', licence: 'MIT', author: 'Somebody',
  });
  assert.deepEqual(card('mine.toml').card, { name: 'mine.toml', at: 'https://page.example/app/mine.toml' });
  const [file, blob] = [new File([''], 'mine.toml'), new Blob([''])];
  assert.deepEqual(card(file).card, { name: 'mine.toml', at: file });
  assert.deepEqual(card(blob).card, { name: 'the card', at: blob });
  assert.equal(card(null).card, '');
});

for (const [recogniser, message] of /** @type {[any, RegExp][]} */ ([
  ['mine.onnx', /recogniser is 'mine\.onnx'; expected an object \{ onnx, card \}/],
  [null, /recogniser is of type object; expected an object/],
  [{}, /recogniser\.onnx is of type undefined; expected an address or a Blob/],
  [{ onnx: new Uint8Array(3) }, /recogniser\.onnx is of type object/],
  [{ onnx: 'https://[' }, /recogniser\.onnx is 'https:\/\/\['; expected an address such as/],
  [{ onnx: 'mine.onnx', card: 7 }, /recogniser\.card is 7; expected an object, an address or a Blob/],
  [{ onnx: 'mine.onnx', card: '[input]\nmean = 127\n' }, /recogniser\.card is the text of a card; expected its address/],
  [{ onnx: 'mine.onnx', cards: {} }, /no 'cards' in recogniser; expected onnx or card/],
])) {
  test(`refuses ${message.source}`, () => {
    assert.throws(() => ownFiles(recogniser), { name: 'SerfiqError', code: 'invalid-option', message });
  });
}

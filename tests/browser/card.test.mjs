/** A recogniser's card, from an object to TOML: no browser needed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tomlOf } from '../../www/package/card.js';

test('tables follow the values of the card itself, wherever they stand in the object', () => {
  const card = {
    input: { colour: 'bgr', mean: 127.5, scale: 1 / 128 },
    name: 'mine',
    dropout: { probability: 0.4 },
    licence: 'MIT',
  };
  assert.equal(
    tomlOf(/** @type {any} */ (card)),
    'name = "mine"\nlicence = "MIT"\n[input]\ncolour = "bgr"\nmean = 127.5\nscale = 0.0078125\n[dropout]\nprobability = 0.4\n',
  );
});

test('the percentiles of a calibration are a table of their own, with arrays', () => {
  const percentiles = { of: 'LFW, View 1', at: [0, 50, 100], raw: [0.5, 0.9, 0.95] };
  assert.equal(
    tomlOf({ calibration: { percentiles, alpha: 140, r: 0.9, k: 116 }, name: 'mine' }),
    'name = "mine"\n[calibration]\nalpha = 140\nr = 0.9\nk = 116\n[calibration.percentiles]\nof = "LFW, View 1"\nat = [0, 50, 100]\nraw = [0.5, 0.9, 0.95]\n',
  );
});

test('what is undefined or null is left out', () => {
  assert.equal(tomlOf({}), '');
  assert.equal(tomlOf(/** @type {any} */ ({ name: undefined, author: null, input: undefined, calibration: null })), '');
  assert.equal(tomlOf({ dropout: { node: undefined } }), '[dropout]\n');
});

test('numbers are as TOML has them', () => {
  for (const [mean, text] of /** @type {[number, string][]} */ ([
    [0, '0'],
    [-0, '0'],
    [127, '127'],
    [-1.5, '-1.5'],
    [1e-7, '1e-7'],
    [1e21, '1e+21'],
  ])) {
    assert.equal(tomlOf({ input: { mean } }), `[input]\nmean = ${text}\n`);
  }
});

test('text is escaped as TOML wants it', () => {
  for (const [name, text] of [
    ['a "b" \\ c', '"a \\"b\\" \\\\ c"'],
    ['a\nb\tc\rd\be\ff', '"a\\nb\\tc\\rd\\be\\ff"'],
    ['\u0000\u001f', '"\\u0000\\u001f"'],
    ['\u007f', '"\\u007F"'],
    ["[input]' # é 你 😀", '"[input]\' # é 你 😀"'],
  ]) {
    assert.equal(tomlOf({ name }), `name = ${text}\n`);
  }
});

test('keys that nobody knows are for the engine to refuse, and cannot pass for others', () => {
  const card = { 'na me': 'x', 'a"\n[input]': 'y', input: { 'colour.x': 'rgb' } };
  assert.equal(tomlOf(/** @type {any} */ (card)), '"na me" = "x"\n"a\\"\\n[input]" = "y"\n[input]\n"colour.x" = "rgb"\n');
});

for (const [card, message] of /** @type {[any, RegExp][]} */ ([
  [{ input: { mean: NaN } }, /card\.input\.mean is NaN; expected a string, a finite number or an array/],
  [{ calibration: { alpha: Infinity } }, /card\.calibration\.alpha is Infinity/],
  [{ input: { mean: [127, NaN, 127] } }, /card\.input\.mean is an array/],
  [{ input: { mean: [[127]] } }, /card\.input\.mean is an array/],
  [{ input: { mean: { red: true } } }, /card\.input\.mean\.red is true/],
  [{ input: { colour: ['rgb'] } }, /card\.input\.colour is an array/],
  [{ name: true }, /card\.name is true/],
  [{ name: 7n }, /card\.name is 7/],
  [{ name: () => {} }, /card\.name is/],
  [{ licence: new Date(0) }, /card\.licence is an object/],
  [[], /recogniser\.card is an array; expected an object/],
  [7, /recogniser\.card is 7/],
])) {
  test(`refuses ${message.source}`, () => {
    assert.throws(() => tomlOf(card), { name: 'SerfiqError', code: 'invalid-option', message });
  });
}

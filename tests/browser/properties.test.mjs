/** The properties of `<serfiq-capture>`: what is generated from their table, and what must match it elsewhere. Needs no browser. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';

import { defineAccessors, readProperties, upgradeProperties } from '../../www/package/capture/attributes.js';
import { SerfiqCaptureElement } from '../../www/package/capture/element.js';
import { PROPERTIES } from '../../www/package/capture/properties.js';

/** @typedef {import('../../www/package/capture/properties.js').PropertyRow} PropertyRow */

const PACKAGE = new URL('../../www/package/', import.meta.url);
const DOCS = new URL('../../docs/', import.meta.url);

/** A value other than the default, and the attribute it sets. @type {Record<PropertyRow['kind']['is'], (row: any) => [unknown, string]>} */
const OTHER = {
  flag: () => [true, ''],
  switch: () => [false, 'false'],
  number: ({ kind: { max } }) => [max, String(max)],
  choice: ({ kind: { values } }) => [values.at(-1), values.at(-1)],
  text: () => ['words', 'words'],
  object: () => [{ start: 'an object' }, ''],
};

/** The parts of an element that the accessors need. @returns {any} */
function makeElement() {
  class Fake {
    attributes = new Map();
    /** @type {string[]} */
    set = [];
    /** @param {string} name */
    getAttribute(name) {
      return this.attributes.get(name) ?? null;
    }
    /** @param {string} name @param {string} value */
    setAttribute(name, value) {
      this.attributes.set(name, value);
    }
    /** @param {string} name */
    removeAttribute(name) {
      this.attributes.delete(name);
    }
    /** @param {string} name @param {boolean} there */
    toggleAttribute(name, there) {
      if (there) this.attributes.set(name, '');
      else this.attributes.delete(name);
    }
  }
  defineAccessors(/** @type {any} */ (Fake.prototype), (element, { property }) => /** @type {any} */ (element).set.push(property));
  return new Fake();
}

describe('the table', () => {
  test('names properties and attributes as HTML does, and says what applies where nothing is set', () => {
    for (const { property, attribute, kind, default: otherwise, unset } of PROPERTIES) {
      const kebab = property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      assert.equal(attribute, kind.is === 'object' ? null : kebab);
      assert.equal(otherwise === null, unset !== undefined, `${property}: words for null, and only for that`);
    }
  });

  test('makes the attributes that the element observes, and an accessor of each property', () => {
    const kebab = PROPERTIES.flatMap(({ attribute }) => attribute ?? []);
    const together = kebab.map((attribute) => attribute.replaceAll('-', ''));
    assert.deepEqual([...SerfiqCaptureElement.observedAttributes].sort(), [...new Set([...kebab, ...together])].sort());
    for (const { property } of PROPERTIES) {
      const { get, set } = Object.getOwnPropertyDescriptor(SerfiqCaptureElement.prototype, property) ?? {};
      assert.ok(get && set, property);
    }
  });

  test('is what the types say, word for word', async () => {
    const source = await readFile(new URL('capture/properties.js', PACKAGE), 'utf8');
    const [, typedef] = /@typedef \{object\} ElementProperties\n([^]*?)\n \*\//.exec(source) ?? [];
    const expected = PROPERTIES.map(
      ({ property, type, description, unset }) => ` * @property {${type}} ${property} ${description}${unset ? ` Null for ${unset}.` : ''}`,
    ).join('\n');
    assert.equal(typedef, expected, `properties.js: expected of ElementProperties\n${expected}\n`);
  });

  test('is what docs/capture.md says, word for word', async () => {
    const docs = await readFile(new URL('capture.md', DOCS), 'utf8');
    const [found] = /\| attribute \| property [^]*?(?=\n\n)/.exec(docs) ?? [];
    const expected = ['| attribute | property | values | default | takes effect | meaning |', '|---|---|---|---|---|---|', ...PROPERTIES.map(documented)].join('\n');
    assert.equal(found, expected, `docs/capture.md: expected this table\n${expected}\n`);
  });
});

describe('a property', () => {
  for (const row of PROPERTIES) {
    const { property, attribute, kind, default: otherwise } = row;
    test(`${property} keeps what it is set to`, () => {
      const element = makeElement();
      const [value, text] = OTHER[kind.is](row);
      assert.equal(element[property], otherwise);
      element[property] = value;
      assert.equal(element[property], value);
      assert.equal(readProperties(element)[property], value);
      assert.deepEqual([...element.attributes], attribute === null ? [] : [[attribute, text]]);
      assert.deepEqual(element.set, attribute === null ? [property] : [], 'the browser tells of attributes');
      element[property] = kind.is === 'flag' ? false : null;
      assert.equal(element[property], otherwise);
      assert.deepEqual([...element.attributes], []);
    });

    if (attribute?.includes('-')) {
      test(`${property} is understood as frameworks write it on a server`, () => {
        const element = makeElement();
        const [value, text] = OTHER[kind.is](row);
        const together = property.toLowerCase();
        element.setAttribute(together, text);
        assert.equal(element[property], value);
        assert.equal(readProperties(element)[property], value);
        // A value set later replaces it, in the documented spelling.
        element[property] = kind.is === 'flag' ? false : null;
        assert.deepEqual([...element.attributes], []);
        element.setAttribute(together, text);
        element[property] = value;
        assert.deepEqual([...element.attributes], [[attribute, text]]);
        element.setAttribute(together, 'another');
        assert.equal(element[property], value, 'the documented spelling wins');
      });
    }

    test(`${property} may be set before the element is defined`, () => {
      const element = makeElement();
      const [value] = OTHER[kind.is](row);
      Object.defineProperty(element, property, { value, configurable: true, enumerable: true, writable: true });
      upgradeProperties(element);
      assert.ok(!Object.hasOwn(element, property), 'hides its accessor');
      assert.equal(element[property], value);
      assert.equal(attribute !== null && element.attributes.has(attribute), attribute !== null);
    });
  }

  test('that makes no sense is refused in words', () => {
    for (const [attribute, value, message] of [
      ['threshold', 'high', "The attribute threshold is 'high'; expected a number from 0 to 100."],
      ['threshold', '', "The attribute threshold is ''; expected a number from 0 to 100."],
      ['passes', '1', "The attribute passes is '1'; expected a number from 2 to 1000."],
      ['timelimit', '3601', "The attribute timelimit is '3601'; expected a number from 0 to 3600."],
      ['time-limit', '3601', "The attribute time-limit is '3601'; expected a number from 0 to 3600."],
      ['method', 'best', "The attribute method is 'best'; expected 'mc' or 'limit'."],
      ['mirrored', 'yes', "The attribute mirrored is 'yes'; expected 'true' or 'false'."],
      ['backend', 'gpu', "The attribute backend is 'gpu'; expected 'auto' or 'webgpu' or 'cpu'."],
    ]) {
      const element = makeElement();
      element.setAttribute(attribute, value);
      assert.throws(() => readProperties(element), { code: 'invalid-option', message });
    }
  });
});

/** Returns a row of the documentation's table. @param {PropertyRow} row */
function documented({ property, attribute, kind, default: otherwise, unset, effect, type, description }) {
  const values = {
    flag: () => 'present or absent',
    switch: () => '`true`, `false`',
    number: () => `${kind.is === 'number' && `${kind.min} to ${kind.max}`}`,
    choice: () => (kind.is === 'choice' ? kind.values.map((one) => `\`${one}\``).join(', ') : ''),
    text: () => 'text',
    object: () => `\`${type.replace(' | null', '')}\``,
  }[kind.is]();
  const absent = kind.is === 'flag' ? 'absent' : otherwise === '' ? 'empty' : (unset ?? `\`${otherwise}\``);
  const when = effect === 'guide' ? 'at once; the guide begins again' : effect === 'next start' ? 'at the next start' : effect;
  return `| ${attribute ? `\`${attribute}\`` : 'none'} | \`${property}\` | ${values} | ${absent} | ${when} | ${description} |`;
}

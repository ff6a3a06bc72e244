import { SerfiqError } from '../errors.js';
import { PROPERTIES } from './properties.js';

/** @import { ElementProperties, PropertyRow } from './properties.js' */

/** Every attribute of the element, for `observedAttributes`. */
export const ATTRIBUTES = PROPERTIES.flatMap(({ attribute }) => attribute ?? []);

/** Rows by attribute name. */
export const ROW_OF_ATTRIBUTE = new Map(PROPERTIES.map((row) => [row.attribute, row]));

/** The values that no attribute can hold, by element. @type {WeakMap<Element, Map<string, unknown>>} */
const objects = new WeakMap();

/**
 * Defines the accessor of every property. A property with an attribute keeps its value there.
 * @template {Element} E
 * @param {E} prototype
 * @param {(element: E, row: PropertyRow) => void} onObject a property without an attribute was set; `attributeChangedCallback` reports the others
 */
export function defineAccessors(prototype, onObject) {
  for (const row of PROPERTIES) {
    Object.defineProperty(prototype, row.property, {
      configurable: true,
      /** @this {E} */
      get() {
        return get(this, row);
      },
      /** @this {E} @param {unknown} value */
      set(value) {
        set(this, row, value);
        if (row.attribute === null) onObject(this, row);
      },
    });
  }
}

/** A property that was set before the element was defined hides its accessor. This sets it again, through the accessor. @param {Element} element */
export function upgradeProperties(element) {
  const values = /** @type {any} */ (element);
  for (const { property } of PROPERTIES) {
    if (!Object.hasOwn(values, property)) continue;
    const value = values[property];
    delete values[property];
    values[property] = value;
  }
}

/**
 * Reads and checks every property.
 * @param {Element} element
 * @returns {ElementProperties}
 * @throws {SerfiqError} `invalid-option`, with what was expected
 */
export function readProperties(element) {
  for (const row of PROPERTIES) check(element, row);
  return /** @type {any} */ (Object.fromEntries(PROPERTIES.map((row) => [row.property, get(element, row)])));
}

/** @param {Element} element @param {PropertyRow} row */
function get(element, { property, attribute, kind, default: otherwise }) {
  if (attribute === null) return objects.get(element)?.get(property) ?? otherwise;
  const text = element.getAttribute(attribute);
  if (kind.is === 'flag') return text !== null;
  if (text === null) return otherwise;
  if (kind.is === 'switch') return text !== 'false';
  if (kind.is === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? otherwise : Number(text);
  return text;
}

/** @param {Element} element @param {PropertyRow} row @param {unknown} value */
function set(element, { property, attribute, kind }, value) {
  if (attribute === null) {
    const held = objects.get(element) ?? new Map();
    objects.set(element, held.set(property, value));
  } else if (kind.is === 'flag') {
    element.toggleAttribute(attribute, Boolean(value));
  } else if (value === null || value === undefined) {
    element.removeAttribute(attribute);
  } else {
    element.setAttribute(attribute, String(value));
  }
}

/** @param {Element} element @param {PropertyRow} row */
function check(element, { attribute, kind }) {
  const text = attribute && element.getAttribute(attribute);
  if (text === null) return;
  const expected = complaint(text, kind);
  if (expected) throw new SerfiqError('invalid-option', `The attribute ${attribute} is '${text}'; expected ${expected}.`);
}

/** Returns what was expected instead of this text; empty if it is valid. @param {string} text @param {PropertyRow['kind']} kind */
function complaint(text, kind) {
  switch (kind.is) {
    case 'number':
      return text.trim() !== '' && Number(text) >= kind.min && Number(text) <= kind.max ? '' : `a number from ${kind.min} to ${kind.max}`;
    case 'choice':
      return anyOf(kind.values, text);
    case 'switch':
      return anyOf(['true', 'false'], text);
    default:
      return '';
  }
}

/** @param {readonly string[]} values @param {string} text */
function anyOf(values, text) {
  return values.includes(text) ? '' : values.map((one) => `'${one}'`).join(' or ');
}

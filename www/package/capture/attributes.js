import { SerfiqError } from '../errors.js';
import { PROPERTIES } from './properties.js';

/** @import { ElementProperties, PropertyRow } from './properties.js' */

/**
 * The spellings of a property's attribute, the documented one first. React writes `autoCapture` on a server, which HTML reads as
 * `autocapture`. @param {PropertyRow} row
 */
function spellings({ property, attribute }) {
  return attribute === null ? [] : [...new Set([attribute, property.toLowerCase()])];
}

/** Every attribute of the element, for `observedAttributes`. */
export const ATTRIBUTES = PROPERTIES.flatMap(spellings);

/** Rows by attribute name. */
export const ROW_OF_ATTRIBUTE = new Map(PROPERTIES.flatMap((row) => spellings(row).map((attribute) => [attribute, row])));

/** Values that no attribute can hold, by element. @type {WeakMap<Element, Map<string, unknown>>} */
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

/** A property set before the element was defined hides its accessor. Sets it again, through the accessor. @param {Element} element */
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

/** Returns the spelling of the attribute that the element has. @param {Element} element @param {PropertyRow} row */
function found(element, row) {
  for (const attribute of spellings(row)) {
    const text = element.getAttribute(attribute);
    if (text !== null) return { attribute, text };
  }
  return null;
}

/** @param {Element} element @param {PropertyRow} row */
function get(element, row) {
  const { property, attribute, kind, default: otherwise } = row;
  if (attribute === null) return objects.get(element)?.get(property) ?? otherwise;
  const text = found(element, row)?.text ?? null;
  if (kind.is === 'flag') return text !== null;
  if (text === null) return otherwise;
  if (kind.is === 'switch') return text !== 'false';
  if (kind.is === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? otherwise : Number(text);
  return text;
}

/** @param {Element} element @param {PropertyRow} row @param {unknown} value */
function set(element, row, value) {
  const { property, attribute, kind } = row;
  if (attribute === null) {
    const held = objects.get(element) ?? new Map();
    objects.set(element, held.set(property, value));
    return;
  }
  const text = kind.is === 'flag' ? (value ? '' : null) : (value ?? null);
  if (text !== null) element.setAttribute(attribute, String(text));
  for (const spelling of spellings(row)) {
    if (text === null || spelling !== attribute) element.removeAttribute(spelling);
  }
}

/** @param {Element} element @param {PropertyRow} row */
function check(element, row) {
  const set = found(element, row);
  const expected = set && complaint(set.text, row.kind);
  if (expected) throw new SerfiqError('invalid-option', `The attribute ${set.attribute} is '${set.text}'; expected ${expected}.`);
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

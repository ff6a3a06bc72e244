import { SerfiqError } from '../errors.js';

/** @import { BackendChoice, MethodName } from '../types.js' */

/** Every attribute of the element, for `observedAttributes`. */
export const ATTRIBUTES = Object.freeze([
  'asset-base', 'auto-capture', 'autostart', 'backend', 'below-threshold', 'camera-facing', 'crop', 'language', 'method', 'mirrored', 'model',
  'passes', 'picture-type', 'threshold', 'time-limit',
]);

/**
 * The attributes, read and checked.
 * @param {Element} element
 * @throws {SerfiqError} `invalid-option`, with what was expected
 */
export function readAttributes(element) {
  const text = (/** @type {string} */ name) => element.getAttribute(name) ?? undefined;
  return {
    backend: /** @type {BackendChoice | undefined} */ (oneOf(element, 'backend', ['auto', 'webgpu', 'cpu'])),
    model: text('model'),
    assetBase: text('asset-base'),
    method: /** @type {MethodName | undefined} */ (oneOf(element, 'method', ['mc', 'limit'])),
    passes: numberOf(element, 'passes', 2, 10_000),
    threshold: numberOf(element, 'threshold', 0, 100),
    timeLimit: numberOf(element, 'time-limit', 0, 3600),
    facing: /** @type {'user' | 'environment'} */ (oneOf(element, 'camera-facing', ['user', 'environment']) ?? 'user'),
    mirrored: oneOf(element, 'mirrored', ['true', 'false']),
    pictureType: /** @type {'image/jpeg' | 'image/png' | 'image/webp' | undefined} */ (
      oneOf(element, 'picture-type', ['image/jpeg', 'image/png', 'image/webp'])
    ),
    autoCapture: element.hasAttribute('auto-capture'),
    belowThreshold: element.hasAttribute('below-threshold'),
    crop: element.hasAttribute('crop'),
  };
}

/** @typedef {ReturnType<typeof readAttributes>} Attributes */

/** @param {Element} element @param {string} name @param {string[]} known */
function oneOf(element, name, known) {
  const value = element.getAttribute(name);
  if (value === null || known.includes(value)) return value ?? undefined;
  throw new SerfiqError('invalid-option', `The attribute ${name} is '${value}'; expected ${known.map((one) => `'${one}'`).join(' or ')}.`);
}

/** @param {Element} element @param {string} name @param {number} least @param {number} most */
function numberOf(element, name, least, most) {
  const value = element.getAttribute(name);
  if (value === null) return undefined;
  const number = Number(value);
  if (value.trim() !== '' && number >= least && number <= most) return number;
  throw new SerfiqError('invalid-option', `The attribute ${name} is '${value}'; expected a number from ${least} to ${most}.`);
}

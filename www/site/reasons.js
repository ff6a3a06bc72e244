import { words } from './words.js';

/**
 * Says why a picture has no score, in the page's language: the engine's own messages are English, for developers.
 * @param {unknown} error usually a `SerfiqError`
 */
export function reasonOf(error) {
  const { code = '', reason = null } = /** @type {{ code?: string, reason?: string | null }} */ (error);
  if (code === 'unreadable-image') return /** @type {Record<string, string>} */ (words.unreadable)[reason ?? ''] ?? words.unreadable.unknown;
  const { title, text } = failureOf(code);
  return `${title}. ${text}`;
}

/** @param {string} code of an error @returns {{ title: string, text: string }} */
export function failureOf(code) {
  return /** @type {Record<string, { title: string, text: string }>} */ (words.failures)[code] ?? words.failures.other;
}

/** Says why an own recogniser cannot be used. @param {string} code of the error */
export function ownReasonOf(code) {
  return /** @type {Record<string, string>} */ (words.own.reasons)[code] ?? words.own.reasons.other;
}

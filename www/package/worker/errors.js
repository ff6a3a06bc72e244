/** @import { UnreadableReason } from '../errors.js' */

/** An error raised in the worker, with the code and the reason that the page receives. */
export class WorkerError extends Error {
  /** @param {string} code @param {string} message @param {UnreadableReason} [reason] */
  constructor(code, message, reason) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** @param {unknown} error @returns {string | undefined} */
export function codeOf(error) {
  const code = /** @type {{ code?: unknown } | null} */ (error)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** @param {unknown} error @returns {{ code: string, message: string, reason?: UnreadableReason }} */
export function describe(error) {
  const code = codeOf(error);
  // The engine's errors have no reason unless a picture is unreadable.
  if (code !== undefined) return { code, message: messageOf(error), reason: /** @type {WorkerError} */ (error).reason };
  // An error without a code is a WebAssembly trap: the instance cannot be used again.
  return { code: 'engine-died', message: `The scoring engine stopped: ${sentence(messageOf(error))}` };
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** Ends a text with a full stop, if it has none; some browsers' messages do. @param {string} text */
export function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

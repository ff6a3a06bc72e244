/** An error raised in the worker, with the code that the page receives. */
export class WorkerError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @param {unknown} error @returns {string | undefined} */
export function codeOf(error) {
  const code = /** @type {{ code?: unknown } | null} */ (error)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** @param {unknown} error @returns {{ code: string, message: string }} */
export function describe(error) {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code !== undefined) return { code, message };
  // An error without a code is a WebAssembly trap: the instance cannot be used again.
  return { code: 'engine-died', message: `The scoring engine stopped: ${message}.` };
}

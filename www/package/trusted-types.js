/** The policy's name: a page that requires Trusted Types has to allow it, `trusted-types serfiq`. */
const NAME = 'serfiq';

/** @typedef {{ createScriptURL(url: string): string }} Policy returns a `TrustedScriptURL`, which TypeScript does not know yet */

/** @type {Policy | null | undefined} */
let policy;

/**
 * Returns the address of a script of this package, as the browser takes it. Only for addresses that this package made itself.
 * @param {string | URL} url
 * @returns {string}
 */
export function trustedScript(url) {
  policy ??= createPolicy();
  return policy ? policy.createScriptURL(String(url)) : String(url);
}

/** @returns {Policy | null} null if the browser has no Trusted Types, or the page does not allow this policy */
function createPolicy() {
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }} */ (globalThis);
  try {
    return trustedTypes?.createPolicy(NAME, { createScriptURL: (url) => url }) ?? null;
  } catch {
    // Where Trusted Types are required, the caller then fails, and says what to do.
    return null;
  }
}

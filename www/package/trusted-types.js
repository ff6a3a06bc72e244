/** The policy's name. A page that requires Trusted Types must allow it: `trusted-types serfiq`. */
const NAME = 'serfiq';

/** @typedef {{ createScriptURL(url: string): string }} Policy returns a `TrustedScriptURL`, which TypeScript does not know yet */

/** @type {Policy | null | undefined} */
let policy;

/**
 * Returns the address of one of this package's scripts in the form the browser accepts. Only for addresses made by this package.
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
    // If Trusted Types are required, the caller then fails with an error that says what to do.
    return null;
  }
}

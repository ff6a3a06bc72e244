/** What `cargo xtask test` tells these tests, besides what it tells those of the browser. */

/** @param {string} name */
export function setting(name) {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set; README.md says what it is.`);
}

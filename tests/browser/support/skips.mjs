import { appendFileSync } from 'node:fs';

/**
 * The value of a test's `skip`: if `isMissing`, the reason, which `cargo xtask test` lists at its end.
 * @param {boolean} isMissing
 * @param {string} what is not tested
 * @param {string} why
 */
export function skipIf(isMissing, what, why) {
  if (!isMissing) return false;
  if (process.env.SERFIQ_SKIPPED) appendFileSync(process.env.SERFIQ_SKIPPED, `${what}: ${why}\n`);
  return why;
}

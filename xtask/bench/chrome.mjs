/** The browser of both scripts, as set up by `cargo xtask bench`. */
import { chromiumFlags } from '../../tests/browser/support/chromium.mjs';

/** Time limit for anything: a software GPU adapter needs seconds for what a GPU does instantly. */
export const PATIENCE_MS = 300_000;

/** @param {string} name */
function setting(name) {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set; run \`cargo xtask bench\`, which sets it`);
}

/** Where the files of both sides are served. */
export const site = setting('SERFIQ_SITE');

/** @param {string} backend `cpu` or `webgpu` */
export function launchOptions(backend) {
  return {
    executablePath: setting('SERFIQ_CHROME'),
    headless: true,
    timeout: PATIENCE_MS,
    // Memory is measured on request, not at the browser's next garbage collection.
    args: [...chromiumFlags(backend === 'webgpu' ? 'software' : 'none'), '--enable-blink-features=ForceEagerMeasureMemory'],
  };
}

/** The browser that both scripts drive, as `cargo xtask bench` has set it up. */

/** How long anything may take: a software GPU adapter needs seconds for what a GPU does at once. */
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
    args: [
      // Chrome's sandbox does not run as root, as in most containers.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      // A headless browser has no GPU of its own; this adapter computes on the CPU.
      ...(backend === 'webgpu' ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu']),
    ],
  };
}

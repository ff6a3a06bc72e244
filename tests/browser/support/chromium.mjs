/** `software` is an adapter that computes on the CPU: slow, but available on every machine. @typedef {'none' | 'software'} Gpu */

/** Returns the flags that make Chromium the same on every machine, for the tests and the benchmark. @param {Gpu} gpu */
export function chromiumFlags(gpu) {
  return [
    // Chrome's sandbox does not run as root, the user of most containers.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    ...(gpu === 'software' ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu']),
  ];
}

/** `software` is an adapter that computes on the CPU: slow, but it is there on every machine. @typedef {'none' | 'software'} Gpu */

/** The flags with which Chromium is the same on every machine, for the tests and for the benchmark. @param {Gpu} gpu */
export function chromiumFlags(gpu) {
  return [
    // Chrome's sandbox does not run as root, as in most containers.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    ...(gpu === 'software' ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu']),
  ];
}

import { chromium } from 'playwright-core';

import { settings } from './settings.mjs';

/** What the fake camera sees; `none` is a computer without a camera. @typedef {'face' | 'twoFaces' | 'empty' | 'none'} Camera */
/** `software` is an adapter that computes on the CPU: slow, but it is there on every machine. @typedef {'none' | 'software'} Gpu */

/**
 * A browser that is the same on every machine: its own camera, and its own GPU or none.
 * @param {{ camera?: Camera, gpu?: Gpu }} [machine]
 */
export function launch({ camera = 'none', gpu = 'none' } = {}) {
  return chromium.launch({
    executablePath: settings.chrome,
    headless: true,
    // The machine may be building something else at the same time.
    timeout: 120_000,
    args: [
      // Chrome's sandbox does not run as root, as in most containers.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...cameraFlags(camera),
      ...(gpu === 'software' ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu']),
    ],
  });
}

/** @param {Camera} camera */
function cameraFlags(camera) {
  if (camera === 'none') return ['--use-fake-device-for-media-stream=device-count=0'];
  return ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${settings.cameras[camera]}`];
}

import { chromium } from 'playwright-core';

import { withCanvasCamera } from './canvas-camera.mjs';
import { chromiumFlags } from './chromium.mjs';
import { launchFirefox } from './firefox.mjs';
import { settings } from './settings.mjs';

/** The fake camera's view; `none` is a computer without a camera. @typedef {'face' | 'twoFaces' | 'empty' | 'none'} Camera */

/** `flags` are further ones, for Chromium only. @typedef {{ camera?: Camera, gpu?: import('./chromium.mjs').Gpu, flags?: string[] }} Machine */

/** The engine that runs the tests: `chromium` unless `SERFIQ_ENGINE` says `firefox`. @typedef {'chromium' | 'firefox'} EngineName */

/**
 * Launches a browser that is the same on every machine: with its own camera, and its own GPU or none.
 * @param {Machine} [machine]
 */
export async function launch({ camera = 'none', gpu = 'none', flags = [] } = {}) {
  if (settings.engine === 'firefox') return withCanvasCamera(await launchFirefox(gpu), camera);
  return chromium.launch({
    executablePath: settings.chrome,
    headless: true,
    // The machine may be building something else at the same time.
    timeout: 120_000,
    args: [...chromiumFlags(gpu), ...cameraFlags(camera), ...flags],
  });
}

/** @param {Camera} camera */
function cameraFlags(camera) {
  if (camera === 'none') return ['--use-fake-device-for-media-stream=device-count=0'];
  return ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${settings.cameras[camera]}`];
}

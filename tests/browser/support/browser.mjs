import { chromium } from 'playwright-core';

import { chromiumFlags } from './chromium.mjs';
import { settings } from './settings.mjs';

/** The fake camera's view; `none` is a computer without a camera. @typedef {'face' | 'twoFaces' | 'empty' | 'none'} Camera */

/**
 * Launches a browser that is the same on every machine: with its own camera, and its own GPU or none.
 * @param {{ camera?: Camera, gpu?: import('./chromium.mjs').Gpu }} [machine]
 */
export function launch({ camera = 'none', gpu = 'none' } = {}) {
  return chromium.launch({
    executablePath: settings.chrome,
    headless: true,
    // The machine may be building something else at the same time.
    timeout: 120_000,
    args: [...chromiumFlags(gpu), ...cameraFlags(camera)],
  });
}

/** @param {Camera} camera */
function cameraFlags(camera) {
  if (camera === 'none') return ['--use-fake-device-for-media-stream=device-count=0'];
  return ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${settings.cameras[camera]}`];
}

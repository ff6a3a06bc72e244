import { fileURLToPath } from 'node:url';

import { firefox } from 'playwright-core';

import { settings } from './settings.mjs';

/**
 * Launches the system's own Firefox, driven through WebDriver BiDi.
 * @param {import('./chromium.mjs').Gpu} gpu
 */
export function launchFirefox(gpu) {
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: fileURLToPath(new URL('bidi-relay.mjs', import.meta.url)),
    env: { ...process.env, SERFIQ_FIREFOX: settings.firefox ?? 'firefox' },
    headless: true,
    timeout: 120_000,
    firefoxUserPrefs: {
      'browser.shell.checkDefaultBrowser': false,
      // The camera is a canvas: the page's script grants or refuses it.
      'media.navigator.permission.disabled': true,
      ...(gpu === 'software' ? { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true } : {}),
    },
  });
}

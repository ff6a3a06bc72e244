/** The three browser engines behind one small interface: what all of them can do. */

import { chromium } from 'playwright-core';

import { chromiumFlags } from './chromium.mjs';
import { launchFirefox } from './firefox.mjs';
import { settings } from './settings.mjs';
import { WebKit } from './webkit.mjs';

/**
 * @typedef {object} Engine
 * @property {string} version name and version
 * @property {(url: string) => Promise<void>} goto
 * @property {<T, R>(run: (argument: T) => R, argument: T) => Promise<Awaited<R>>} evaluate runs a function in the page; waits for its promise
 * @property {(source: string) => Promise<void>} execute runs a script in the page, whatever its policy
 * @property {() => Promise<void>} close
 */

/** @type {Record<'chromium' | 'firefox' | 'webkit', () => Promise<Engine>>} */
export const engines = {
  chromium: async () =>
    ofPlaywright(
      'Chromium',
      await chromium.launch({ executablePath: settings.chrome, headless: true, timeout: 120_000, args: chromiumFlags('none') }),
    ),
  firefox: async () => ofPlaywright('Firefox', await launchFirefox('none')),
  webkit: () => WebKit.launch(),
};

/** @param {string} name @param {import('playwright-core').Browser} browser @returns {Promise<Engine>} */
async function ofPlaywright(name, browser) {
  const page = await (await browser.newContext()).newPage();
  return {
    version: `${name} ${browser.version()}`,
    goto: async (url) => void (await page.goto(url)),
    evaluate: (run, argument) => page.evaluate(/** @type {any} */ (run), argument),
    execute: async (source) => void (await page.evaluate(`${source}\n;0`)),
    close: () => browser.close(),
  };
}

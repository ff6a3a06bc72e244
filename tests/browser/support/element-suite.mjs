import { after, before } from 'node:test';

import { launch } from './browser.mjs';
import { ElementPage } from './element-page.mjs';
import { settings } from './settings.mjs';
import { Site } from './site.mjs';

/** @typedef {Parameters<typeof ElementPage.open>[3]} How */

/**
 * Gives the tests of the calling file or `describe` one browser and one site.
 * @param {import('./browser.mjs').Machine} [machine]
 */
export function elementSuite(machine = { camera: 'face' }) {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Site} */
  let site;
  before(async () => {
    site = await Site.open(settings.dist);
    browser = await launch(machine);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Opens a page with this body. @param {string} body @param {How} [how] */
  const openBody = (body, how) => ElementPage.open(browser, site, body, how);

  return {
    /** While a test runs. */
    get browser() {
      return browser;
    },
    /** While a test runs. */
    get site() {
      return site;
    },
    openBody,
    /** Opens a page with one element, on the CPU. @param {string} attributes @param {How} [how] */
    open: (/** @type {string} */ attributes, /** @type {How} */ how) => openBody(`<serfiq-capture backend="cpu" ${attributes}></serfiq-capture>`, how),
  };
}

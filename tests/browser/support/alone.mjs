import { launch } from './browser.mjs';
import { settings } from './settings.mjs';
import { Site } from './site.mjs';
import { Visit } from './visit.mjs';

/**
 * Opens a view of the page in a browser and on a server of its own, on the CPU, and waits until it is ready. `close()` closes all three.
 * @param {string} view
 */
export async function openAlone(view) {
  const [browser, site] = await Promise.all([launch(), Site.open(settings.dist)]);
  const close = async () => {
    await browser.close();
    await site.close();
  };
  try {
    const visit = await Visit.begin(browser, site, { query: `?backend=cpu&view=${view}` });
    await visit.ready();
    return { site, visit, close };
  } catch (error) {
    // Left open, they would keep the tests from ending.
    await close();
    throw error;
  }
}

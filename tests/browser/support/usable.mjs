import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** @import { Page } from 'playwright-core' */

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Checks for axe-core faults and horizontal scrolling. @param {{ page: Page }} opened */
export async function assertUsable({ page }) {
  // Evaluated by the debugger: the page's own policy would refuse a foreign script.
  await page.evaluate(AXE);
  const faults = await page.evaluate(async (rules) => {
    const { violations } = await /** @type {any} */ (window).axe.run(document, { runOnly: rules });
    return violations.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}: ${nodes.map((/** @type {any} */ node) => node.target).join(', ')}`);
  }, RULES);
  assert.deepEqual(faults, [], 'faults that axe-core finds');
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: window.innerWidth }));
  assert.ok(wide <= room, `the page is ${wide} pixels wide, and there is room for ${room}`);
}

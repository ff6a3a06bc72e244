/** Keyboard, screen reader, narrow screens, reduced motion. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

const NARROW = { width: 360, height: 740 };
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Site} */
let site;
/** @type {string} */
let axeSource;
before(async () => {
  browser = await launch({ camera: 'face' });
  site = await Site.open(settings.dist);
  axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const { name, look } of /** @type {const} */ ([
  { name: 'light', look: { colorScheme: 'light' } },
  { name: 'dark, narrow, motion reduced', look: { colorScheme: 'dark', viewport: NARROW, reducedMotion: 'reduce' } },
])) {
  describe(`the page, ${name}`, () => {
    /** @type {Visit} */
    let visit;
    before(async () => {
      visit = await Visit.begin(browser, site, { query: '?backend=cpu', ...look });
      await visit.ready();
    });
    after(() => visit?.end());

    test('before the camera starts', () => assertUsable(visit));

    test('the live view', async () => {
      await visit.scoreLive(1);
      await assertUsable(visit);
      const meter = await visit.page.locator('#meter').evaluate((element) =>
        Object.fromEntries(element.getAttributeNames().map((attribute) => [attribute, element.getAttribute(attribute)])),
      );
      assert.equal(meter.role, 'meter');
      assert.deepEqual([meter['aria-valuemin'], meter['aria-valuemax']], ['0', '100']);
      assert.match(meter['aria-valuenow'] ?? '', /^\d+$/);
      // Never the colour alone: a number and a word.
      assert.match(meter['aria-valuetext'] ?? '', /\d+.*[a-z]{4}/);
      assert.match((await visit.page.textContent('#meter')) ?? '', /\d+\s*[A-Z][a-z]{3}/);
      assert.notEqual(await visit.page.textContent('#announcer'), '', 'nothing is announced');
    });

    test('tabs by arrow keys; photos', async () => {
      await visit.page.focus('#tab-live');
      await visit.page.keyboard.press('ArrowRight');
      assert.equal(await visit.page.evaluate(() => document.activeElement?.id), 'tab-photos');
      assert.ok((await visit.page.isVisible('#photos')) && (await visit.page.isHidden('#live')), 'the view has not changed');
      await visit.scorePhotos([
        { name: 'a rather long name of a picture, without a break_'.repeat(3) + '.png', mimeType: 'image/png', buffer: await portrait('astronaut.png') },
      ]);
      await assertUsable(visit);
      await visit.page.focus('#tab-photos');
      await visit.page.keyboard.press('ArrowLeft');
      assert.equal(await visit.page.evaluate(() => document.activeElement?.id), 'tab-live');
      assert.ok(await visit.page.isVisible('#live'), 'the view has not changed back');
    });

    test('the whole page by Tab alone', async () => {
      await visit.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
      const reached = [];
      for (let i = 0; i < 30; i++) {
        await visit.page.keyboard.press('Tab');
        const id = await visit.page.evaluate(() => document.activeElement?.id || document.activeElement?.className || '');
        if (reached.includes(id)) break;
        reached.push(id);
      }
      for (const id of ['tab-live', 'camera-select', 'method-select']) {
        assert.ok(reached.includes(id), `Tab does not reach #${id}, only ${reached.join(', ')}`);
      }
    });

    test('without a complaint', () => visit.assertClean());
  });
}

test('a failure fits a narrow screen', async () => {
  site.spoil('/pkg/serfiq_bg.wasm', { status: 404 });
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu', viewport: NARROW });
  await visit.page.waitForSelector('html[data-state="error"]');
  site.mend();
  await assertUsable(visit);
  await visit.end();
});

test('nothing moves where motion is to be reduced', async () => {
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu', reducedMotion: 'reduce' });
  await visit.ready();
  const moving = await visit.page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((element) => {
        const { animationDuration, animationName, transitionDuration } = getComputedStyle(element);
        const seconds = (/** @type {string} */ text) => Math.max(...text.split(',').map((one) => parseFloat(one)));
        return (animationName !== 'none' && seconds(animationDuration) > 0.01) || seconds(transitionDuration) > 0.01;
      })
      .map((element) => element.id || element.tagName),
  );
  assert.deepEqual(moving, []);
  await visit.end();
});

/** No fault that axe-core knows, and nothing to scroll sideways. @param {Visit} visit */
async function assertUsable({ page }) {
  // Evaluated by the debugger: the page's own policy would refuse a script from elsewhere.
  await page.evaluate(axeSource);
  const faults = await page.evaluate(async (rules) => {
    const { violations } = await /** @type {any} */ (window).axe.run(document, { runOnly: rules });
    return violations.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}: ${nodes.map((/** @type {any} */ node) => node.target).join(', ')}`);
  }, RULES);
  assert.deepEqual(faults, [], 'faults that axe-core finds');
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: window.innerWidth }));
  assert.ok(wide <= room, `the page is ${wide} pixels wide, and there is room for ${room}`);
}

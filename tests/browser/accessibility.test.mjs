/** Keyboard, screen reader, narrow screens, reduced motion. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { assertUsable } from './support/usable.mjs';
import { Visit } from './support/visit.mjs';

const NARROW = { width: 360, height: 740 };

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Site} */
let site;
before(async () => {
  browser = await launch({ camera: 'face' });
  site = await Site.open(settings.dist);
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
    });
    after(() => visit?.end());

    test('before the camera starts', () => assertUsable(visit));

    test('the capture view, with the camera on', async () => {
      await visit.watchCamera(2);
      await visit.page.waitForSelector('#facts:visible');
      await assertUsable(visit);
      // Not colour alone: a number and a word.
      assert.match((await visit.factTexts()).quality ?? '', /^\d+ · [A-Z][a-z]{3}/);
    });

    test('a picture taken', async () => {
      await visit.page.check('#trigger-auto');
      await visit.cameraState('review');
      await assertUsable(visit);
      await visit.usePicture();
      await assertUsable(visit);
      await visit.page.waitForFunction(() => /quality \d+/i.test(document.getElementById('announcer')?.textContent ?? ''));
    });

    test('tabs by arrow keys', async () => {
      const order = ['capture', 'photos', 'compare', 'how', 'privacy'];
      await visit.page.focus('#tab-capture');
      for (const view of [...order.slice(1), 'capture']) {
        await visit.page.keyboard.press('ArrowRight');
        assert.equal(await visit.page.evaluate(() => document.activeElement?.id), `tab-${view}`);
        const shown = await visit.page.locator('[role=tabpanel]:visible').evaluateAll((panels) => panels.map(({ id }) => id));
        assert.deepEqual(shown, [view]);
      }
      await visit.page.keyboard.press('End');
      assert.equal(await visit.page.evaluate(() => document.activeElement?.id), 'tab-privacy');
      await visit.page.keyboard.press('Home');
      await visit.page.keyboard.press('ArrowLeft');
      assert.equal(await visit.page.evaluate(() => document.activeElement?.id), 'tab-privacy');
      const within = await visit.page.locator('#tab-privacy').evaluate((tab) => {
        const [own, around] = [tab, /** @type {Element} */ (tab.parentElement)].map((one) => one.getBoundingClientRect());
        return own.left >= around.left - 1 && own.right <= around.right + 1;
      });
      assert.ok(within, 'the tab that is chosen is scrolled out of sight');
    });

    test('photos', async () => {
      await visit.scorePhotos([
        { name: 'a rather long name of a picture, without a break_'.repeat(3) + '.png', mimeType: 'image/png', buffer: await portrait('astronaut.png') },
      ]);
      await assertUsable(visit);
      await visit.page.locator('.explanation > summary').click();
      await visit.page.locator('.explanation .legend').waitFor();
      await assertUsable(visit);
    });

    test('a comparison, told by word and sign', async () => {
      await visit.page.click('#tab-compare');
      await assertUsable(visit);
      await visit.page.setInputFiles('#slot-input-0', await photo('person_a_1.jpg'));
      await visit.page.setInputFiles('#slot-input-1', await photo('person_b_1.jpg'));
      await visit.page.waitForSelector('#verdict[data-state="told"]');
      await assertUsable(visit);
      const marks = await visit.page.locator('.better:visible').allTextContents();
      assert.ok(marks.length > 0 && marks.every((mark) => mark === '✓ better'), marks.join(', '));
      const drawings = await visit.page.locator('#compare svg[role=img]').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
      assert.equal(drawings.length, 2);
      for (const label of drawings) assert.match(label ?? '', /100 dots.*0\.\d+/);
    });

    test('how it works, before and after a photo', async () => {
      await visit.page.click('#tab-how');
      await assertUsable(visit);
      await visit.page.setInputFiles('#experiment-input', await photo('person_b_1.jpg'));
      await visit.page.waitForSelector('#experiment[data-state="ok"]');
      await assertUsable(visit);
    });

    test('privacy', async () => {
      await visit.page.click('#tab-privacy');
      await assertUsable(visit);
    });

    test('the whole page by Tab alone', async () => {
      await visit.page.click('#tab-photos');
      await visit.page.evaluate(() => {
        /** @type {HTMLElement} */ (document.activeElement)?.blur();
        scrollTo(0, 0);
      });
      const reached = await reachedByTab(visit);
      for (const id of ['page-language', 'tab-photos', 'photo-input', 'method-select', 'download-csv']) {
        assert.ok(reached.includes(id), `Tab does not reach #${id}, only ${reached.join(', ')}`);
      }
      await visit.page.click('#tab-capture');
      await visit.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
      const options = await reachedByTab(visit);
      for (const id of ['tab-capture', 'camera', 'trigger-auto', 'threshold', 'guidance-language', 'method-select']) {
        assert.ok(options.includes(id), `Tab does not reach #${id}, only ${options.join(', ')}`);
      }
    });

    test('without a complaint', () => visit.assertClean());
  });
}

test('a failure fits a narrow screen', async () => {
  site.spoil('/serfiq/pkg/serfiq_cpu_bg.wasm', { status: 404 });
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos', viewport: NARROW });
  await visit.page.waitForSelector('html[data-state="error"]');
  site.mend();
  await assertUsable(visit);
  await visit.end();
});

test('nothing moves where motion is to be reduced', async () => {
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos', reducedMotion: 'reduce' });
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

for (const locale of ['de', 'fr', 'es', 'ar']) {
  test(`in ${locale}: its own words and direction, and no wider than a narrow screen`, async () => {
    const visit = await Visit.begin(browser, site, { query: '?backend=cpu', viewport: NARROW, locale });
    for (const view of ['capture', 'photos', 'compare', 'how', 'privacy']) {
      await visit.page.click(`#tab-${view}`);
      await assertUsable(visit);
    }
    await visit.ready();
    await visit.page.click('#tab-compare');
    await visit.page.setInputFiles('#slot-input-0', await photo('person_a_1.jpg'));
    await visit.page.setInputFiles('#slot-input-1', await photo('person_b_1.jpg'));
    await visit.page.waitForSelector('#verdict[data-state="told"]');
    await assertUsable(visit);
    const { lang, dir } = await visit.page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir }));
    assert.deepEqual([lang, dir], [locale, locale === 'ar' ? 'rtl' : 'ltr']);
    if (dir === 'rtl') {
      await visit.page.focus('#tab-capture');
      await visit.page.keyboard.press('ArrowLeft');
      assert.equal(await visit.page.evaluate(() => document.activeElement?.id), 'tab-photos', 'the arrow does not point where it leads');
    }
    // The element uses the page's language.
    await visit.page.click('#tab-capture');
    assert.equal(await visit.page.locator('#camera .frame').getAttribute('lang'), locale);
    visit.assertClean();
    await visit.end();
  });
}

test('the language can be chosen', async () => {
  const visit = await Visit.begin(browser, site, { query: '?view=privacy' });
  await Promise.all([visit.page.waitForURL(/lang=de/), visit.page.selectOption('#page-language', 'de')]);
  await visit.page.waitForSelector('html[lang="de"]');
  assert.match((await visit.page.textContent('#privacy h2')) ?? '', /Datenschutz/);
  visit.assertClean();
  await visit.end();
});

/** @param {string} name */
async function photo(name) {
  return { name, mimeType: 'image/jpeg', buffer: await portrait(name) };
}

/** The ids reached by Tab in one round. @param {Visit} visit */
async function reachedByTab({ page }) {
  const reached = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    const id = await page.evaluate(() => document.activeElement?.id || document.activeElement?.className || '');
    if (id && reached.includes(id)) break;
    reached.push(id);
  }
  return reached;
}

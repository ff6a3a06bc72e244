/** The page on a phone: upright and on its side, with fingers, in every language. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

const PHONES = [
  { width: 320, height: 568 },
  { width: 390, height: 844 },
  { width: 667, height: 375 },
  { width: 844, height: 390 },
];
const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'];
const VIEWS = ['capture', 'photos', 'compare', 'how', 'privacy'];
/** The least width and height for a finger, in pixels. */
const FINGER_PX = 44;
const CONTROLS = ['button', 'select', 'input', 'summary', 'a.button'].map((control) => `${control}:visible`).join(', ');

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

/** @param {{ width: number, height: number }} viewport @param {string} language */
async function open(viewport, language) {
  const phone = { viewport, hasTouch: true, isMobile: true, deviceScaleFactor: 3 };
  const visit = await Visit.begin(browser, site, { query: `?backend=cpu&lang=${language}`, detailsOpen: false, ...phone });
  // The element loads its words, and is then as large as they need.
  await visit.page.waitForSelector(`#camera .frame[lang="${language}"]`);
  return visit;
}

for (const language of LANGUAGES) {
  test(`on every phone, every view fits in ${language}, and every control is large enough for a finger`, async (t) => {
    const visit = await open(PHONES[0], language);
    t.after(() => visit.end());
    const { page } = visit;
    for (const phone of PHONES) {
      await page.setViewportSize(phone);
      await assertStartInReach(visit);
    }
    await page.tap('#details > summary');
    await page.tap('#own > summary');
    for (const view of VIEWS) {
      await page.locator(`#tab-${view}`).tap();
      if (view === 'photos') await visit.ready();
      for (const phone of PHONES) {
        const where = `${view}, ${phone.width} x ${phone.height} pixels`;
        await page.setViewportSize(phone);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        assert.deepEqual(await tabsInSight(visit, view), { isChosenWhole: true, isListWithin: true }, where);
        assert.equal(await overflow(visit), 0, `${where}: wider than the window, in pixels`);
        assert.deepEqual(await tooSmall(visit), [], where);
      }
    }
    visit.assertClean();
  });
}

for (const phone of PHONES) {
  test(`on ${phone.width} x ${phone.height} pixels, the camera reaches from edge to edge, and nothing of the page covers it`, async (t) => {
    const visit = await open(phone, 'en');
    t.after(() => visit.end());
    await visit.watchCamera(2);
    await visit.page.locator('#camera').evaluate((camera) => camera.scrollIntoView({ block: 'start' }));
    const { left, right, covered } = await visit.page.evaluate(coverOfCamera);
    assert.deepEqual({ left, right, covered }, { left: 0, right: phone.width, covered: [] });
    const pinned = await visit.page.evaluate(() =>
      [...document.body.querySelectorAll('*')].filter((one) => /sticky|fixed/.test(getComputedStyle(one).position)).map((one) => one.id || one.className),
    );
    assert.deepEqual(pinned, [], 'stays in the window while the page scrolls');
    assert.ok(await visit.page.isHidden('#backend'), 'technical details are closed until someone opens them');
  });
}

for (const language of LANGUAGES) {
  test(`in ${language} and a wide font, no word runs out of its button`, async (t) => {
    const visit = await open({ width: 360, height: 740 }, language);
    t.after(() => visit.end());
    const { page } = visit;
    // The widest of the common fonts, and Debian's default.
    await page.evaluate(() => void (document.documentElement.style.fontFamily = '"DejaVu Sans", Verdana, sans-serif'));
    await visit.startCamera();
    await visit.usePicture();
    for (const width of [360, 320]) {
      await page.setViewportSize({ width, height: 740 });
      for (const view of VIEWS) {
        await page.locator(`#tab-${view}`).tap();
        assert.deepEqual(await wordsOutside(visit), [], `${view}, ${width} pixels`);
        assert.equal(await overflow(visit), 0, `${view} is wider than ${width} pixels`);
      }
    }
  });
}

/** The button that starts the camera is in the window, if need be once the camera has been scrolled into view. @param {Visit} visit */
async function assertStartInReach({ page }) {
  await page.locator('#camera').evaluate((camera) => camera.scrollIntoView({ block: 'start' }));
  const box = await page.locator('#camera [data-action="start"]:visible').boundingBox();
  const { height = 0 } = page.viewportSize() ?? {};
  assert.ok(box && box.y >= 0 && box.y + box.height <= height, `the start button is at ${JSON.stringify(box)}`);
}

/** @param {Visit} visit */
async function overflow({ page }) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}

/** Returns whether the chosen tab is wholly visible, and the list of tabs within the window. @param {Visit} visit @param {string} view */
async function tabsInSight({ page }, view) {
  return page.locator(`#tab-${view}`).evaluate((tab) => {
    const [own, list] = [tab, /** @type {Element} */ (tab.parentElement)].map((one) => one.getBoundingClientRect());
    const inset = parseFloat(getComputedStyle(/** @type {Element} */ (tab.parentElement)).paddingInlineStart);
    // At its edges the list fades.
    const isChosenWhole = own.left >= list.left + inset - 1 && own.right <= list.right - inset + 1;
    return { isChosenWhole, isListWithin: list.left >= 0 && list.right <= window.innerWidth };
  });
}

/** @param {Visit} visit */
async function tooSmall({ page }) {
  return page.locator(CONTROLS).evaluateAll(
    (controls, least) =>
      controls
        .map((control) => ({ control, box: control.getBoundingClientRect() }))
        .filter(({ box }) => Math.min(box.width, box.height) < least - 0.5)
        .map(({ control, box }) => `${control.id || control.outerHTML.slice(0, 60)}: ${box.width.toFixed()} x ${box.height.toFixed()}`),
    FINGER_PX,
  );
}

/** @param {Visit} visit */
async function wordsOutside({ page }) {
  return page.locator('button:visible, a.button:visible, .file-button label:visible, .segments label:visible').evaluateAll((all) =>
    all
      .filter((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        const [text, box] = [range, one.closest('.file-button') ?? one].map((part) => part.getBoundingClientRect());
        return text.left < box.left || text.right > box.right || text.top < box.top || text.bottom > box.bottom;
      })
      .map((one) => one.textContent),
  );
}

/** Runs in the page. */
function coverOfCamera() {
  const camera = /** @type {Element} */ (document.getElementById('camera'));
  const { left, right, top, bottom } = camera.getBoundingClientRect();
  const covered = [];
  for (let y = Math.max(0, top) + 2; y < Math.min(bottom, window.innerHeight); y += 10) {
    for (let x = left + 2; x < right; x += 10) {
      const above = document.elementFromPoint(x, y);
      if (above !== camera) covered.push(`${x}, ${y}: ${above?.id || above?.className}`);
    }
  }
  return { left: Math.round(left), right: Math.round(right), covered: covered.slice(0, 3) };
}

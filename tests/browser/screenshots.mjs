/**
 * Takes the README's pictures of the running page: `npm run screenshots`, with the variables that README.md names. The only face in them is from a
 * photograph in the public domain (NASA): the fake camera's, and copies of it made here.
 */

import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { redrawn } from './support/redrawn.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
/** Keeps clones of the repository small. */
const MAX_BYTES = 400_000;
const DESKTOP = { width: 1040, height: 820 };
const PHONE = { width: 360, height: 780 };
/** The scores have settled by then. */
const SETTLED_FRAMES = 8;

/** The photograph as taken, and a worse copy. */
const GOOD = { name: 'as taken.png', how: {} };
const BLURRED = { name: 'blurred.png', how: { blur: 6 } };
/** Copies of one photograph, each worse in its own way. */
const COPIES = [GOOD, { name: 'dark.png', how: { darkness: 0.85 } }, BLURRED, { name: 'small.png', how: { side: 120 } }];

const browser = await launch({ camera: 'face' });
const site = await Site.open(settings.dist);
try {
  await mkdir(DOCS, { recursive: true });
  await capture('live.png', { viewport: DESKTOP, colorScheme: 'light' });
  await capture('live-dark.png', { viewport: DESKTOP, colorScheme: 'dark' });
  await capture('live-narrow.png', { viewport: PHONE, colorScheme: 'light' });
  await photos('photos.png', { viewport: DESKTOP, colorScheme: 'light' });
  await compare('compare.png', { viewport: { ...DESKTOP, height: 1210 }, colorScheme: 'light' });
} finally {
  await browser.close();
  await site.close();
}

/** @typedef {{ viewport: { width: number, height: number }, colorScheme: 'light' | 'dark' }} Look */

/** @param {string} name @param {Look} look */
async function capture(name, look) {
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu', detailsOpen: false, ...look });
  await visit.watchCamera(SETTLED_FRAMES);
  await shoot(visit, name);
}

/** @param {string} name @param {Look} look */
async function photos(name, look) {
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos', detailsOpen: false, ...look });
  await visit.scorePhotos(await Promise.all(COPIES.map((copy) => make(visit, copy))));
  await shoot(visit, name);
}

/** @param {string} name @param {Look} look */
async function compare(name, look) {
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=compare', detailsOpen: false, ...look });
  await visit.ready();
  await visit.page.setInputFiles('#slot-input-0', await make(visit, GOOD));
  await visit.page.setInputFiles('#slot-input-1', await make(visit, BLURRED));
  await visit.page.waitForSelector('#verdict[data-state="told"]');
  await shoot(visit, name);
}

/** @param {Visit} visit @param {typeof COPIES[number]} copy */
async function make({ page }, { name, how }) {
  return { name, mimeType: 'image/png', buffer: await redrawn(page, 'astronaut.png', how) };
}

/** @param {Visit} visit @param {string} name */
async function shoot(visit, name) {
  const path = `${DOCS}${name}`;
  // Options further down were clicked.
  await visit.page.evaluate(() => scrollTo(0, 0));
  await visit.page.screenshot({ path });
  await visit.end();
  const { size } = await stat(path);
  console.log(`docs/${name}: ${size} bytes`);
  if (size > MAX_BYTES) throw new Error(`docs/${name} has ${size} bytes, expected at most ${MAX_BYTES}: take a smaller window`);
}

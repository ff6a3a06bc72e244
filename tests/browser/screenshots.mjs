/**
 * Takes the pictures of the README, of the real thing: `npm run screenshots`, with the variables that README.md names.
 * The only face in them is of a photograph in the public domain (NASA): the fake camera's, and copies of it made here.
 */

import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { portrait } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
/** So that a clone stays small. */
const MOST_BYTES = 400_000;
const DESKTOP = { width: 940, height: 720 };
const PHONE = { width: 360, height: 780 };
/** The scores have settled by then. */
const SETTLED_FRAMES = 8;

/** Copies of one photograph, each worse in its own way, by the canvas filter that makes it. */
const COPIES = {
  'as taken.png': { filter: 'none', side: 512 },
  'dark.png': { filter: 'brightness(0.25)', side: 512 },
  'blurred.png': { filter: 'blur(6px)', side: 512 },
  'small.png': { filter: 'none', side: 96 },
};

const browser = await launch({ camera: 'face' });
const site = await Site.open(settings.dist);
try {
  await mkdir(DOCS, { recursive: true });
  await live('live.png', { viewport: DESKTOP, colorScheme: 'light' });
  await live('live-dark.png', { viewport: DESKTOP, colorScheme: 'dark' });
  await live('live-narrow.png', { viewport: PHONE, colorScheme: 'light' });
  await photos('photos.png', { viewport: DESKTOP, colorScheme: 'light' });
} finally {
  await browser.close();
  await site.close();
}

/** @typedef {{ viewport: { width: number, height: number }, colorScheme: 'light' | 'dark' }} Look */

/** @param {string} name @param {Look} look */
async function live(name, look) {
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu', ...look });
  await visit.ready();
  await visit.scoreLive(SETTLED_FRAMES);
  await shoot(visit, name);
}

/** @param {string} name @param {Look} look */
async function photos(name, look) {
  const visit = await Visit.begin(browser, site, { query: '?backend=cpu', ...look });
  await visit.ready();
  await visit.scorePhotos(await degradedCopies(visit));
  await shoot(visit, name);
}

/** @param {Visit} visit */
async function degradedCopies({ page }) {
  const original = (await portrait('astronaut.png')).toString('base64');
  return Promise.all(
    Object.entries(COPIES).map(async ([name, how]) => {
      const base64 = await page.evaluate(
        async ([text, { filter, side }]) => {
          const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
          const picture = await createImageBitmap(new Blob([bytes]));
          const canvas = document.createElement('canvas');
          canvas.width = canvas.height = side;
          const context = canvas.getContext('2d');
          if (context) context.filter = filter;
          context?.drawImage(picture, 0, 0, side, side);
          return canvas.toDataURL('image/png').split(',')[1];
        },
        /** @type {const} */ ([original, how]),
      );
      return { name, mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') };
    }),
  );
}

/** @param {Visit} visit @param {string} name */
async function shoot(visit, name) {
  const path = `${DOCS}${name}`;
  // The fake camera is called after its file, which lies elsewhere on every machine.
  await visit.page.evaluate(() => {
    for (const option of document.querySelectorAll('#camera-select option')) option.textContent = 'Front camera';
  });
  await visit.page.screenshot({ path });
  await visit.end();
  const { size } = await stat(path);
  console.log(`docs/${name}: ${size} bytes`);
  if (size > MOST_BYTES) throw new Error(`docs/${name} has ${size} bytes, expected at most ${MOST_BYTES}: take a smaller window`);
}

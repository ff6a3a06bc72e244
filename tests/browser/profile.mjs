/**
 * Records which functions of the WebGPU module typical sessions call: `node profile.mjs FILE`. `cargo xtask profile` runs it with a page
 * whose module logs its calls. Visitors' own recognisers and failures do not count as typical.
 */

import { writeFile } from 'node:fs/promises';

import { launch } from './support/browser.mjs';
import { portrait, portraitNames } from './support/portraits.mjs';
import { redrawn } from './support/redrawn.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

/** The software adapter takes seconds per face, and compiles its shaders before the first. */
const PATIENCE_MS = 600_000;
const METHODS = ['mc', 'limit'];
/** Photo sizes in pixels, in addition to the portraits' own: networks are prepared again for each size at which the detector sees a photo. */
const SIDES = [120, 700, 1500];

const [file] = process.argv.slice(2);
if (!file) throw new Error('no file to write to: expected `node profile.mjs FILE`');
/** @type {Set<string>} */
const called = new Set();
const browser = await launch({ camera: 'face', gpu: 'software' });
const site = await Site.open(settings.dist);
try {
  for (const method of METHODS) {
    await session(`camera, ${method}`, `?backend=webgpu&method=${method}`, takePicture);
    await session(`photos, ${method}`, `?backend=webgpu&view=photos&method=${method}`, scorePhotos);
  }
  await session('comparing', '?backend=webgpu&view=compare', compare);
} finally {
  await browser.close();
  await site.close();
}
await writeFile(file, [...called].sort().map((name) => `${name}\n`).join(''));

/** @param {string} name @param {string} query @param {(visit: Visit) => Promise<void>} run */
async function session(name, query, run) {
  const visit = await Visit.begin(browser, site, { query });
  visit.page.setDefaultTimeout(PATIENCE_MS);
  await run(visit);
  if ((await visit.page.getAttribute('#backend', 'data-backend')) !== 'webgpu') throw new Error(`${name}: not on WebGPU`);
  visit.assertClean();
  const [before, noted] = [called.size, await notes(visit)];
  for (const one of noted) called.add(one);
  console.error(`${name}: ${noted.length} functions, ${called.size - before} of them not called by the sessions before`);
  await visit.end();
}

/** Returns the log of the page's module. @param {Visit} visit @returns {Promise<string[]>} */
async function notes({ page }) {
  const [worker, ...others] = page.workers();
  if (!worker || others.length > 0) throw new Error(`the page has ${others.length + (worker ? 1 : 0)} workers, expected the engine's`);
  return worker.evaluate(() => {
    // xtask/src/profile defines both names.
    const exports = Object.entries(/** @type {any} */ (globalThis).serfiqExports());
    return exports.filter(([name, note]) => name.startsWith('called ') && note.value === 1).map(([name]) => name.slice('called '.length));
  });
}

/** Takes one picture automatically, then one manually. @param {Visit} visit */
async function takePicture(visit) {
  await visit.startCamera();
  await visit.usePicture();
  await visit.page.check('#trigger-shutter');
  await visit.startCamera();
  await visit.page.click('#camera [data-action="shutter"]:not([aria-disabled="true"]):visible');
  await visit.usePicture();
  await visit.page.waitForSelector('#taken > li:nth-child(2)');
}

/** @param {Visit} visit */
async function scorePhotos(visit) {
  await visit.ready(PATIENCE_MS);
  const names = await portraitNames();
  const copies = [...SIDES.map((side) => ({ side })), { darkness: 1 }];
  const photos = [
    ...names.map((name) => ({ name, read: () => portrait(name) })),
    ...copies.map((how, i) => ({ name: `copy ${i}.png`, read: () => redrawn(visit.page, names[0], how) })),
  ];
  // One at a time: together they take longer than a test waits.
  for (const { name, read } of photos) await visit.scorePhotos([{ name, mimeType: '', buffer: await read() }]);
}

/** Compares two photos, then the scatter of one photo and of a worse copy. @param {Visit} visit */
async function compare(visit) {
  await visit.ready(PATIENCE_MS);
  const names = await portraitNames();
  const photos = await Promise.all(names.slice(0, 2).map(async (name) => ({ name, mimeType: '', buffer: await portrait(name) })));
  for (const [slot, photo] of photos.entries()) await visit.page.setInputFiles(`#slot-input-${slot}`, photo);
  await visit.page.waitForSelector('#verdict[data-state="told"]');
  await visit.page.click('#tab-how');
  await visit.page.setInputFiles('#experiment-input', photos[0]);
  await visit.page.waitForSelector('#experiment[data-state="ok"]');
}

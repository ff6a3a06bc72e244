/**
 * How `<serfiq-capture>` looks: seven states, in light, in dark and from right to left, compared with the pictures in `looks/`. Camera,
 * engine and fonts are the tests' own. `SERFIQ_WRITE_LOOKS=1` rewrites the pictures: look at them before you commit them.
 */

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

import { drawnFace } from './support/drawn-face.mjs';
import { elementSuite } from './support/element-suite.mjs';
import { scriptedEngine } from './support/scripted-engine.mjs';
import { settings } from './support/settings.mjs';
import { skipIf } from './support/skips.mjs';

/** @import { How } from './support/element-suite.mjs' */
/** @import { Script } from './support/scripted-engine.mjs' */

const LOOKS = fileURLToPath(new URL('looks/', import.meta.url));
const DIFFERENCES = join(tmpdir(), 'serfiq-looks');
const WIDTH = 360;
/**
 * Greatest difference of a pixel's colour that does not count, in pixelmatch's unit: 8 of 255 levels of grey. Colours of a video are rounded.
 * pixelmatch also passes over pixels that are the smoothing of an edge.
 */
const COLOUR = 0.03;
/** Pixels that may differ: the rims of some letters, which other versions of Chromium may smooth differently. Any button has more. */
const PIXELS = 40;

/** How pictures are written: without transparency, and unfiltered, which suits flat colours. @type {import('pngjs').PNGOptions} */
const SMALL = { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 };

/** @typedef {{ state: string, attributes?: string, script?: Script, denied?: boolean }} Scene */

/** @type {Record<string, Scene>} */
const SCENES = {
  intro: { state: 'idle' },
  loading: { state: 'loading', attributes: 'autostart', script: { loading: { loaded: 17e6, total: 39e6 } } },
  guiding: { state: 'running', attributes: 'autostart', script: { instruction: 'turn_left', quality: 41 } },
  'hold-still': { state: 'running', attributes: 'autostart auto-capture', script: { quality: 72, progress: 0.6 } },
  review: { state: 'review', attributes: 'autostart auto-capture review', script: { quality: 83, takes: true } },
  captured: { state: 'captured', attributes: 'autostart auto-capture', script: { quality: 83, takes: true } },
  error: { state: 'error', attributes: 'autostart upload', denied: true },
};
/** @type {Record<string, How>} */
const LIGHTS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  rtl: { colorScheme: 'light', lang: 'ar' },
};

const FACES = [
  { file: 'noto-sans/files/noto-sans-latin', range: 'U+0000-05FF, U+2000-FFFF' },
  { file: 'noto-sans-arabic/files/noto-sans-arabic-arabic', range: 'U+0600-06FF' },
].flatMap(({ file, range }) => [400, 600].map((weight) => ({ file: `${file}-${weight}-normal.woff2`, range, weight })));
const CSS = `
  ${FACES.map(
    ({ range, weight }, i) =>
      `@font-face { font-family: Looks; src: url(/looks-${i}.woff2); font-weight: ${weight}; unicode-range: ${range} }`,
  ).join('\n')}
  :root { color-scheme: light dark }
  body { margin: 0 }
  h1 { display: none }
  serfiq-capture { --serfiq-font: Looks; inline-size: ${WIDTH}px }
`;

const isOther = settings.engine !== 'chromium';
describe('looks', { skip: skipIf(isOther, 'the looks of the element', 'their pictures are of Chromium') }, () => {
  // Letters are drawn the same whatever the machine's settings for its own fonts are.
  const suite = elementSuite({ camera: 'none', flags: ['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb'] });

  before(async () => {
    const { resolve } = createRequire(import.meta.url);
    for (const [i, { file }] of FACES.entries()) suite.site.spoil(`/looks-${i}.woff2`, { body: await readFile(resolve(`@fontsource/${file}`)) });
  });

  /** Returns a picture of the element, once it no longer changes. @param {Scene} scene @param {How} how */
  const lookAt = async ({ state, attributes = '', script = {}, denied = false }, how) => {
    suite.site.spoil('/serfiq/worker.js', scriptedEngine(script));
    const page = await suite.open(attributes, {
      ...how,
      css: CSS,
      viewport: { width: WIDTH, height: 700 },
      reducedMotion: 'reduce',
      policy: (strict) => `${strict}; font-src 'self'`,
      beforehand: `(${drawnFace})(${denied})`,
    });
    await page.inState(state);
    await page.page.waitForFunction(isComplete, { lang: how?.lang ?? 'en', ...script });
    await page.page.evaluate(() => Promise.all([...document.fonts].map((face) => face.load())).then(() => {}));
    let [last, shot] = [Buffer.alloc(0), await page.element.screenshot({ animations: 'disabled' })];
    for (let tries = 0; !shot.equals(last) && tries < 20; tries += 1) {
      await page.page.waitForTimeout(100);
      [last, shot] = [shot, await page.element.screenshot({ animations: 'disabled' })];
    }
    page.assertClean();
    await page.end();
    return PNG.sync.read(shot);
  };

  for (const [light, how] of Object.entries(LIGHTS)) {
    for (const [name, scene] of Object.entries(SCENES)) {
      test(`${name}, ${light}`, async () => compare(`${name}-${light}.png`, await lookAt(scene, how)));
    }
  }
});

/** @param {string} name @param {PNG} shot */
async function compare(name, shot) {
  if (process.env.SERFIQ_WRITE_LOOKS) {
    await mkdir(LOOKS, { recursive: true });
    return writeFile(join(LOOKS, name), PNG.sync.write(shot, SMALL));
  }
  const expected = PNG.sync.read(await readFile(join(LOOKS, name)));
  const { width, height } = expected;
  const isSameSize = shot.width === width && shot.height === height;
  const difference = new PNG({ width, height });
  const pixels = isSameSize ? pixelmatch(expected.data, shot.data, difference.data, width, height, { threshold: COLOUR }) : Infinity;
  if (pixels <= PIXELS) return;
  await mkdir(DIFFERENCES, { recursive: true });
  await writeFile(join(DIFFERENCES, name), PNG.sync.write(shot));
  if (isSameSize) await writeFile(join(DIFFERENCES, `different-${name}`), PNG.sync.write(difference));
  const what = isSameSize ? `${pixels} pixels differ` : `it is ${shot.width} x ${shot.height} pixels, not ${width} x ${height}`;
  assert.fail(`${name}: ${what} from looks/${name}; ${DIFFERENCES} shows how. If it should look like that, SERFIQ_WRITE_LOOKS=1 rewrites it.`);
}

/** Runs in the page: whether everything that comes late is there. @param {Script & { lang: string }} expected */
function isComplete({ lang, quality, loading, takes }) {
  const root = document.querySelector('serfiq-capture')?.shadowRoot;
  const part = (/** @type {string} */ selector) => /** @type {any} */ (root?.querySelector(selector));
  const isSpoken = part('.frame').lang === lang;
  const isScored = quality === undefined || part('.number').textContent === String(quality);
  return isSpoken && isScored && (!loading || part('progress').hasAttribute('value')) && (!takes || part('canvas').width === 640);
}

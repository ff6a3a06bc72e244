/** Lines of the table of browsers that are about the element: what element-checks.js does in each engine, and what it must find. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { drawnCameras } from './drawn-cameras.mjs';
import { drawnFace } from './drawn-face.mjs';
import { STRICT_POLICY } from './element-page.mjs';
import { scriptedEngine } from './scripted-engine.mjs';

/** @import { Engine } from './engines.mjs' */
/** @import { Script } from './scripted-engine.mjs' */
/** @import { Site } from './site.mjs' */

/** @type {Record<string, Script>} */
const SCRIPTS = {
  good: { quality: 72 },
  dark: { instruction: 'too_dark' },
  takes: { quality: 83, takes: true },
  late: { instruction: 'too_dark', isLate: true },
};
const PORTRAIT = 'person_a_2.jpg';
const [ALONE, OUTER, FRAMED] = ['/alone.html', '/outer.html', '/framed.html'];
const YES = 'yes';

/** Serves what the lines need. @param {Site} site @param {(policy: string, body?: string) => Parameters<Site['spoil']>[1]} page makes one */
export async function prepareElementLines(site, page) {
  site.spoil(ALONE, page(STRICT_POLICY));
  site.spoil(OUTER, page(`${STRICT_POLICY}; frame-src ${new URL(framed(site)).origin}`));
  site.spoil(FRAMED, page(STRICT_POLICY, '<script type="module" src="/framed.js"></script>'));
  for (const [path, file] of [['/checks.js', 'element-checks.js'], ['/framed.js', 'framed.js']]) {
    site.spoil(path, { body: await readFile(new URL(file, import.meta.url)) });
  }
  for (const [name, script] of Object.entries(SCRIPTS)) site.spoil(`/scripted/${name}/worker.js`, scriptedEngine(script));
}

/** The framed page, from another origin than the page around it. @param {Site} site */
function framed(site) {
  return site.origin.replace('127.0.0.1', 'localhost') + FRAMED;
}

/**
 * Runs a check in a page with a drawn face before its camera.
 * @param {Engine} engine @param {Site} site @param {string} check one of those in element-checks.js @param {string} [argument]
 * @param {string} [path] of the page
 * @returns {Promise<any>}
 */
async function run(engine, site, check, argument, path = ALONE) {
  await engine.goto(site.origin + path);
  await engine.evaluate(drawnFace, false);
  return carryOut(engine, check, argument);
}

/** @param {Engine} engine @param {string} check @param {string} [argument] @returns {Promise<any>} */
function carryOut(engine, check, argument) {
  return engine.evaluate(
    async (/** @type {any} */ wanted) => (await import(/** @type {string} */ ('/checks.js')))[wanted.check](wanted.argument),
    { check, argument },
  );
}

/** Each line, and what returns its cell. @type {[string, (engine: Engine, site: Site) => Promise<string>][]} */
export const ELEMENT_LINES = [
  ['`<serfiq-capture>` shows tips and an example before the start, and the quality as a number, a word or not at all', async (engine, site) => {
    const { intro, meter } = await run(engine, site, 'introAndMeter');
    assert.deepEqual(intro, { tips: 3, example: true });
    assert.deepEqual(meter, [
      { meter: true, number: true, word: 'Good' },
      { meter: true, number: false, word: 'Good' },
      { meter: false, number: false, word: 'Good' },
    ]);
    return YES;
  }],

  ['A camera that is allowed later starts, and one request serves for another picture', async (engine, site) => {
    assert.deepEqual(await run(engine, site, 'cameraKept'), { code: 'camera-denied', asked: 2 });
    return YES;
  }],

  ['Of several cameras, those without colour are passed over; the person chooses by name', async (engine, site) => {
    await engine.goto(site.origin + ALONE);
    await engine.evaluate(drawnFace, false);
    await engine.evaluate(drawnCameras, [
      { deviceId: 'ir', label: 'Integrated IR Camera', picture: 'colour' },
      { deviceId: 'grey', label: 'HD Webcam (046d:0825)', picture: 'grey' },
      { deviceId: 'front', label: 'camera2 1, facing front', picture: 'colour' },
      { deviceId: 'back', label: 'camera2 0, facing back', picture: 'colour' },
    ]);
    const { listed, passedOver } = await carryOut(engine, 'severalCameras');
    assert.deepEqual(listed, ['Integrated IR Camera', 'HD Webcam', 'Front camera', 'Back camera']);
    assert.deepEqual(passedOver, ['ir', 'grey']);
    return YES;
  }],

  ['In the dark the screen is the light; it stays on, and a picture vibrates, where the browser can', async (engine, site) => {
    const { has, whileOn, shaken } = await run(engine, site, 'handheld');
    assert.deepEqual(whileOn, has.wakeLock ? { asked: 1, held: 1 } : { asked: 0, held: 0 });
    assert.deepEqual(shaken, has.vibration ? [12, 40] : []);
    const lacks = [!has.wakeLock && 'keeping the screen on', !has.vibration && 'vibrations'].filter(Boolean);
    return lacks.length === 0 ? YES : `yes, without ${lacks.join(' or ')}`;
  }],

  ['In an `<iframe>` without `allow="camera"`, the element says so', async (engine, site) => {
    assert.equal(await run(engine, site, 'framed', framed(site), OUTER), 'camera-not-allowed-here');
    return YES;
  }],

  ['In a form: `required`, `disabled`, reset, and a picture that the page refuses', async (engine, site) => {
    const missing = { file: null, valid: false, message: 'Please take a picture.' };
    const valid = { file: 'picture.png', valid: true, message: '' };
    assert.deepEqual(await run(engine, site, 'inForm'), {
      empty: missing,
      refused: missing,
      filled: valid,
      reset: { state: 'idle', ...missing },
      disabled: 'closed',
    });
    return YES;
  }],

  ['Without a good picture, the element says what was wrong most of the time', async (engine, site) => {
    const { code, reason, action } = await run(engine, site, 'noGoodPicture');
    assert.deepEqual([code, reason], ['no-good-picture', 'too_dark']);
    assert.match(action, /“It is too dark: find more light”/);
    return YES;
  }],

  ['Without a camera, a photo is judged by the same checks, and sent by a form', async (engine, site) => {
    const { none, refused, sent } = await run(engine, site, 'photoInstead', PORTRAIT);
    assert.equal(none, 'camera-none');
    assert.deepEqual(refused, ['photo-refused', 'too_far']);
    assert.equal(sent, 'fine.jpg');
    return YES;
  }],

  ['The photo check says everything that is wrong, with one verdict, and how many faces score lower', async (engine, site) => {
    const { fine, worse } = await run(engine, site, 'photoCheck', PORTRAIT, '/?lang=en&view=photos&backend=cpu');
    assert.deepEqual(fine.issues, ['']);
    assert.match(fine.text, /Nothing wrong.*better than \d+\s?% of the faces of .*(Good|Excellent)/s);
    assert.ok(['too_far', 'too_dark'].every((issue) => worse.issues.includes(issue)), worse.issues.join());
    assert.match(worse.text, /Face too small · Too dark/);
    assert.doesNotMatch(worse.text, /Good|Excellent/, 'a word of praise beside a refusal');
    return YES;
  }],
];

/** The capture view on the CPU: facts of every frame, the pictures taken, and every camera state. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { tasksDuring } from './support/thread-tasks.mjs';
import { Visit } from './support/visit.mjs';

/** @typedef {import('playwright-core').Browser} Browser */

const ON_THE_CPU = { query: '?backend=cpu' };
const LONGEST_TASK_MS = 50;

/** @type {Site} */
let site;
before(async () => {
  site = await Site.open(settings.dist);
});
after(() => site?.close());

describe('with a face before the camera', () => {
  /** @type {Browser} */
  let browser;
  /** @type {Visit} */
  let visit;
  before(async () => {
    browser = await launch({ camera: 'face' });
    visit = await Visit.begin(browser, site, ON_THE_CPU);
  });
  after(() => browser?.close());

  test('nothing of the engine is fetched before the camera starts', () => {
    assert.deepEqual(site.requests.filter(({ path }) => /\.(wasm|onnx|bin)$/.test(path)), []);
  });

  test('frames are measured and scored, without a request', async () => {
    await visit.watchCamera(1);
    await visit.scoredFrames(1);
    const requests = { seen: visit.requests.length, served: site.requests.length };
    const first = await visit.facts();
    await visit.scoredFrames(first.scored + 5);
    const later = await visit.facts();
    // Where scoring is slow, not every frame is scored: candidates for the picture come first.
    assert.ok(later.scored > 0 && later.scored <= later.frames, `${later.scored} of ${later.frames} frames are scored`);
    for (const { raw, quality, instruction } of [first, later]) {
      assert.ok(raw > 0 && raw <= 1, `raw score ${raw}, expected within (0, 1]`);
      assert.ok(quality >= 0 && quality <= 100, `quality ${quality}, expected within 0..100`);
      assert.match(instruction, /^[a-z_]+$/);
    }
    assert.match((await visit.page.textContent('#milliseconds')) ?? '', /^\d+(\.\d)? ms$/);
    assert.equal(await visit.page.getAttribute('#backend', 'data-backend'), 'cpu');
    assert.deepEqual(visit.requests.slice(requests.seen), [], 'requests while scoring');
    assert.deepEqual(site.requests.slice(requests.served), [], 'requests that reached the server while scoring');
    visit.assertClean();
  });

  test('the facts have words and units', async () => {
    const facts = await visit.factTexts();
    const { frames, ...measured } = facts;
    assert.match(frames, /^\d+$/);
    for (const [name, expected] of Object.entries({
      quality: /^\d+ · (Poor|Fair|Good|Excellent)$/,
      raw: /^0\.\d{4}$/,
      interEye: /^\d+ px$/,
      luminance: /^\d+ %$/,
      backlight: /^-?\d+\.\d stops$/,
      yaw: /^\d+°$/,
      sharpness: /^\d+ %$/,
    })) {
      assert.match(measured[name] ?? '', expected, `${name} in ${JSON.stringify(facts)}`);
    }
    const labels = await visit.page.locator('#facts dt').allTextContents();
    assert.equal(new Set(labels.filter(Boolean)).size, labels.length, `labels that are empty or the same: ${labels}`);
  });

  test("the page's own thread stays free", async (t) => {
    const { frames } = await visit.facts();
    const tasks = await tasksDuring(browser, visit.page, () => visit.seenFrames(frames + 15));
    const longest = (/** @type {'cpu' | 'wall'} */ clock) => Math.max(...tasks.map((task) => task[clock]));
    t.diagnostic(`of ${tasks.length} tasks, the longest computed ${longest('cpu')} ms and took ${longest('wall')} ms on the clock`);
    assert.ok(tasks.length >= 15, `only ${tasks.length} tasks while 15 frames were scored: the recording is not whole`);
    // CPU time, not wall time: another program may hold the processor while a task waits for its turn.
    assert.ok(longest('cpu') <= LONGEST_TASK_MS, `a task computed for ${longest('cpu')} ms, expected at most ${LONGEST_TASK_MS}`);
  });

  test('method and passes change while running', async () => {
    assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'limit');
    await visit.page.selectOption('#method-select', 'mc');
    await visit.page.fill('#passes-input', '20');
    await visit.page.waitForFunction(() => /±/.test(document.querySelector('[data-fact="raw"] dd')?.textContent ?? ''));
    assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'mc');
    assert.match((await visit.page.textContent('#method')) ?? '', /\b20\b/);
    await visit.page.selectOption('#method-select', 'limit');
    await visit.page.waitForFunction(() => /^0\.\d{4}$/.test(document.querySelector('[data-fact="raw"] dd')?.textContent ?? ''));
    assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'limit');
  });

  test('the guidance speaks the language that is chosen', async () => {
    const hint = visit.page.locator('#camera [part~="hint"]');
    const english = await hint.textContent();
    await visit.page.selectOption('#guidance-language', 'ar');
    await visit.page.waitForFunction(
      () => /[\u0600-\u06ff]/.test(document.getElementById('camera')?.shadowRoot?.querySelector('[part~="hint"]')?.textContent ?? ''),
    );
    await visit.page.selectOption('#guidance-language', '');
    await visit.page.waitForFunction(
      () => /^[ -~]+$/.test(document.getElementById('camera')?.shadowRoot?.querySelector('[part~="hint"]')?.textContent ?? ''),
    );
    assert.match(english ?? '', /^[ -~]+$/);
  });

  test('nothing is measured while the page is hidden, and it goes on', async () => {
    // A headless browser's window cannot be covered, so the page is told that it is hidden.
    await visit.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await visit.cameraState('hidden');
    const { frames, raw } = await visit.facts();
    assert.ok(Number.isNaN(raw), 'an old score is still shown');
    assert.ok(await visit.page.isHidden('#facts'), 'old facts are still shown');
    await visit.page.waitForTimeout(1000);
    assert.equal((await visit.facts()).frames, frames, 'frames were scored while the page was hidden');
    await visit.page.evaluate(() => {
      Reflect.deleteProperty(document, 'visibilityState');
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await visit.seenFrames(frames + 2);
  });

  test('another view gives the camera back, and the return starts it again', async () => {
    await visit.page.click('#tab-how');
    await visit.cameraState('idle');
    const live = await visit.page.evaluate(() => {
      const video = document.getElementById('camera')?.shadowRoot?.querySelector('video');
      return /** @type {MediaStream | null} */ (video?.srcObject ?? null)?.getTracks().some((track) => track.readyState === 'live') ?? false;
    });
    assert.equal(live, false, 'the camera is still open');
    const { frames } = await visit.facts();
    await visit.page.click('#tab-capture');
    await visit.seenFrames(frames + 2);
  });

  test('the engine is the same in every view', async () => {
    const workers = visit.page.workers().length;
    assert.equal(workers, 1);
    const served = site.requests.length;
    await visit.page.click('#tab-photos');
    await visit.ready();
    assert.equal(visit.page.workers().length, 1, 'another worker was started');
    assert.deepEqual(site.requests.slice(served), [], 'something was fetched once more');
    const { frames } = await visit.facts();
    await visit.page.click('#tab-capture');
    await visit.seenFrames(frames + 2);
    assert.equal(visit.page.workers().length, 1, 'another worker was started');
  });

  test('a camera that goes away is said, and can be started again', async () => {
    // Revoking the permission ends the stream, as unplugging does.
    await visit.context.grantPermissions([], { origin: site.origin });
    await visit.cameraState('error');
    assert.equal((await visit.cameraErrors()).at(-1)?.code, 'camera-unplugged');
    assert.ok(Number.isNaN((await visit.facts()).raw), 'an old score is still shown');
    await visit.context.grantPermissions(['camera'], { origin: site.origin });
    await visit.watchCamera(2);
    visit.assertClean();
  });

  test('a camera that is not allowed is said, and starts by itself once it is', async () => {
    const denied = await Visit.begin(browser, site, { ...ON_THE_CPU, cameraAllowed: false });
    await denied.startCamera();
    await denied.cameraState('error');
    const [{ code, action }] = await denied.cameraErrors();
    assert.equal(code, 'camera-denied');
    assert.match(action, /allow/i);
    await denied.context.grantPermissions(['camera'], { origin: site.origin });
    await denied.seenFrames(1);
    denied.assertClean();
    await denied.end();
  });
});

describe('a picture that is taken', () => {
  /** @type {Browser} */
  let browser;
  /** @type {Visit} */
  let visit;
  before(async () => {
    browser = await launch({ camera: 'face' });
    visit = await Visit.begin(browser, site, ON_THE_CPU);
    await visit.startCamera();
    await visit.usePicture();
  });
  after(() => browser?.close());

  test('is shown with its score', async () => {
    const card = visit.page.locator('#taken > li');
    assert.equal(await card.count(), 1);
    assert.match((await card.textContent()) ?? '', /\d+ (Good|Excellent).*raw 0\.\d{4}.*Nothing wrong/s);
    assert.match((await card.locator('img').getAttribute('alt')) ?? '', /quality \d+/);
    const loaded = await card.locator('img').evaluate((image) => /** @type {HTMLImageElement} */ (image).decode().then(() => true));
    assert.ok(loaded);
    assert.ok(await visit.page.isHidden('#taken-hint'));
  });

  test('can be downloaded', async () => {
    const [download] = await Promise.all([visit.page.waitForEvent('download'), visit.page.click('#taken a[download]')]);
    assert.equal(download.suggestedFilename(), 'serfiq.jpg');
    const bytes = await readFile(await download.path());
    assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff], 'no JPEG');
  });

  test('can be compared, and seen to jitter beside a worse copy', async () => {
    await visit.page.click('#taken button:has-text("Compare")');
    await visit.page.waitForSelector('#slot-0[data-state="ok"] .cloud');
    assert.ok(await visit.page.isVisible('#compare'));
    await visit.page.click('#tab-capture');
    await visit.page.click('#taken button:has-text("See the scatter")');
    await visit.page.waitForSelector('#experiment[data-state="ok"]');
    const [original, worse] = await visit.page
      .locator('#specimens > figure')
      .evaluateAll((figures) => figures.map((figure) => Number(/** @type {HTMLElement} */ (figure).dataset.raw)));
    assert.ok(original > worse, `the worse copy has ${worse}, the original ${original}`);
    visit.assertClean();
  });

  test('can be removed', async () => {
    await visit.page.click('#tab-capture');
    await visit.page.click('#taken button:has-text("Remove")');
    assert.equal(await visit.page.locator('#taken > li').count(), 0);
    assert.ok(await visit.page.isVisible('#taken-hint'));
    visit.assertClean();
  });
});

test('the threshold decides what is taken', async (t) => {
  const browser = await launch({ camera: 'face' });
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, ON_THE_CPU);
  await visit.page.locator('#threshold').fill('95');
  assert.equal(await visit.page.textContent('#threshold-value'), '95');
  await visit.watchCamera(5);
  assert.equal((await visit.facts()).instruction, 'hard_to_recognise');
  assert.equal(await visit.page.locator('#taken > li').count(), 0);
  visit.assertClean();
});

test('without a face there is no score, and light all the same', async (t) => {
  const browser = await launch({ camera: 'empty' });
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, ON_THE_CPU);
  await visit.watchCamera(3);
  const { raw, instruction } = await visit.facts();
  assert.equal(instruction, 'no_face');
  assert.ok(Number.isNaN(raw), `a score of ${raw} without a face`);
  const { quality, yaw, luminance } = await visit.factTexts();
  assert.deepEqual([quality, yaw], ['–', '–']);
  assert.match(luminance, /^\d+ %$/);
  visit.assertClean();
});

test('of two faces the larger one is scored, and the other one measured', async (t) => {
  const browser = await launch({ camera: 'twoFaces' });
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, ON_THE_CPU);
  await visit.watchCamera(3);
  const { raw } = await visit.facts();
  assert.ok(raw > 0 && raw <= 1, `raw score ${raw} of the largest face, expected within (0, 1]`);
  assert.match((await visit.factTexts()).rival, /^[1-9]\d* %$/);
  visit.assertClean();
});

test('a computer without a camera is told so', async (t) => {
  const browser = await launch({ camera: 'none' });
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, ON_THE_CPU);
  await visit.startCamera();
  await visit.cameraState('error');
  assert.equal((await visit.cameraErrors())[0].code, 'camera-none');
  assert.ok(await visit.page.isVisible('#camera [data-action="start"]'), 'no way to try again');
  visit.assertClean();
});

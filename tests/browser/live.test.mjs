/** The live view on the CPU: scores, and every state of the camera. */

import assert from 'node:assert/strict';
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
    await visit.ready();
  });
  after(() => browser?.close());

  test('every frame is scored, without a request', async () => {
    const requests = { seen: visit.requests.length, served: site.requests.length };
    await visit.scoreLive(1);
    const first = await visit.meter();
    await visit.scoredFrames(first.frames + 5);
    const later = await visit.meter();
    for (const { raw, quality } of [first, later]) {
      assert.ok(raw > 0 && raw <= 1, `raw score ${raw}, expected within (0, 1]`);
      assert.ok(quality >= 0 && quality <= 100, `quality ${quality}, expected within 0..100`);
    }
    assert.match((await visit.page.textContent('#milliseconds')) ?? '', /^\d+(\.\d)? ms$/);
    assert.equal(await visit.page.getAttribute('#backend', 'data-backend'), 'cpu');
    assert.deepEqual(visit.requests.slice(requests.seen), [], 'requests while scoring');
    assert.deepEqual(site.requests.slice(requests.served), [], 'requests that reached the server while scoring');
    visit.assertClean();
  });

  test('the face is outlined, and the preview is mirrored', async () => {
    const drawn = await visit.page.locator('#overlay').evaluate((canvas) => {
      const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
      const pixels = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      return pixels.some((value, i) => i % 4 === 3 && value > 0);
    });
    assert.ok(drawn, 'nothing is drawn over the preview');
    const transform = await visit.page.locator('#preview').evaluate((video) => getComputedStyle(video).transform + getComputedStyle(video).scale);
    assert.match(transform, /-1/, 'the preview is not mirrored');
  });

  test("the page's own thread stays free", async (t) => {
    const { frames } = await visit.meter();
    const tasks = await tasksDuring(browser, visit.page, () => visit.scoredFrames(frames + 15));
    const longest = (/** @type {'cpu' | 'wall'} */ clock) => Math.max(...tasks.map((task) => task[clock]));
    t.diagnostic(`of ${tasks.length} tasks, the longest computed ${longest('cpu')} ms and took ${longest('wall')} ms on the clock`);
    assert.ok(tasks.length >= 15, `only ${tasks.length} tasks while 15 frames were scored: the recording is not whole`);
    // Of computing, not on the clock: another program may hold the processor while a task waits for its turn.
    assert.ok(longest('cpu') <= LONGEST_TASK_MS, `a task computed for ${longest('cpu')} ms, expected at most ${LONGEST_TASK_MS}`);
  });

  test('method and passes change while running', async () => {
    assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'limit');
    await visit.page.selectOption('#method-select', 'mc');
    await visit.page.fill('#passes-input', '20');
    await visit.scoredFrames((await visit.meter()).frames + 2);
    assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'mc');
    assert.match((await visit.page.textContent('#method')) ?? '', /\b20\b/);
    assert.match((await visit.page.textContent('#meter-raw')) ?? '', /±/, 'dropout passes have a standard error');
    await visit.page.selectOption('#method-select', 'limit');
    await visit.scoredFrames((await visit.meter()).frames + 2);
    assert.doesNotMatch((await visit.page.textContent('#meter-raw')) ?? '', /±/, 'the limit has none');
  });

  test('scoring pauses while the page is hidden, and goes on', async () => {
    // A headless browser has no window that could be covered, so the page is told that it is hidden.
    await visit.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await visit.liveState('hidden');
    const { frames, raw } = await visit.meter();
    assert.ok(Number.isNaN(raw), 'an old score is still shown');
    await visit.page.waitForTimeout(1000);
    assert.equal((await visit.meter()).frames, frames, 'frames were scored while the page was hidden');
    await visit.page.evaluate(() => {
      Reflect.deleteProperty(document, 'visibilityState');
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await visit.scoredFrames(frames + 2);
  });

  test('a camera that goes away is said, and can be started again', async () => {
    const { frames } = await visit.meter();
    // Taking back the permission ends the stream, as pulling the plug does.
    await visit.context.grantPermissions([], { origin: site.origin });
    await visit.liveState('unplugged');
    assert.ok(Number.isNaN((await visit.meter()).raw), 'an old score is still shown');
    await visit.context.grantPermissions(['camera'], { origin: site.origin });
    await visit.scoreLive(frames + 2);
    visit.assertClean();
  });

  test('a camera that is not allowed is said, and works once it is', async () => {
    const denied = await Visit.begin(browser, site, { ...ON_THE_CPU, cameraAllowed: false });
    await denied.ready();
    await denied.page.click('#start-camera');
    await denied.liveState('denied');
    assert.match((await denied.page.textContent('#live-text')) ?? '', /allow/i);
    await denied.context.grantPermissions(['camera'], { origin: site.origin });
    await denied.scoreLive(1);
    denied.assertClean();
    await denied.end();
  });
});

for (const { camera, state, words } of /** @type {const} */ ([
  { camera: 'empty', state: 'no-face', words: /no face/i },
  { camera: 'twoFaces', state: 'several-faces', words: /largest/i },
])) {
  test(`state ${state}`, async (t) => {
    const browser = await launch({ camera });
    t.after(() => browser.close());
    const visit = await Visit.begin(browser, site, ON_THE_CPU);
    await visit.ready();
    await visit.page.click('#start-camera');
    await visit.liveState(state);
    assert.match((await visit.page.textContent('#live-hint')) ?? '', words);
    const { raw } = await visit.meter();
    if (state === 'no-face') {
      assert.ok(Number.isNaN(raw), `a score of ${raw} without a face`);
      assert.doesNotMatch((await visit.page.textContent('#meter')) ?? '', /\d/, 'a number without a face');
    } else {
      assert.ok(raw > 0 && raw <= 1, `raw score ${raw} of the largest face, expected within (0, 1]`);
    }
    visit.assertClean();
  });
}

test('a computer without a camera is told so', async (t) => {
  const browser = await launch({ camera: 'none' });
  t.after(() => browser.close());
  const visit = await Visit.begin(browser, site, ON_THE_CPU);
  await visit.ready();
  await visit.page.click('#start-camera');
  await visit.liveState('none');
  assert.ok(await visit.page.isVisible('#start-camera'), 'no way to try again');
  visit.assertClean();
});

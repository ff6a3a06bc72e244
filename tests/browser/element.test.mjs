/** `<serfiq-capture>`: from the first announcement to the picture. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { ElementPage } from './support/element-page.mjs';
import { elementSuite } from './support/element-suite.mjs';
import { tasksDuring } from './support/thread-tasks.mjs';
import { assertUsable } from './support/usable.mjs';
import { PATIENCE_MS } from './support/visit.mjs';

const LONGEST_TASK_MS = 50;
/** Minimum time between two announcements to a screen reader, less timer error. */
const SPOKEN_APART_MS = 1950;
/** Minimum display time of an instruction. */
const SHOWN_MS = 600;

const suite = elementSuite();
const { open, openBody } = suite;

describe('a face before the camera', () => {
  test('is taken by itself: the whole frame, its crop, its scores', async () => {
    const page = await open('autostart auto-capture crop picture-type="image/png"');
    const { blob, crop, report } = await page.event('capture');
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'captured']);
    const [hint] = (await page.told()).filter(({ name }) => name === 'hint');
    assert.deepEqual(hint.detail, { instruction: 'hold_still', text: 'Very good. Hold still' });
    assert.deepEqual([blob.type, crop.type], ['image/png', 'image/png']);
    assert.equal(report.accepted, true);
    assert.ok(report.faces[0].quality >= 50 && report.faces[0].raw > 0 && report.faces[0].raw <= 1, JSON.stringify(report.faces));
    const pictures = await page.page.evaluate(async () => {
      const [picture] = /** @type {any} */ (window).blobs;
      const size = async (/** @type {Blob} */ one) => {
        const { width, height } = await createImageBitmap(one);
        return [width, height];
      };
      return { whole: await size(picture.blob), crop: await size(picture.crop) };
    });
    assert.deepEqual(pictures, { whole: [report.width, report.height], crop: [112, 112] });
    // The camera is released, and the picture is shown.
    assert.equal(await page.part('video').evaluate((video) => /** @type {HTMLVideoElement} */ (video).srcObject), null);
    assert.ok(await page.part('picture').isVisible());
    page.assertClean();
    await page.end();
  });

  test('the picture that is taken has the score that it was taken for', async () => {
    const page = await open('autostart auto-capture picture-type="image/png"');
    const { report } = await page.event('capture');
    const again = await page.page.evaluate(async () => {
      const { createEngine } = await import(/** @type {string} */ ('/serfiq/index.js'));
      const engine = await createEngine({ backend: 'cpu' });
      return engine.score(/** @type {any} */ (window).blobs[0].blob);
    });
    // Faces are detected at 640 pixels in a photo, and at 320 in a frame: the landmarks differ by fractions of a pixel.
    assert.ok(Math.abs(again.faces[0].raw - report.faces[0].raw) < 0.01, `${again.faces[0].raw}, ${report.faces[0].raw}`);
    assert.deepEqual(again.issues, []);
    await page.end();
  });

  test('below the threshold nothing is taken unless asked for', async () => {
    const strict = await open('autostart auto-capture threshold="100" time-limit="2"');
    const { code, reason, action } = await strict.event('error');
    assert.deepEqual([code, reason], ['no-good-picture', 'hard_to_recognise']);
    assert.match(action, /time is up/);
    const hints = (await strict.told()).filter(({ name }) => name === 'hint').map(({ detail }) => detail.instruction);
    assert.deepEqual(hints, ['hard_to_recognise']);
    assert.deepEqual((await strict.told()).filter(({ name }) => name === 'capture'), []);
    await strict.end();
    const lenient = await open('autostart auto-capture threshold="100" time-limit="2" below-threshold');
    const { report } = await lenient.event('capture');
    assert.ok(report.faces[0].quality < 100 && !report.accepted);
    await lenient.end();
  });

  test('is taken by the shutter, with the keyboard alone', async () => {
    const page = await open('');
    await page.page.keyboard.press('Tab');
    await page.page.keyboard.press('Enter');
    await page.inState('running');
    await page.page.waitForSelector('serfiq-capture [part~="shutter"][aria-disabled="false"]');
    const focused = () => page.element.evaluate((element) => element.shadowRoot?.activeElement?.getAttribute('data-action'));
    assert.equal(await focused(), 'shutter', 'the focus of the start button is lost');
    await page.page.keyboard.press('Space');
    await page.event('capture');
    assert.equal(await focused(), 'start', 'the focus of the shutter is lost');
    assert.equal(await page.page.locator('serfiq-capture button:focus').textContent(), 'Take another picture');
    await page.page.keyboard.press('Enter');
    await page.inState('running');
    page.assertClean();
    await page.end();
  });

  test('the shutter waits until the threshold is met', async () => {
    const page = await open('autostart threshold="100"');
    await page.frames(5);
    assert.equal(await page.part('shutter').getAttribute('aria-disabled'), 'true');
    await page.part('shutter').click({ force: true });
    await page.frames(10);
    assert.deepEqual((await page.told()).filter(({ name }) => name === 'capture'), []);
    await page.end();
  });

  test('what the guide goes by counts at once', async () => {
    const page = await open('autostart threshold="100"');
    await page.page.waitForFunction(() => /** @type {any} */ (window).lastFrame?.instruction === 'hard_to_recognise');
    await page.element.evaluate((element) => {
      const capture = /** @type {any} */ (element);
      capture.threshold = 40;
      capture.autoCapture = true;
    });
    const { report } = await page.event('capture');
    assert.ok(report.accepted);
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'captured'], 'it had to start again');
    await page.end();
  });

  test('capture(): starts, can be called off, and takes what is asked for', async () => {
    const page = await open('threshold="100"');
    const outcome = await page.element.evaluate(async (element) => {
      const capture = /** @type {any} */ (element);
      const impatient = await capture.capture({ signal: AbortSignal.timeout(3000) }).catch((/** @type {Error} */ error) => error.name);
      const stopped = capture.capture().catch((/** @type {any} */ error) => error.code);
      await new Promise((resolve) => setTimeout(resolve, 300));
      capture.stop();
      // Requested while the camera is starting.
      const starting = capture.start();
      const { blob } = await capture.capture({ belowThreshold: true });
      await starting;
      return { impatient, stopped: await stopped, type: blob.type };
    });
    assert.deepEqual(outcome, { impatient: 'TimeoutError', stopped: 'closed', type: 'image/jpeg' });
    await page.end();
  });

  test('one word at a time: instructions stay, announcements keep their distance', { timeout: 2 * PATIENCE_MS }, async () => {
    const page = await open('autostart');
    await page.element.evaluate((element) => {
      const spoken = /** @type {number[]} */ ([]);
      Object.assign(window, { spoken });
      const live = element.shadowRoot?.querySelector('[aria-live]');
      // Clearing the text is not an announcement.
      if (live) new MutationObserver(() => live.textContent && spoken.push(performance.now())).observe(live, { childList: true });
    });
    await page.inState('running');
    // Simulates movement: the fake camera's face sways across these limits, which gives one instruction after another.
    await page.element.evaluate(async (element) => {
      const capture = /** @type {any} */ (element);
      for (let i = 0; i < 6 || /** @type {any} */ (window).spoken.length < 2; i++) {
        capture.stop();
        capture.guide = i % 2 ? { inter_eye: { limit: 150, margin: 1 } } : { fill: { limit: 0.3, margin: 0 } };
        const hinted = new Promise((resolve) => element.addEventListener('serfiq-hint', resolve, { once: true }));
        await capture.start();
        await hinted;
        await new Promise((resolve) => setTimeout(resolve, 700));
      }
    });
    const hints = (await page.told()).filter(({ name }) => name === 'hint');
    assert.ok(new Set(hints.map(({ detail }) => detail.instruction)).size >= 2, JSON.stringify(hints));
    const spoken = /** @type {number[]} */ (await page.page.evaluate(() => /** @type {any} */ (window).spoken));
    assert.ok(spoken.length >= 2, 'nothing was announced');
    for (const [i, time] of spoken.slice(1).entries()) {
      assert.ok(time - spoken[i] >= SPOKEN_APART_MS, `announcements ${time - spoken[i]} ms apart`);
    }
    await page.end();
  });

  test('an instruction stays long enough to be read', async () => {
    /** Notes of each hint the time of its frame: how long a frame is computed depends on what else runs. */
    const timeHints = () => {
      const [hintTimes, { postMessage }] = [/** @type {number[]} */ ([]), Worker.prototype];
      let frameTime = NaN;
      Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
        if (message.kind === 'frame') frameTime = message.time;
        postMessage.call(this, message, transfer);
      };
      Object.assign(window, { hintTimes });
      document.addEventListener('serfiq-hint', () => hintTimes.push(frameTime));
    };
    const page = await open('autostart', { beforehand: timeHints });
    // Exactly at the limit around which the face sways.
    await page.frames(3);
    const offset = await page.page.evaluate(() => /** @type {any} */ (window).lastFrame.measures.face.framing.offset[0]);
    await page.element.evaluate((element, middle) => {
      const capture = /** @type {any} */ (element);
      capture.stop();
      /** @type {any} */ (window).hintTimes.length = 0;
      capture.guide = { offset_across: { limit: Math.abs(middle), margin: 0 }, shown_ms: 600 };
      return capture.start();
    }, offset);
    await page.frames(60);
    const hints = /** @type {number[]} */ (await page.page.evaluate(() => /** @type {any} */ (window).hintTimes));
    assert.ok(hints.length > 0 && hints.every(Number.isFinite), hints.join());
    for (const [i, time] of hints.slice(1).entries()) assert.ok(time - hints[i] >= SHOWN_MS, `instructions ${time - hints[i]} ms apart`);
    await page.end();
  });

  test('stop gives back the camera at once, and soon the engine', async () => {
    const page = await open('autostart');
    await page.frames(2);
    assert.equal(page.page.workers().length, 1);
    const ended = await page.element.evaluate((element) => {
      const video = /** @type {HTMLVideoElement} */ (element.shadowRoot?.querySelector('video'));
      const [track] = /** @type {MediaStream} */ (video.srcObject).getVideoTracks();
      /** @type {any} */ (element).stop();
      return { track: track.readyState, source: video.srcObject, engine: /** @type {any} */ (element).engine };
    });
    assert.deepEqual(ended, { track: 'ended', source: null, engine: null });
    await page.inState('idle');
    await gone(page);
    page.assertClean();
    await page.end();
  });

  test('two elements share one engine', async () => {
    const two = '<serfiq-capture id="one" backend="cpu" autostart></serfiq-capture><serfiq-capture id="two" backend="cpu" autostart></serfiq-capture>';
    const page = await openBody(two);
    await page.page.evaluate(() => {
      const seen = { one: 0, two: 0 };
      Object.assign(window, { seen });
      document.addEventListener('serfiq-frame', ({ target }) => (seen[/** @type {'one' | 'two'} */ (/** @type {Element} */ (target).id)] += 1));
    });
    await page.page.waitForFunction(() => Math.min(.../** @type {number[]} */ (Object.values(/** @type {any} */ (window).seen))) >= 5);
    assert.equal(page.page.workers().length, 1);
    // Stopping one leaves the other its engine.
    await page.page.evaluate(() => /** @type {any} */ (document.getElementById('one')).stop());
    const { two: before } = await page.page.evaluate(() => /** @type {any} */ (window).seen);
    await page.page.waitForTimeout(3000);
    await page.page.waitForFunction((past) => /** @type {any} */ (window).seen.two > past + 5, before);
    page.assertClean();
    await page.end();
  });

  test('moved and re-inserted a hundred times: it goes on, and memory is flat', { timeout: 300_000 }, async (t) => {
    const page = await open('autostart');
    await page.frames(2);
    const session = await page.context.newCDPSession(page.page);
    await session.send('Performance.enable');
    const measure = async () => {
      // Garbage collected in the first round, such as camera streams, releases more garbage.
      for (let round = 0; round < 3; round++) {
        await session.send('HeapProfiler.collectGarbage');
        await page.page.waitForTimeout(200);
      }
      const { metrics } = await session.send('Performance.getMetrics');
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    const cycle = (/** @type {number} */ times) =>
      page.element.evaluate(async (element, count) => {
        const running = () => new Promise((resolve) => element.addEventListener('serfiq-frame', resolve, { once: true }));
        const parent = /** @type {Element} */ (element.parentElement);
        for (let i = 0; i < count; i++) {
          parent.append(element);
          element.remove();
          // Long enough to count as removed: the camera is released, and opened again.
          await new Promise((resolve) => setTimeout(resolve, 0));
          if (/** @type {any} */ (element).state !== 'idle') throw new Error('removed, and not stopped');
          parent.append(element);
          await running();
        }
      }, times);
    await cycle(20);
    const warm = await measure();
    await cycle(80);
    let end = await measure();
    // Listeners come and go with streams that are not collected yet; a leak of one per insertion would make 80.
    const growth = () => [
      ['nodes', warm.Nodes, end.Nodes, 20],
      ['listeners', warm.JSEventListeners, end.JSEventListeners, 40],
      ['heap', warm.JSHeapUsedSize, end.JSHeapUsedSize, 1_000_000],
    ];
    const leaks = () => growth().filter(([, before, after, most]) => Number(after) > Number(before) + Number(most));
    // What goes late is no leak: a busy browser takes its time to end a stream.
    for (let tries = 0; leaks().length > 0 && tries < 20; tries++) end = await measure();
    t.diagnostic(growth().map(([what, before, after]) => `${what} ${before} -> ${after}`).join(', '));
    assert.equal(page.page.workers().length, 1, 'engines were left behind');
    assert.deepEqual(leaks(), []);
    page.assertClean();
    await page.end();
  });

  test("the page's own thread stays free", async (t) => {
    const page = await open('autostart');
    await page.frames(3);
    const tasks = await tasksDuring(suite.browser, page.page, () => page.frames(20));
    const longest = Math.max(...tasks.map(({ cpu }) => cpu).filter((cpu) => !Number.isNaN(cpu)));
    t.diagnostic(`of ${tasks.length} tasks, the longest computed ${longest} ms`);
    assert.ok(tasks.length >= 15, `only ${tasks.length} tasks: the recording is not whole`);
    assert.ok(longest <= LONGEST_TASK_MS, `a task computed for ${longest} ms, expected at most ${LONGEST_TASK_MS}`);
    await page.end();
  });

  test('a phone that is turned', async () => {
    const page = await open('autostart');
    await page.frames(2);
    const before = await page.part('outline').getAttribute('viewBox');
    await page.part('video').evaluate((video) => {
      const [track] = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (video).srcObject).getVideoTracks();
      return track.applyConstraints({ width: 360, height: 480 });
    });
    await page.page.waitForFunction(() => {
      const { lastFrame } = /** @type {any} */ (window);
      return lastFrame.height > lastFrame.width && lastFrame.faces.length === 1;
    });
    // The element hears of it from the video, which may be a little later. If it does not, the oval keeps its old shape.
    await page.page.waitForFunction(
      (old) => document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('.outline')?.getAttribute('viewBox') !== old,
      before,
    );
    page.assertClean();
    await page.end();
  });

  test('hidden pages rest, and go on', async () => {
    const page = await open('autostart');
    await page.frames(2);
    await hide(page);
    const frames = () => page.page.evaluate(() => /** @type {any} */ (window).frames_);
    const before = await frames();
    await page.page.waitForTimeout(700);
    assert.equal(await frames(), before, 'frames were looked at while the page was hidden');
    await page.page.evaluate(() => {
      Reflect.deleteProperty(document, 'visibilityState');
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.frames(before + 3);
    assert.equal(await page.state(), 'running');
    page.assertClean();
    await page.end();
  });

  test('a camera that is unplugged is said; plugged in again, it goes on by itself', async () => {
    const page = await open('autostart');
    await page.frames(2);
    // Revoking the permission ends the stream, as unplugging does.
    await page.context.grantPermissions([], { origin: suite.site.origin });
    const { code, action } = await page.event('error');
    assert.equal(code, 'camera-unplugged');
    assert.match(action, /Connect it again/);
    await page.inState('error');
    await page.context.grantPermissions(['camera'], { origin: suite.site.origin });
    // The fake device cannot be unplugged; the browser's event for it is the same.
    await page.page.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event('devicechange')));
    await page.inState('running');
    page.assertClean();
    await page.end();
  });

  test('a camera that is unplugged while the page is hidden is said', async () => {
    const page = await open('autostart');
    await page.frames(2);
    await hide(page);
    // By then the last frame has been answered, and waits to be shown.
    await page.page.waitForTimeout(500);
    await page.context.grantPermissions([], { origin: suite.site.origin });
    assert.equal((await page.event('error')).code, 'camera-unplugged');
    await page.inState('error');
    page.assertClean();
    await page.end();
  });

  test('a camera that is not allowed is said, and starts by itself once it is', async () => {
    const page = await open('autostart', { cameraAllowed: false });
    assert.equal((await page.event('error')).code, 'camera-denied');
    assert.match((await page.part('title').textContent()) ?? '', /not allowed/);
    await page.context.grantPermissions(['camera'], { origin: suite.site.origin });
    await page.frames(1);
    assert.deepEqual(await page.states(), ['asking', 'error', 'asking', 'loading', 'running']);
    page.assertClean();
    await page.end();
  });

  test('a camera that another program holds is said', async () => {
    // No second program can hold the fake device, so the test returns the browser's error.
    const page = await open('autostart', {
      beforehand: () => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Could not start video source', 'NotReadableError'));
      },
    });
    assert.equal((await page.event('error')).code, 'camera-busy');
    assert.match((await page.part('title').textContent()) ?? '', /in use/);
    await page.end();
  });

  test('attributes that make no sense are refused in words', async () => {
    for (const [attribute, expected] of /** @type {const} */ ([
      ['threshold="high"', /threshold is 'high'; expected a number from 0 to 100/],
      ['threshold="101"', /from 0 to 100/],
      ['picture-type="image/gif"', /expected 'image\/jpeg'/],
      ['model="arcface"', /this build has 'sface'/],
      ['method="best"', /expected 'mc' or 'limit'/],
      ['asset-base="http://["', /assetBase is/],
    ])) {
      const page = await open(`autostart ${attribute}`);
      const { code, message } = await page.event('error');
      assert.equal(code, 'invalid-option', attribute);
      assert.match(message, expected);
      await page.inState('error');
      await page.end();
    }
    const page = await open('');
    const refused = await page.element.evaluate((element) => {
      const capture = /** @type {any} */ (element);
      capture.guide = { jaw: { limit: 1, margin: 0 } };
      capture.start().catch(() => {});
      return new Promise((resolve) => element.addEventListener('serfiq-error', (event) => resolve(/** @type {CustomEvent} */ (event).detail)));
    });
    assert.match(/** @type {any} */ (refused).message, /no 'jaw' among the settings of the guide; expected rival/);
    await page.end();
  });

  test('speaks the language of the page around it, or the one asked for, or its own', async () => {
    for (const [attributes, lang, start, direction] of [
      ['', 'de-AT', 'Kamera starten', 'ltr'],
      ['', 'ar', 'تشغيل الكاميرا', 'rtl'],
      ['language="fr"', 'de', 'Démarrer la caméra', 'ltr'],
      ['', 'es', 'Iniciar la cámara', 'ltr'],
      ['', 'xx', 'Start camera', 'ltr'],
    ]) {
      const page = await open(attributes, { lang });
      await page.page.waitForFunction(
        (words) => document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('.message button')?.textContent === words,
        start,
      );
      assert.equal(await page.page.locator('serfiq-capture [dir]').first().getAttribute('dir'), direction);
      await page.end();
    }
    const page = await open('language="nl"');
    await page.element.evaluate((element) => {
      /** @type {any} */ (element).messages = { start: 'Camera starten', hints: { hold_still: 'Blijf stil' } };
    });
    await page.page.click('text=Camera starten');
    const { text } = await page.event('hint');
    assert.equal(text, 'Blijf stil');
    await page.end();
  });

  test('looks are the page’s own to choose', async () => {
    const page = await openBody('<serfiq-capture backend="cpu"><p slot="idle" id="own">Our own words</p><p slot="footer">Below</p></serfiq-capture>');
    assert.ok(await page.page.isVisible('#own'));
    assert.ok(await page.part('title').isHidden(), 'own content comes beside the introduction, not in its place');
    const colour = await page.element.evaluate((element) => {
      /** @type {HTMLElement} */ (element).style.setProperty('--serfiq-accent', 'rgb(1, 2, 3)');
      const button = /** @type {Element} */ (element.shadowRoot?.querySelector('[part~="button"].primary'));
      return getComputedStyle(button).backgroundColor;
    });
    assert.equal(colour, 'rgb(1, 2, 3)');
    await page.end();
  });

  for (const look of /** @type {const} */ ([
    { colorScheme: 'light', lang: 'en' },
    { colorScheme: 'dark', lang: 'ar', viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' },
  ])) {
    test(`nothing for axe-core to find, ${look.colorScheme}, ${look.lang}`, async () => {
      const page = await open('', look);
      await assertUsable(page);
      await page.page.click('serfiq-capture button:visible');
      await page.page.waitForSelector('serfiq-capture [part~="shutter"][aria-disabled="false"]');
      await assertUsable(page);
      const meter = page.part('meter');
      assert.equal(await meter.getAttribute('role'), 'meter');
      assert.match((await meter.getAttribute('aria-valuenow')) ?? '', /^\d+$/);
      assert.match((await meter.getAttribute('aria-valuetext')) ?? '', /\p{N}.*\p{L}{3}/u, 'never the colour alone');
      await page.part('shutter').click();
      await page.event('capture');
      await assertUsable(page);
      if ('reducedMotion' in look) {
        const moving = await page.element.evaluate((element) =>
          [...(element.shadowRoot?.querySelectorAll('*') ?? [])].filter((one) => {
            const { transitionDuration, transitionProperty } = getComputedStyle(one);
            // A colour that fades is no motion; one that changes at once would flash.
            return parseFloat(transitionDuration) > 0.01 && transitionProperty !== 'background-color';
          }).length,
        );
        assert.equal(moving, 0, 'something moves');
      }
      page.assertClean();
      await page.end();
    });
  }
});

test('nobody, and no score of nobody', async (t) => {
  const browser = await launch({ camera: 'empty' });
  t.after(() => browser.close());
  const page = await ElementPage.open(browser, suite.site, '<serfiq-capture backend="cpu" autostart auto-capture></serfiq-capture>');
  assert.equal((await page.event('hint')).instruction, 'no_face');
  await page.frames(10);
  assert.equal(await page.part('meter').getAttribute('role'), 'img');
  assert.doesNotMatch((await page.part('meter').textContent()) ?? '', /\d/, 'a number without a face');
  assert.deepEqual((await page.told()).filter(({ name }) => name === 'capture'), []);
  page.assertClean();
});

test('a computer without a camera is told so', async (t) => {
  const browser = await launch({ camera: 'none' });
  t.after(() => browser.close());
  const page = await ElementPage.open(browser, suite.site, '<serfiq-capture backend="cpu" autostart></serfiq-capture>');
  assert.equal((await page.event('error')).code, 'camera-none');
  page.assertClean();
});

test('a page without HTTPS is told so', async () => {
  // The site answers to every host name; only localhost and HTTPS are secure.
  const context = await suite.browser.newContext();
  const { port } = new URL(suite.site.origin);
  await context.route(`http://insecure.test:${port}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${suite.site.origin}${pathname}` }) });
  });
  await context.route('**/element.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><script type="module" src="serfiq/capture/index.js"></script><serfiq-capture autostart></serfiq-capture>',
    }),
  );
  const page = await context.newPage();
  await page.goto(`http://insecure.test:${port}/element.html`);
  await page.waitForFunction(() => document.querySelector('serfiq-capture')?.matches(':state(error)'));
  assert.match((await page.textContent('serfiq-capture [part~="title"]')) ?? '', /No access to the camera here/);
  assert.match((await page.textContent('serfiq-capture [part~="text"]')) ?? '', /https/);
  await context.unrouteAll({ behavior: 'ignoreErrors' });
});

/** A headless browser's window cannot be covered, so the page is told that it is hidden. @param {ElementPage} page */
async function hide(page) {
  await page.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.inState('hidden');
}

/** Waits until no worker is left. @param {ElementPage} page */
async function gone(page) {
  const until = Date.now() + PATIENCE_MS;
  while (page.page.workers().length > 0) {
    assert.ok(Date.now() < until, 'the worker, with the memory of engine and GPU, is still there');
    await page.page.waitForTimeout(100);
  }
}

/** `<serfiq-capture>` in the hand: on every phone's window, with every camera, all of it is in view and nothing covers the face. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { elementSuite } from './support/element-suite.mjs';

/** @import { ElementPage } from './support/element-page.mjs' */
/** @import { How } from './support/element-suite.mjs' */

/** Width and height. */
const WINDOWS = [[320, 568], [390, 844], [667, 375], [844, 390]];
/** What a phone's camera gives: its sides swap with the phone, but not everywhere. */
const CAMERAS = { landscape: [640, 480], portrait: [480, 640], tall: [720, 1280] };
const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'];

const suite = elementSuite();

/** @param {string} attributes @param {number[]} viewport @param {How} [how] */
const open = (attributes, [width, height], how) =>
  suite.openBody(`<p>Before</p><serfiq-capture backend="cpu" ${attributes}></serfiq-capture><p>After</p>`, {
    viewport: { width, height },
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 3,
    css: 'body { margin: 0 }',
    ...how,
  });

/** Starts as a person does. @param {ElementPage} page */
const start = async (page) => {
  await page.page.click('serfiq-capture [data-action="start"]:visible');
  await page.frames(1);
};

/** Makes the camera's picture one of this shape: the same face, in the middle. @param {string} camera */
const cropCamera = (camera) => {
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  const [width, height] = camera === 'tall' ? [720, 1280] : [480, 640];
  mediaDevices.getUserMedia = async (wanted) => {
    const video = document.createElement('video');
    video.srcObject = await open(wanted);
    video.muted = true;
    await video.play();
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const scale = Math.max(width / video.videoWidth, (0.75 * height) / video.videoHeight);
    const [across, down] = [scale * video.videoWidth, scale * video.videoHeight];
    const draw = () => {
      context.fillStyle = '#8a9098';
      context.fillRect(0, 0, width, height);
      context.drawImage(video, (width - across) / 2, (height - down) / 2, across, down);
      setTimeout(draw, 50);
    };
    draw();
    return canvas.captureStream(20);
  };
};

/** Adds a camera with a long name to the list. */
const anotherCamera = () => {
  const { mediaDevices } = navigator;
  const list = mediaDevices.enumerateDevices.bind(mediaDevices);
  mediaDevices.enumerateDevices = async () => [
    ...(await list()),
    /** @type {any} */ ({ kind: 'videoinput', deviceId: 'another', groupId: '', label: 'Integrated high definition webcam of the second monitor' }),
  ];
};

/** @param {keyof typeof CAMERAS} camera */
const beforehand = (camera) => (camera === 'landscape' ? undefined : `(${cropCamera})('${camera}')`);

/** Boxes of the visible parts, and of the window, once the element has had two frames to fit itself in. @param {ElementPage} page */
const layout = (page) =>
  page.element.evaluate(async (element) => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const box = (/** @type {Element | null | undefined} */ one) => {
      if (!one?.checkVisibility({ visibilityProperty: true })) return null;
      const { left, top, right, bottom, width, height } = one.getBoundingClientRect();
      return { left, top, right, bottom, width, height };
    };
    const find = (/** @type {string} */ selector) => box(element.shadowRoot?.querySelector(selector));
    const buttons = [...(element.shadowRoot?.querySelectorAll('button, select') ?? [])].flatMap((one) => {
      const shown = box(one);
      return shown ? [{ ...shown, name: /** @type {HTMLElement} */ (one).dataset.action ?? one.className, overflows: one instanceof HTMLButtonElement && one.scrollWidth > one.clientWidth + 1 }] : [];
    });
    const message = element.shadowRoot?.querySelector('.message');
    return {
      window: { left: 0, top: 0, right: innerWidth, bottom: innerHeight },
      frame: find('.frame'),
      camera: find('.camera'),
      hint: find('.hint'),
      oval: find('.oval'),
      shutter: find('.shutter'),
      buttons,
      message: box(message) && { width: message?.clientWidth, across: message?.scrollWidth },
      pageAcross: document.documentElement.scrollWidth,
    };
  });

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */
/** @param {Box | null} one @param {Box | null} other @param {string} what */
const assertWithin = (one, other, what) => {
  assert.ok(one && other, `${what}: ${JSON.stringify({ one, other })}`);
  const within = one.left >= other.left - 1 && one.top >= other.top - 1 && one.right <= other.right + 1 && one.bottom <= other.bottom + 1;
  assert.ok(within, `${what}: ${JSON.stringify({ one, other })}`);
};

/** @param {Awaited<ReturnType<typeof layout>>} seen */
const assertUsable = ({ window, frame, buttons, pageAcross }) => {
  assertWithin(frame, window, 'the element leaves the window');
  for (const button of buttons) {
    assertWithin(button, frame, `${button.name} leaves the element`);
    assert.ok(button.height >= 44 && button.width >= 44, `too small for a finger: ${JSON.stringify(button)}`);
    assert.ok(!button.overflows, `its words do not fit: ${JSON.stringify(button)}`);
  }
  assert.ok(pageAcross <= window.right, `the page is ${pageAcross} wide`);
};

/** Turns the phone, or makes it another. @param {ElementPage} page @param {number[]} viewport */
const resize = async ({ page }, [width, height]) => {
  await page.setViewportSize({ width, height });
  await page.waitForFunction(
    ([across, down]) => document.documentElement.clientWidth === across && document.documentElement.clientHeight === down,
    [width, height],
  );
};

for (const viewport of WINDOWS) {
  for (const camera of /** @type {(keyof typeof CAMERAS)[]} */ (Object.keys(CAMERAS))) {
    test(`in a window of ${viewport.join('x')}, a ${camera} camera: preview, hint and shutter in view at once, nothing over the face`, async () => {
      const page = await open('', viewport, { beforehand: beforehand(camera) });
      await start(page);
      const seen = await layout(page);
      assertUsable(seen);
      const { shutter, hint, oval, camera: preview, window } = seen;
      assert.ok(shutter && shutter.height >= 64 && shutter.width >= 64, JSON.stringify(shutter));
      // Within the thumb's reach: in the lower part of the window, or beside the picture.
      assert.ok(shutter.top > window.bottom / 2, JSON.stringify(shutter));
      assert.ok(hint && oval && preview);
      const beside = hint.left >= preview.right || hint.right <= preview.left;
      assert.ok(beside || hint.bottom <= oval.top + 1, `the hint covers the face: ${JSON.stringify({ hint, oval })}`);
      page.assertClean();
      await page.end();
    });
  }
}

for (const lang of LANGUAGES) {
  test(`two cameras to choose from in ${lang}, in every window`, async () => {
    const page = await open('', WINDOWS[0], { lang, beforehand: anotherCamera });
    await page.speaks(lang);
    await start(page);
    await page.page.waitForSelector('serfiq-capture select:visible');
    for (const viewport of WINDOWS) {
      await resize(page, viewport);
      const seen = await layout(page);
      assertUsable(seen);
      assert.ok(seen.buttons.some(({ name }) => name === 'picker'), String(viewport));
      assert.ok(seen.shutter && seen.shutter.width >= 64 && seen.shutter.height >= 64, JSON.stringify(seen.shutter));
    }
    await page.end();
  });

  test(`before the start, and at the review, in ${lang}, in every window`, async () => {
    const page = await open('review threshold="0"', WINDOWS[0], { lang, beforehand: beforehand('tall') });
    await page.speaks(lang);
    for (const viewport of WINDOWS) {
      await resize(page, viewport);
      const { message, buttons, frame } = await layout(page);
      assert.ok(message && Number(message.across) <= Number(message.width), `${viewport}: ${JSON.stringify(message)}`);
      assertWithin(buttons.find(({ name }) => name === 'start') ?? null, frame, `${viewport}: no way to start`);
    }
    await page.page.evaluate(() => {
      Object.assign(window, { errors: /** @type {string[]} */ ([]) });
      addEventListener('error', ({ message }) => /** @type {any} */ (window).errors.push(message));
    });
    await start(page);
    await page.page.click('serfiq-capture [data-action="shutter"]:not([aria-disabled="true"]):visible');
    await page.inState('review');
    for (const viewport of WINDOWS) {
      await resize(page, viewport);
      const seen = await layout(page);
      assertUsable(seen);
      const offered = seen.buttons.map(({ name }) => name).filter((name) => name === 'use' || name === 'start');
      assert.deepEqual(offered.sort(), ['start', 'use'], String(viewport));
    }
    assert.deepEqual(await page.page.evaluate(() => /** @type {any} */ (window).errors), [], 'reported to the page');
    page.assertClean();
    await page.end();
  });
}

test('a phone that is turned while the camera runs keeps everything in view', async () => {
  const page = await open('', [390, 844]);
  await start(page);
  for (const viewport of [[844, 390], [390, 844], [320, 568]]) {
    await resize(page, viewport);
    assertUsable(await layout(page));
  }
  await page.end();
});

test('on a page that starts the camera itself, nothing scrolls', async () => {
  const page = await open('', [390, 844], { css: 'body { margin: 0 } p { block-size: 1200px }' });
  await page.element.evaluate((element) => /** @type {any} */ (element).start());
  await page.frames(1);
  assert.equal(await page.page.evaluate(() => scrollY), 0);
  await page.end();
});

describe('the review', () => {
  test('shows the picture as the preview did, closer on request, and gives it to the page only when it is used', async () => {
    const page = await open('review threshold="0"', [390, 844]);
    await start(page);
    const take = () => page.page.click('serfiq-capture [data-action="shutter"]:not([aria-disabled="true"]):visible');
    await take();
    await page.inState('review');
    const captures = async () => (await page.told()).filter(({ name }) => name === 'capture').length;
    assert.equal(await captures(), 0, 'the page has the picture before it is used');
    const look = () =>
      page.part('picture').evaluate(async (canvas) => {
        await Promise.all(canvas.getAnimations().map(({ finished }) => finished));
        const { scale, transform } = getComputedStyle(canvas);
        return { scale, transform };
      });
    assert.deepEqual(await look(), { scale: '-1 1', transform: 'none' });
    await page.page.click('serfiq-capture button:text-is("Look closer")');
    const close = await look();
    assert.match(close.transform, /^matrix\((1\.[2-9]|[23]\.)/, close.transform);
    await page.part('picture').click();
    assert.equal((await look()).transform, 'none', 'a tap on the picture does not take it back');
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.inState('running');
    await take();
    await page.inState('review');
    await page.page.click('serfiq-capture [data-action="use"]');
    await page.inState('captured');
    assert.equal(await captures(), 1);
    page.assertClean();
    await page.end();
  });

  test('comes by keyboard: the focus is on its main button, and a picture that the page refuses starts the camera again', async () => {
    const page = await open('review threshold="0"', [844, 390]);
    await start(page);
    await page.element.evaluate((element) => element.addEventListener('serfiq-capture', (event) => event.preventDefault(), { once: true }));
    await page.page.waitForSelector('serfiq-capture [data-action="shutter"]:not([aria-disabled="true"])');
    await page.part('shutter').focus();
    await page.page.keyboard.press('Enter');
    await page.inState('review');
    assert.equal(await page.element.evaluate((element) => element.shadowRoot?.activeElement?.getAttribute('data-action')), 'use');
    await page.page.keyboard.press('Enter');
    await page.inState('running');
    await page.end();
  });
});

test('the meter shows a number and a word, the word alone, or nothing', async () => {
  const page = await open('threshold="0"', [390, 844]);
  await start(page);
  await page.page.waitForFunction(() => /\d/.test(document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('.number')?.textContent ?? ''));
  const meter = page.part('meter');
  assert.match(await meter.innerText(), /\d+\s+Excellent/);
  assert.match((await meter.getAttribute('aria-valuetext')) ?? '', /\d+ of 100, Excellent/);
  await page.element.evaluate((element) => element.setAttribute('meter', 'word'));
  assert.equal((await meter.innerText()).trim(), 'Excellent');
  assert.equal(await meter.getAttribute('aria-valuetext'), 'Excellent');
  await page.element.evaluate((element) => element.setAttribute('meter', 'none'));
  assert.ok(await meter.isHidden());
  await page.end();
});

/** `<serfiq-capture>` in a form: its value, whether it is valid, and what disables and resets it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { countingCamera } from './support/controlled-camera.mjs';
import { elementSuite } from './support/element-suite.mjs';
import { assertUsable } from './support/usable.mjs';

/** @import { ElementPage } from './support/element-page.mjs' */
/** @import { How } from './support/element-suite.mjs' */

const suite = elementSuite();

/** Opens a form with the element in it. @param {string} attributes @param {How} [how] */
const open = (attributes, how) =>
  suite.openBody(
    `<form><fieldset><label for="selfie">Your picture</label>
      <serfiq-capture id="selfie" name="selfie" backend="cpu" ${attributes}></serfiq-capture></fieldset><button id="send">Send</button></form>`,
    how,
  );

/** What the form would send, and what it says about the element. @param {ElementPage} page */
const form = ({ page }) =>
  page.evaluate(() => {
    const element = /** @type {any} */ (document.getElementById('selfie'));
    const form = /** @type {HTMLFormElement} */ (document.querySelector('form'));
    const sent = new FormData(form).get('selfie');
    return {
      file: sent instanceof File ? { name: sent.name, type: sent.type, size: sent.size } : sent,
      same: element.value === null || element.value.size === /** @type {any} */ (sent)?.size,
      valid: form.checkValidity(),
      message: element.validationMessage,
    };
  });

describe('its picture', () => {
  test('is a file in the data of the form, until another one is taken', async () => {
    const page = await open('autostart picture-type="image/webp"');
    await page.inState('running');
    assert.deepEqual((await form(page)).file, null);
    await page.element.evaluate((element) => element.setAttribute('auto-capture', ''));
    const { blob } = await page.event('capture');
    await page.inState('captured');
    assert.deepEqual(await form(page), { file: { name: 'picture.webp', type: 'image/webp', size: blob.size }, same: true, valid: true, message: '' });
    // Soon there would be another one.
    await page.element.evaluate((element) => element.removeAttribute('auto-capture'));
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.page.waitForFunction(() => /** @type {any} */ (document.getElementById('selfie')).value === null);
    assert.equal((await form(page)).file, null);
    page.assertClean();
    await page.end();
  });

  test('is there for a listener that submits the form', async () => {
    const page = await open('required auto-capture');
    const sent = page.page.evaluate(() => {
      const form = /** @type {HTMLFormElement} */ (document.querySelector('form'));
      const submitted = new Promise((resolve) =>
        form.addEventListener('submit', (event) => {
          event.preventDefault();
          resolve(/** @type {any} */ (new FormData(form).get('selfie')).name);
        }),
      );
      form.addEventListener('serfiq-capture', () => form.requestSubmit());
      return submitted;
    });
    await page.page.click('serfiq-capture button:visible');
    assert.equal(await sent, 'picture.jpg');
    await page.inState('captured');
    await page.end();
  });

  test('can be refused by the page: the camera goes on, and the next one is offered', async () => {
    const page = await open('auto-capture', { beforehand: countingCamera });
    await page.element.evaluate((element) => {
      const refuse = (/** @type {Event} */ event) => {
        event.preventDefault();
        // As soon as the element knows: the next picture follows within a second or so.
        queueMicrotask(() => {
          const file = new FormData(/** @type {HTMLFormElement} */ (document.querySelector('form'))).get('selfie');
          Object.assign(window, { refused: { file, state: /** @type {any} */ (element).state } });
        });
      };
      element.addEventListener('serfiq-capture', refuse, { once: true });
      void (/** @type {any} */ (element).start());
    });
    await page.event('capture', 2);
    assert.deepEqual(await page.page.evaluate(() => /** @type {any} */ (window).refused), { file: null, state: 'running' });
    await page.inState('captured');
    assert.deepEqual(await page.states(), ['asking', 'loading', 'running', 'captured']);
    assert.equal(await page.page.evaluate(() => /** @type {any} */ (window).camera.asked), 1);
    assert.equal((await form(page)).file.name, 'picture.jpg');
    page.assertClean();
    await page.end();
  });

  test('that capture() returns may be refused, too', async () => {
    const page = await open('');
    const seen = await page.element.evaluate(async (element) => {
      const capture = /** @type {any} */ (element);
      element.addEventListener('serfiq-capture', (event) => event.preventDefault());
      const { blob } = await capture.capture();
      return { type: blob.type, state: capture.state, value: capture.value };
    });
    assert.deepEqual(seen, { type: 'image/jpeg', state: 'running', value: null });
    await page.end();
  });

  test('makes way for another one if a listener starts the element again, or for none if it stops it', async () => {
    const page = await open('auto-capture');
    await page.element.evaluate((element) => {
      element.addEventListener('serfiq-capture', () => void (/** @type {any} */ (element).start()), { once: true });
      void (/** @type {any} */ (element).start());
    });
    await page.event('capture', 2);
    await page.inState('captured');
    await page.element.evaluate((element) => {
      element.addEventListener('serfiq-capture', () => /** @type {any} */ (element).stop(), { once: true });
      void (/** @type {any} */ (element).start());
    });
    await page.event('capture', 3);
    assert.equal(await page.state(), 'idle');
    assert.equal((await form(page)).file, null);
    page.assertClean();
    await page.end();
  });

  test('is gone when the form is reset, and after the person has been elsewhere', async () => {
    // Otherwise the browser may keep the whole page alive, picture and all.
    const page = await open('auto-capture', { headers: { 'Cache-Control': 'no-store' } });
    const take = async () => {
      await page.page.click('serfiq-capture [data-action="start"]:visible');
      await page.inState('captured');
    };
    await take();
    await page.page.evaluate(() => document.querySelector('form')?.reset());
    assert.equal(await page.state(), 'idle');
    assert.equal((await form(page)).file, null);
    await take();
    await page.page.goto(`${suite.site.origin}/favicon.svg`);
    await page.page.goBack();
    await page.inState('idle');
    assert.equal((await form(page)).file, null);
    await page.end();
  });
});

describe('where a picture is required', () => {
  test('a form is not sent without one, and says why at the button', async () => {
    const page = await open('required');
    assert.deepEqual(await form(page), { file: null, same: true, valid: false, message: 'Please take a picture.' });
    const seen = await page.element.evaluate((element) => {
      const capture = /** @type {any} */ (element);
      const reported = capture.reportValidity();
      return {
        reported,
        missing: capture.validity.valueMissing,
        checked: capture.willValidate,
        inForm: [...capture.form.elements].includes(element),
        label: capture.labels[0].textContent,
        focused: element.shadowRoot?.activeElement?.getAttribute('data-action'),
      };
    });
    assert.deepEqual(seen, { reported: false, missing: true, checked: true, inForm: true, label: 'Your picture', focused: 'start' });
    await page.page.evaluate(() => document.querySelector('form')?.addEventListener('submit', () => Object.assign(window, { sent: true })));
    await page.page.click('#send');
    assert.equal(await page.page.evaluate(() => 'sent' in window), false);
    await page.element.evaluate((element) => Object.assign(element, { required: false }));
    assert.equal((await form(page)).valid, true);
    await page.element.evaluate((element) => /** @type {any} */ (element).setCustomValidity('Not this one.'));
    assert.deepEqual(await form(page).then(({ valid, message }) => ({ valid, message })), { valid: false, message: 'Not this one.' });
    page.assertClean();
    await page.end();
  });

  test('it says so in the language of the person', async () => {
    const page = await open('required');
    const said = new Set();
    for (const [lang, part] of [['de', 'Bild'], ['fr', 'photo'], ['es', 'foto'], ['ar', 'صورة'], ['en', 'picture']]) {
      await page.page.evaluate((tag) => document.documentElement.setAttribute('lang', tag), lang);
      await page.page.waitForFunction((word) => /** @type {any} */ (document.getElementById('selfie')).validationMessage.includes(word), part);
      said.add((await form(page)).message);
    }
    assert.equal(said.size, 5);
    await page.end();
  });
});

describe('while it is disabled', () => {
  for (const [how, set] of /** @type {const} */ ([
    ['by its attribute', (/** @type {Element} */ element, /** @type {boolean} */ on) => element.toggleAttribute('disabled', on)],
    ['by the fieldset around it', (/** @type {Element} */ element, /** @type {boolean} */ on) => element.closest('fieldset')?.toggleAttribute('disabled', on)],
  ])) {
    test(`${how}, it has no camera, and starts none`, async () => {
      const page = await open('autostart required', { beforehand: countingCamera });
      await page.frames(1);
      await page.element.evaluate(/** @type {any} */ (set), true);
      assert.equal(await page.state(), 'idle');
      const { live, refused, disabled, valid } = await page.element.evaluate(async (element) => ({
        live: /** @type {any} */ (window).camera.tracks.some((/** @type {MediaStreamTrack} */ { readyState }) => readyState === 'live'),
        refused: await /** @type {any} */ (element).start().catch((/** @type {any} */ { code, message }) => [code, message]),
        disabled: [.../** @type {any} */ (element.shadowRoot).querySelectorAll('button')].every((button) => button.disabled),
        valid: /** @type {any} */ (element).checkValidity(),
      }));
      assert.deepEqual([live, disabled, valid], [false, true, true]);
      assert.equal(refused[0], 'closed');
      assert.match(refused[1], /is disabled/);
      assert.equal(await page.page.evaluate(() => /** @type {any} */ (window).camera.asked), 1);
      await page.element.evaluate(/** @type {any} */ (set), false);
      await page.inState('running');
      page.assertClean();
      await page.end();
    });
  }
});

test('focus() and its label lead to the button that comes next', async () => {
  const page = await open('');
  const focused = () => page.element.evaluate((element) => [document.activeElement === element, element.shadowRoot?.activeElement?.getAttribute('data-action')]);
  await page.element.evaluate((element) => /** @type {HTMLElement} */ (element).focus());
  assert.deepEqual(await focused(), [true, 'start']);
  await page.page.focus('#send');
  await page.page.click('label');
  assert.deepEqual(await focused(), [true, 'start']);
  await page.element.evaluate((element) => /** @type {any} */ (element).start());
  await page.page.focus('#send');
  await page.element.evaluate((element) => /** @type {HTMLElement} */ (element).focus());
  assert.deepEqual(await focused(), [true, 'shutter']);
  await assertUsable(page);
  page.assertClean();
  await page.end();
});

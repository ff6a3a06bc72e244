/**
 * What engines.test.mjs looks at in each engine. Runs in the page, from which it is imported. Element and browser are the real ones; where
 * scores do not matter, the engine is a scripted one (scripted-engine.mjs), one in each folder below `/scripted/`.
 */

import '/serfiq/capture/index.js';

const PATIENCE_MS = 40_000;

/** Waits until `find` returns something. @template T @param {string} what @param {() => T} find @returns {Promise<NonNullable<T>>} */
async function until(what, find) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const found = find();
    if (found) return found;
  }
  const states = [...document.querySelectorAll('serfiq-capture')].map((element) => /** @type {any} */ (element).state);
  throw new Error(`waited in vain for ${what}; states: ${states.join(', ')}`);
}

/** Adds an element. @param {Record<string, string>} attributes @param {Element} [parent] @returns {any} */
function place(attributes, parent = document.body) {
  const element = document.createElement('serfiq-capture');
  for (const [name, value] of Object.entries({ backend: 'cpu', language: 'en', ...attributes })) element.setAttribute(name, value);
  parent.append(element);
  return element;
}

/** Adds an element with a scripted engine. @param {string} script @param {Record<string, string>} [attributes] @param {Element} [parent] */
const scripted = (script, attributes, parent) => place({ 'asset-base': `/scripted/${script}/`, ...attributes }, parent);
/** @param {any} element @param {string} state */
const inState = (element, state) => until(`state ${state}`, () => element.state === state);
/** @param {any} element @param {string} selector @returns {any} */
const part = (element, selector) => element.shadowRoot.querySelector(selector);
/** @param {any} element @param {string} selector */
const shows = (element, selector) => part(element, selector)?.checkVisibility() ?? false;
/** @param {any} element @param {string} action */
async function press(element, action) {
  const buttons = [...element.shadowRoot.querySelectorAll(`[data-action="${action}"]`)];
  (await until(`the button ${action}`, () => buttons.find((one) => one.checkVisibility()))).click();
}

/** Waits for the next event; returns its detail. @param {any} element @param {string} name @returns {Promise<any>} */
async function next(element, name) {
  /** @type {CustomEvent | undefined} */
  let event;
  element.addEventListener(name, (/** @type {CustomEvent} */ first) => (event ??= first));
  return (await until(`the event ${name}`, () => event)).detail;
}

/** Starts an element that will fail; returns its error's detail. @param {any} element */
function failureOf(element) {
  const failed = next(element, 'serfiq-error');
  element.start().catch(() => {});
  return failed;
}

/** Chooses files in a person's place. @param {HTMLInputElement} input @param {File[]} files */
function choose(input, files) {
  const list = new DataTransfer();
  for (const file of files) list.items.add(file);
  input.files = list.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

export async function introAndMeter() {
  const element = scripted('good');
  // The example is left out where the element is narrow.
  element.style.inlineSize = '600px';
  await until('the tips', () => shows(element, '.tips'));
  const intro = { tips: part(element, '.tips').children.length, example: shows(element, '.example') };
  await element.start();
  await until('a score', () => part(element, '.number').textContent === '72');
  const look = () => ({ meter: shows(element, '.meter'), number: shows(element, '.number'), word: part(element, '.word').textContent });
  const seen = ['number', 'word', 'none'].map((meter) => {
    element.meter = meter;
    return look();
  });
  return { intro, meter: seen };
}

export async function cameraKept() {
  const { mediaDevices, permissions } = navigator;
  const use = mediaDevices.getUserMedia.bind(mediaDevices);
  const permission = Object.assign(new EventTarget(), { state: 'prompt' });
  permissions.query = async () => /** @type {any} */ (permission);
  let asked = 0;
  mediaDevices.getUserMedia = async (wanted) => {
    asked += 1;
    if (permission.state !== 'granted') throw new DOMException('Denied.', 'NotAllowedError');
    return use(wanted);
  };
  const element = scripted('takes', { 'auto-capture': '', review: '' });
  const { code } = await failureOf(element);
  permission.state = 'granted';
  permission.dispatchEvent(new Event('change'));
  await inState(element, 'review');
  await press(element, 'start');
  await until('another picture', () => element.state !== 'review');
  await inState(element, 'review');
  await press(element, 'use');
  await inState(element, 'captured');
  return { code, asked };
}

/** The page has several cameras (drawn-cameras.mjs). */
export async function severalCameras() {
  const element = scripted('good');
  const { cameras } = /** @type {any} */ (window);
  await element.start();
  await until('a camera with colours', () => cameras.live.join() === 'front');
  const picker = await until('the list', () => shows(element, '.picker') && part(element, '.picker'));
  const listed = [...picker.options].map((option) => option.text);
  const passedOver = cameras.opened.slice(0, -1);
  picker.value = 'back';
  picker.dispatchEvent(new Event('change'));
  await until('the chosen camera', () => cameras.live.join() === 'back');
  return { listed, passedOver };
}

export async function handheld() {
  const has = { wakeLock: 'wakeLock' in navigator, vibration: 'vibrate' in navigator };
  const [locks, shaken] = [{ asked: 0, held: 0 }, /** @type {number[]} */ ([])];
  const request = async () => {
    locks.asked += 1;
    locks.held += 1;
    return { released: false, release: async () => void (locks.held -= 1) };
  };
  if (has.wakeLock) Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: { request } });
  if (has.vibration) Object.defineProperty(navigator, 'vibrate', { configurable: true, value: (/** @type {number} */ ms) => shaken.push(ms) });
  Object.defineProperty(navigator, 'userActivation', { configurable: true, value: { hasBeenActive: true } });
  const dark = scripted('dark');
  await dark.start();
  await until('the light', () => dark.matches(':state(light)') && part(dark, '.frame.light'));
  const whileOn = { ...locks };
  dark.remove();
  const taken = scripted('takes', { 'auto-capture': '', autostart: '' });
  await inState(taken, 'captured');
  await until('the lock to be released', () => locks.held === 0);
  return { has, whileOn, shaken };
}

export async function inForm() {
  const form = document.createElement('form');
  const fieldset = document.createElement('fieldset');
  form.append(fieldset);
  document.body.append(form);
  const element = scripted('takes', { name: 'selfie', required: '', 'auto-capture': '' }, fieldset);
  const sent = () => {
    const file = new FormData(form).get('selfie');
    return { file: file instanceof File ? file.name : null, valid: form.checkValidity(), message: element.validationMessage };
  };
  const empty = sent();
  const refused = new Promise((resolve) => {
    const refuse = (/** @type {Event} */ event) => {
      event.preventDefault();
      // As soon as the element knows: the next frame is a picture, too.
      queueMicrotask(() => resolve(sent()));
    };
    element.addEventListener('serfiq-capture', refuse, { once: true });
  });
  element.start();
  await inState(element, 'captured');
  const filled = sent();
  form.reset();
  const reset = { state: element.state, ...sent() };
  fieldset.disabled = true;
  const disabled = await element.start().catch((/** @type {any} */ error) => error.code);
  return { empty, refused: await refused, filled, reset, disabled };
}

export async function noGoodPicture() {
  const element = scripted('late', { 'auto-capture': '' });
  const { code, reason, action } = await failureOf(element);
  return { code, reason, action };
}

/** In a page that frames one of another origin. @param {string} address */
export async function framed(address) {
  const frame = Object.assign(document.createElement('iframe'), { src: address });
  let told = '';
  window.addEventListener('message', ({ data }) => (told ||= data));
  document.body.append(frame);
  return until('word from the frame', () => told);
}

/** A portrait as a file, and a copy that is small and dark. @param {string} name @returns {Promise<File[]>} */
async function photos(name) {
  const whole = await (await fetch(`/portraits/${name}`)).blob();
  const canvas = Object.assign(document.createElement('canvas'), { width: 120, height: 120 });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.drawImage(await createImageBitmap(whole), 0, 0, 120, 120);
  pen.fillStyle = 'rgb(0 0 0 / 0.85)';
  pen.fillRect(0, 0, 120, 120);
  const worse = await new Promise((resolve) => canvas.toBlob(resolve));
  return [new File([whole], 'fine.jpg'), new File([/** @type {any} */ (worse)], 'worse.png')];
}

/** @param {string} name of a portrait */
export async function photoInstead(name) {
  navigator.mediaDevices.getUserMedia = async () => {
    throw new DOMException('None.', 'NotFoundError');
  };
  const [fine, worse] = await photos(name);
  /** @type {File[]} */
  let chosen = [];
  // Without a touch of a person, browsers do not open their choice of files.
  HTMLInputElement.prototype.click = function () {
    choose(this, chosen);
  };
  const form = document.createElement('form');
  document.body.append(form);
  const element = place({ name: 'selfie', upload: '' }, form);
  const none = await failureOf(element);
  chosen = [worse];
  const [refused] = await Promise.all([next(element, 'serfiq-error'), press(element, 'upload')]);
  chosen = [fine];
  await press(element, 'upload');
  await inState(element, 'captured');
  const file = /** @type {File} */ (new FormData(form).get('selfie'));
  return { none: none.code, refused: [refused.code, refused.reason], sent: file.name };
}

/** In the page's photo check. @param {string} name of a portrait */
export async function photoCheck(name) {
  await until('the page', () => document.documentElement.dataset.state === 'ready');
  choose(/** @type {HTMLInputElement} */ (document.getElementById('photo-input')), await photos(name));
  const results = /** @type {any} */ (document.getElementById('photo-results'));
  const row = async (/** @type {string} */ file) => {
    const { textContent, dataset } = await until(file, () => results.querySelector(`li[data-file="${file}"]`));
    return { text: textContent, issues: dataset.issues.split(' ') };
  };
  return { fine: await row('fine.jpg'), worse: await row('worse.png') };
}

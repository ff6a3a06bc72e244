import assert from 'node:assert/strict';

import { PATIENCE_MS } from './visit.mjs';

/** @import { Browser, BrowserContext, Page } from 'playwright-core' */
/** @import { Site } from './site.mjs' */

/** No more than the element needs: no inline style, no blob, no other origin. */
export const STRICT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'";

/** A page with nothing but `<serfiq-capture>` elements, and a record of their events. */
export class ElementPage {
  /** Console errors, uncaught errors, violations of the content security policy. @type {string[]} */
  problems = [];
  context;
  page;

  /** For `open` only. @param {BrowserContext} context @param {Page} page */
  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`console: ${message.text()}`);
    });
  }

  /**
   * @param {Browser} browser
   * @param {Site} site
   * @param {string} body of the page, such as `<serfiq-capture autostart></serfiq-capture>`
   * @param {object} [how]
   * @param {string} [how.lang] of the page
   * @param {boolean} [how.cameraAllowed]
   * @param {{ width: number, height: number }} [how.viewport]
   * @param {'light' | 'dark'} [how.colorScheme]
   * @param {'reduce' | 'no-preference'} [how.reducedMotion]
   * @param {string} [how.css] the page's style sheet
   * @param {Record<string, string>} [how.headers] of the page, besides its policy
   * @param {string} [how.origin] at which the site is requested
   * @param {(strict: string) => string} [how.policy] makes the content security policy from the strict one
   * @param {(() => void) | string} [how.beforehand] runs in the page before its own scripts
   */
  static async open(
    browser,
    site,
    body,
    { lang = 'en', cameraAllowed = true, origin = site.origin, css = '', headers = {}, policy = (strict) => strict, beforehand, ...look } = {},
  ) {
    const context = await browser.newContext({ permissions: cameraAllowed ? ['camera'] : [], ...look });
    const opened = new ElementPage(context, await context.newPage());
    await opened.page.addInitScript(listen);
    if (beforehand) await opened.page.addInitScript(beforehand);
    const html = `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>A page</title><link rel="icon" href="favicon.svg">
      <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="element.css"><script type="module" src="serfiq/capture/index.js"></script></head>
      <body><main><h1>A page</h1>${body}</main></body></html>`;
    await context.route('**/element.html', (route) =>
      route.fulfill({ contentType: 'text/html; charset=utf-8', headers: { 'Content-Security-Policy': policy(STRICT_POLICY), ...headers }, body: html }),
    );
    await context.route('**/element.css', (route) => route.fulfill({ contentType: 'text/css', body: css }));
    await opened.page.goto(`${origin}/element.html`, { timeout: PATIENCE_MS });
    return opened;
  }

  /** The first element. */
  get element() {
    return this.page.locator('serfiq-capture').first();
  }

  /** Returns a part of the first element's shadow tree. @param {string} name */
  part(name) {
    return this.page.locator(`serfiq-capture [part~="${name}"]`).first();
  }

  /** Waits until the first element is in this state. Of one that passes, `hasBeen` tells. @param {string} state */
  async inState(state) {
    const isThere = (/** @type {string} */ name) => document.querySelector('serfiq-capture')?.matches(`:state(${name})`);
    await this.#until(`state ${state}`, this.page.waitForFunction(isThere, state));
  }

  /** Waits until an element has entered this state `count` times, whether it still is in it or not. @param {string} state @param {number} [count] */
  async hasBeen(state, count = 1) {
    const isTold = (/** @type {readonly [string, number]} */ [wanted, times]) =>
      /** @type {any} */ (window).told.filter((/** @type {any} */ { name, detail }) => name === 'state' && detail.state === wanted).length >= times;
    await this.#until(`state ${state}, ${count} times`, this.page.waitForFunction(isTold, /** @type {const} */ ([state, count])));
  }

  /** @param {string} what @param {Promise<unknown>} waiting */
  async #until(what, waiting) {
    await waiting.catch(async (error) => {
      throw new Error(`waited for ${what}, but: ${JSON.stringify(await this.told())}; ${this.problems.join(' | ')}`, { cause: error });
    });
  }

  /** Waits until the first element speaks this language, whose texts it loads. @param {string} tag */
  async speaks(tag) {
    const isSpoken = (/** @type {string} */ wanted) =>
      document.querySelector('serfiq-capture')?.shadowRoot?.querySelector('.frame')?.getAttribute('lang') === wanted;
    await this.page.waitForFunction(isSpoken, tag);
  }

  /** Returns the first element's state. @returns {Promise<string>} */
  state() {
    return this.element.evaluate((element) => /** @type {any} */ (element).state);
  }

  /** Waits until all elements together have processed `count` frames. @param {number} count */
  async frames(count) {
    await this.page.waitForFunction((wanted) => /** @type {any} */ (window).frames_ >= wanted, count);
  }

  /** Waits for the `count`th event of this name; returns its detail. @param {string} name @param {number} [count] @returns {Promise<any>} */
  async event(name, count = 1) {
    const found = await this.page.waitForFunction(
      ([wanted, times]) => /** @type {any} */ (window).told.filter((/** @type {any} */ one) => one.name === wanted)[Number(times) - 1],
      /** @type {const} */ ([name, count]),
    );
    return (await found.jsonValue()).detail;
  }

  /** Every event but frames: name without `serfiq-`, time in milliseconds, detail. @returns {Promise<{ name: string, time: number, detail: any }[]>} */
  told() {
    return this.page.evaluate(() => /** @type {any} */ (window).told);
  }

  /** Returns the states so far. */
  async states() {
    return (await this.told()).filter(({ name }) => name === 'state').map(({ detail }) => detail.state);
  }

  assertClean() {
    assert.deepEqual(this.problems, [], 'the page complained in its console');
  }

  async end() {
    await this.context.close();
  }
}

/** Runs in the page: records the elements' events, with the facts of each blob in its place. */
function listen() {
  /** @type {{ name: string, time: number, detail: any }[]} */
  const told = [];
  Object.assign(window, { told, frames_: 0, lastFrame: null, blobs: [] });
  const all = /** @type {any} */ (window);
  const facts = (/** @type {Blob | null} */ blob) => blob && { size: blob.size, type: blob.type };
  for (const name of ['ready', 'state', 'hint', 'capture', 'error']) {
    document.addEventListener(`serfiq-${name}`, (event) => {
      let { detail } = /** @type {CustomEvent} */ (event);
      if (name === 'capture') {
        all.blobs.push(detail);
        detail = { ...detail, blob: facts(detail.blob), crop: facts(detail.crop) };
      }
      told.push({ name, time: performance.now(), detail });
    });
  }
  document.addEventListener('serfiq-frame', (event) => {
    all.frames_ += 1;
    all.lastFrame = /** @type {CustomEvent} */ (event).detail;
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
  });
}

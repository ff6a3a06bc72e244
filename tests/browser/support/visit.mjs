import assert from 'node:assert/strict';

/** @import { Browser, BrowserContext, Page } from 'playwright-core' */
/** @import { Site } from './site.mjs' */

/** How long anything on the CPU may take, on a machine that is busy with something else. */
export const PATIENCE_MS = 60_000;

/** One page in a context of its own: nothing is cached, stored or allowed from another visit. */
export class Visit {
  /** Console errors, uncaught errors and violations of the content security policy, as they come. @type {string[]} */
  problems = [];
  /** Every request of page and workers, as the browser tells it. @type {string[]} */
  requests = [];
  /** @type {BrowserContext} */
  context;
  /** @type {Page} */
  page;
  #site;

  /** For `begin` only. @param {Site} site @param {BrowserContext} context @param {Page} page */
  constructor(site, context, page) {
    this.#site = site;
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    context.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`console: ${message.text()}`);
    });
  }

  /**
   * @param {Browser} browser
   * @param {Site} site
   * @param {object} [how]
   * @param {string} [how.query] of the address, see www/README.md
   * @param {boolean} [how.cameraAllowed]
   * @param {{ width: number, height: number }} [how.viewport]
   * @param {'light' | 'dark'} [how.colorScheme]
   * @param {'reduce' | 'no-preference'} [how.reducedMotion]
   * @param {() => void} [how.beforehand] runs in the page before its own scripts
   */
  static async begin(browser, site, { query = '', cameraAllowed = true, beforehand, ...look } = {}) {
    const context = await browser.newContext({ permissions: cameraAllowed ? ['camera'] : [], ...look });
    const visit = new Visit(site, context, await context.newPage());
    await visit.page.addInitScript(watchPolicy);
    if (beforehand) await visit.page.addInitScript(beforehand);
    await visit.page.goto(`${site.origin}/${query}`, { timeout: PATIENCE_MS });
    return visit;
  }

  /** Until the engine runs. @param {number} [timeout] */
  async ready(timeout = PATIENCE_MS) {
    await this.page.waitForSelector('html[data-state="ready"], html[data-state="error"]', { timeout });
    const failure = await this.page.textContent('#failure-detail');
    assert.equal(await this.page.getAttribute('html', 'data-state'), 'ready', `the engine did not start: ${failure}`);
  }

  /** Starts the camera and waits for `frames` scores. @param {number} frames @param {number} [timeout] */
  async scoreLive(frames, timeout = PATIENCE_MS) {
    await this.page.click('#start-camera');
    await this.scoredFrames(frames, timeout);
  }

  /** Until the gauge has shown `frames` scores since the page was loaded. @param {number} frames @param {number} [timeout] */
  async scoredFrames(frames, timeout = PATIENCE_MS) {
    await this.#until(
      `${frames} scored frames`,
      (wanted) => Number(document.getElementById('meter')?.dataset.frames) >= wanted,
      frames,
      timeout,
    );
  }

  /** Until the live view is in this state. @param {string} state @param {number} [timeout] */
  async liveState(state, timeout = PATIENCE_MS) {
    await this.#until(`live state ${state}`, (wanted) => document.getElementById('live')?.dataset.state === wanted, state, timeout);
  }

  /** The gauge's last score. @returns {Promise<{ frames: number, raw: number, quality: number }>} */
  async meter() {
    const { frames, raw, quality } = await this.page.locator('#meter').evaluate((meter) => ({ ...meter.dataset }));
    // An empty attribute is no score, and must not be taken for a zero.
    const number = (/** @type {string | undefined} */ text) => (text ? Number(text) : NaN);
    return { frames: number(frames), raw: number(raw), quality: number(quality) };
  }

  /** Chooses photos in the second view and waits until all have their row. @param {Photo[]} photos */
  async scorePhotos(photos) {
    await this.page.click('#tab-photos');
    await this.page.setInputFiles('#photo-input', photos);
    const names = photos.map((photo) => photo.name);
    await this.#until(
      `rows for ${names.join(', ')}`,
      (wanted) => wanted.every((name) => document.querySelector(`#photo-results > li[data-file="${CSS.escape(name)}"]`)),
      names,
      PATIENCE_MS,
    );
    await this.page.waitForSelector('#photos-progress', { state: 'hidden' });
  }

  /** @typedef {{ name: string, mimeType: string, buffer: Buffer }} Photo */

  /** The rows of the second view, from the top. */
  rows() {
    return this.page.locator('#photo-results > li').evaluateAll((rows) =>
      rows.map((row) => {
        const { file = '', status = '', raw, quality } = /** @type {HTMLElement} */ (row).dataset;
        const number = (/** @type {string | undefined} */ text) => (text ? Number(text) : NaN);
        return { file, status, raw: number(raw), quality: number(quality), text: row.textContent ?? '' };
      }),
    );
  }

  /** Nothing went wrong unseen, and nothing was asked of another server. */
  assertClean() {
    assert.deepEqual(this.problems, [], 'the page complained in its console');
    this.assertNothingForeign();
  }

  assertNothingForeign() {
    // A blob or data address never leaves the browser.
    const foreign = this.requests.filter((url) => !/^(blob|data):/.test(url) && new URL(url).origin !== this.#site.origin);
    assert.deepEqual(foreign, [], 'requests to another origin');
  }

  async end() {
    await this.context.close();
  }

  /**
   * @template T
   * @param {string} what
   * @param {(argument: T) => unknown} condition
   * @param {T} argument
   * @param {number} timeout
   */
  async #until(what, condition, argument, timeout) {
    try {
      await this.page.waitForFunction(/** @type {any} */ (condition), argument, { timeout });
    } catch (error) {
      const seen = await this.page.evaluate(() => ({
        page: document.documentElement.dataset.state,
        live: document.getElementById('live')?.dataset.state,
        meter: { ...document.getElementById('meter')?.dataset },
        words: document.getElementById('live-text')?.textContent,
        failure: document.getElementById('failure-detail')?.textContent,
        rows: document.querySelectorAll('#photo-results > li').length,
      }));
      throw new Error(`waited ${timeout} ms for ${what}, but: ${JSON.stringify(seen)}; console: ${this.problems.join(' | ')}`, {
        cause: error,
      });
    }
  }
}

/** Runs in the page: not every violation is told to the console. */
function watchPolicy() {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
  });
}

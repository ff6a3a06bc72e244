import assert from 'node:assert/strict';

/** @import { Browser, BrowserContext, Page } from 'playwright-core' */
/** @import { Site } from './site.mjs' */

/** Time limit for anything on the CPU, on a machine that is busy with something else. */
export const PATIENCE_MS = 60_000;

/** One page in its own context: no cache, storage or permission from another visit. */
export class Visit {
  /** Console errors, uncaught errors and violations of the content security policy, as they come. @type {string[]} */
  problems = [];
  /** Warnings in the console. @type {string[]} */
  warnings = [];
  /** Every request of page and workers, as reported by the browser. @type {string[]} */
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
      if (message.type() === 'warning') this.warnings.push(message.text());
    });
  }

  /**
   * @param {Browser} browser
   * @param {Site} site
   * @param {object} [how]
   * @param {string} [how.query] of the address, see www/site/README.md
   * @param {boolean} [how.cameraAllowed]
   * @param {{ width: number, height: number }} [how.viewport]
   * @param {'light' | 'dark'} [how.colorScheme]
   * @param {'reduce' | 'no-preference'} [how.reducedMotion]
   * @param {'allow' | 'block'} [how.serviceWorkers] blocked by default: they fetch the page's files once more, at any time
   * @param {string} [how.locale]
   * @param {string} [how.userAgent]
   * @param {boolean} [how.detailsOpen] whether the page's technical details are open, unlike at a real visit
   * @param {boolean} [how.hasTouch]
   * @param {boolean} [how.isMobile] in Chromium only
   * @param {number} [how.deviceScaleFactor]
   * @param {() => void} [how.beforehand] runs in the page before its own scripts
   */
  static async begin(browser, site, { query = '', cameraAllowed = true, serviceWorkers = 'block', detailsOpen = true, beforehand, ...look } = {}) {
    const context = await browser.newContext({ permissions: cameraAllowed ? ['camera'] : [], serviceWorkers, ...look });
    const visit = new Visit(site, context, await context.newPage());
    await visit.page.addInitScript(watchPolicy);
    await visit.page.addInitScript(watchCameraErrors);
    if (beforehand) await visit.page.addInitScript(beforehand);
    await visit.page.goto(`${site.origin}/${query}`, { timeout: PATIENCE_MS });
    // The page's modules load after its texts, and after the load event.
    await visit.page.waitForSelector('html[data-words]', { state: 'attached' });
    if (detailsOpen) await visit.page.locator('#details').evaluate((details) => details.setAttribute('open', ''));
    return visit;
  }

  /** Waits until the engine of the front view runs; the capture view has none of its own. @param {number} [timeout] */
  async ready(timeout = PATIENCE_MS) {
    await this.page.waitForSelector('html[data-state="ready"], html[data-state="error"]', { timeout });
    const failure = await this.page.textContent('#failure-detail');
    assert.equal(await this.page.getAttribute('html', 'data-state'), 'ready', `the engine did not start: ${failure}`);
  }

  /**
   * Starts the camera without automatic capture, and waits for `frames` frames.
   * @param {number} frames
   * @param {number} [timeout]
   */
  async watchCamera(frames, timeout = PATIENCE_MS) {
    await this.page.check('#trigger-shutter');
    await this.startCamera();
    await this.seenFrames((await this.facts()).frames + frames, timeout);
  }

  async startCamera() {
    await this.page.click('#camera [part~="button"][data-action="start"]:visible');
  }

  /** Waits for the picture that the camera takes, and uses it. */
  async usePicture() {
    await this.page.click('#camera [data-action="use"]:visible');
    await this.page.waitForSelector('#taken > li');
  }

  /** Waits until the page has received `frames` frames since it was loaded. @param {number} frames @param {number} [timeout] */
  async seenFrames(frames, timeout = PATIENCE_MS) {
    await this.#until(
      `${frames} frames`,
      (wanted) => Number(document.getElementById('facts')?.dataset.frames) >= wanted,
      frames,
      timeout,
    );
  }

  /** Waits until the camera's element is in this state. @param {string} state @param {number} [timeout] */
  async cameraState(state, timeout = PATIENCE_MS) {
    await this.#until(`camera state ${state}`, (wanted) => document.getElementById('camera')?.matches(`:state(${wanted})`), state, timeout);
  }

  /** Waits until `scored` frames have been scored. @param {number} scored @param {number} [timeout] */
  async scoredFrames(scored, timeout = PATIENCE_MS) {
    await this.#until(
      `${scored} scored frames`,
      (wanted) => Number(document.getElementById('facts')?.dataset.scored) >= wanted,
      scored,
      timeout,
    );
  }

  /** @typedef {{ frames: number, scored: number, raw: number, quality: number, instruction: string }} Facts */

  /** Returns the facts shown of the last frame. @returns {Promise<Facts>} */
  async facts() {
    const { frames, scored, raw, quality, instruction = '' } = await this.page.locator('#facts').evaluate((facts) => ({ ...facts.dataset }));
    return { frames: number(frames), scored: number(scored), raw: number(raw), quality: number(quality), instruction };
  }

  /** Returns the facts as displayed, by name. @returns {Promise<Record<string, string>>} */
  async factTexts() {
    return this.page
      .locator('#facts > .fact')
      .evaluateAll((rows) => Object.fromEntries(rows.map((row) => [row.getAttribute('data-fact'), row.querySelector('dd')?.textContent])));
  }

  /** Returns every `serfiq-error` since the page was loaded. @returns {Promise<{ code: string, message: string, action: string }[]>} */
  async cameraErrors() {
    return this.page.evaluate(() => /** @type {any} */ (window).cameraErrors);
  }

  /** Chooses photos to check and waits until all have their row. @param {Photo[]} photos */
  async scorePhotos(photos) {
    await this.page.click('#tab-photos');
    await this.ready();
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

  /** Returns the rows of the photo list, from the top. */
  async rows() {
    const rows = await this.page
      .locator('#photo-results > li')
      .evaluateAll((all) => all.map((row) => ({ ...(/** @type {HTMLElement} */ (row).dataset), text: row.textContent ?? '' })));
    return rows.map(({ file = '', status = '', raw, quality, issues = '', text }) => ({
      file, status, raw: number(raw), quality: number(quality), issues, text,
    }));
  }

  /** Checks that no error went unseen, and that no other server was contacted. */
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
        camera: /** @type {any} */ (document.getElementById('camera'))?.state,
        errors: /** @type {any} */ (window).cameraErrors,
        facts: { ...document.getElementById('facts')?.dataset },
        failure: document.getElementById('failure-detail')?.textContent,
        rows: document.querySelectorAll('#photo-results > li').length,
      }));
      throw new Error(`waited ${timeout} ms for ${what}, but: ${JSON.stringify(seen)}; console: ${this.problems.join(' | ')}`, {
        cause: error,
      });
    }
  }
}

/** An empty attribute means no score, and must not become zero. @param {string | undefined} text */
function number(text) {
  return text ? Number(text) : NaN;
}

/** Runs in the page: records the errors of the camera's element. */
function watchCameraErrors() {
  /** @type {object[]} */
  const cameraErrors = [];
  Object.assign(window, { cameraErrors });
  document.addEventListener('serfiq-error', (event) => cameraErrors.push(/** @type {CustomEvent} */ (event).detail));
}

/** Runs in the page: the console does not report every violation. */
function watchPolicy() {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
  });
}

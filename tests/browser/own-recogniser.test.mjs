/** A recogniser of the page's own: scored as on the command line, refused with clear messages, and never uploaded. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { ElementPage } from './support/element-page.mjs';
import { portrait, scoreNatively } from './support/portraits.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { assertUsable } from './support/usable.mjs';
import { PATIENCE_MS, Visit } from './support/visit.mjs';

/** @typedef {import('playwright-core').Browser} Browser */

/** A MobileFaceNet trained without dropout: its file specifies neither the pixel scaling nor the dropout. */
const FILE = 'fr_feature.onnx';
const CARD = { input: { colour: 'rgb', mean: 127, scale: 1 / 128 }, dropout: { probability: 0.4 } };
const TOML = '[input]\ncolour = "rgb"\nmean = 127\nscale = 0.0078125\n\n[dropout]\nprobability = 0.4\n';
const CALIBRATION = { alpha: 20, r: 0.6, k: 100 };
const OPTIONS = { method: 'mc', passes: 100, seed: 1 };
const NATIVE_OPTIONS = ['--method', 'mc', '--passes', '100', '--seed', '1'];
const PORTRAIT = 'person_a_2.jpg';
/** A field that ONNX readers ignore: another file, the same network. */
const REMARK = Buffer.from([0x32, 0x01, 0x78]);

/** The software adapter takes seconds per photo, and compiles its shaders before the first. */
const BACKENDS = /** @type {const} */ ([
  { backend: 'cpu', gpu: 'none', tolerance: 2e-4, patience: 120_000 },
  { backend: 'webgpu', gpu: 'software', tolerance: 1e-3, patience: 300_000 },
]);

/** @type {Site} */
let site;
/** @type {Buffer} */
let network;
/** @type {string} */
let sha256;
/** In base64, for the page. @type {string} */
let photo;
/** The command line's answer. @type {Awaited<ReturnType<typeof scoreNatively>>[string]} */
let native;

before(async () => {
  site = await Site.open(settings.dist);
  network = await readFile(join(settings.recognisers, FILE));
  sha256 = createHash('sha256').update(network).digest('hex');
  photo = (await portrait(PORTRAIT)).toString('base64');
  const folder = await mkdtemp(join(tmpdir(), 'serfiq-'));
  try {
    await copyFile(join(settings.recognisers, FILE), join(folder, 'mine.onnx'));
    await writeFile(join(folder, 'mine.toml'), TOML);
    native = (await scoreNatively([PORTRAIT], ['--recogniser', join(folder, 'mine.onnx'), ...NATIVE_OPTIONS]))[PORTRAIT];
  } finally {
    await rm(folder, { recursive: true });
  }
  serve();
});
after(() => site?.close());

/** Serves the recogniser, and some files that are not recognisers. */
function serve() {
  site.mend();
  site.spoil('/own/mine.onnx', { body: network });
  site.spoil('/own/mine.toml', { body: Buffer.from(TOML) });
  site.spoil('/own/text.onnx', { body: Buffer.from('This is not a network.') });
  site.spoil('/own/empty.onnx', { body: Buffer.alloc(0) });
  site.spoil('/own/broken.onnx', { body: network, breakOff: true });
  site.spoil('/own/wrong.toml', { body: Buffer.from('This is no card.') });
}

for (const { backend, gpu, tolerance, patience } of BACKENDS) {
  describe(`on ${backend}`, () => {
    /** @type {Browser} */
    let browser;
    /** @type {Visit} */
    let visit;
    before(async () => {
      browser = await launch({ gpu });
      visit = await Visit.begin(browser, site, { query: '?view=privacy' });
      await prepare(visit);
    });
    after(() => browser?.close());

    for (const how of /** @type {const} */ (['addresses', 'files'])) {
      test(`${how}: the scores of the command line`, { timeout: patience }, async (t) => {
        const { info, models, scored } = await visit.page.evaluate(
          async ([backend, card, options, how]) => {
            const { open, fileAt, photo } = /** @type {any} */ (window);
            const recogniser =
              how === 'addresses'
                ? { onnx: 'own/mine.onnx', card }
                : { onnx: await fileAt('/own/mine.onnx'), card: await fileAt('/own/mine.toml') };
            const engine = await open({ backend, recogniser });
            const scored = await engine.score(photo, options);
            engine.close();
            return { info: engine.info, models: engine.models, scored };
          },
          /** @type {const} */ ([backend, CARD, OPTIONS, how]),
        );
        assert.equal(info.backend, backend);
        const [[face], [expected]] = [scored.faces, native.faces];
        const difference = Math.abs(face.raw - expected.raw);
        t.diagnostic(`raw ${face.raw}, the command line says ${expected.raw}: ${difference} apart`);
        assert.ok(difference <= tolerance, `${difference} apart, expected at most ${tolerance}`);
        // Without a calibration there is neither quality nor limit.
        assert.deepEqual([face.quality, expected.quality], [null, null]);
        assert.deepEqual([scored.model, scored.model_sha256], ['mine', sha256]);
        assert.deepEqual([native.model, native.model_sha256], ['mine', sha256]);
        assert.ok(!scored.issues.includes('hard_to_recognise'), 'a raw score was taken for a bad quality');
        assert.deepEqual(
          [info.model, info.modelSha256, info.methods, info.defaultMethod, info.calibrated, info.trainedWithDropout],
          ['mine', sha256, ['mc'], 'mc', false, false],
        );
        assert.deepEqual([info.guide.defaults.score, info.guide.ofPhoto.score], [null, null], 'no raw score is too low');
        assert.ok(Math.abs(info.dropout - 0.4) < 1e-6, `dropout ${info.dropout}`);
        const [recogniser, detector] = models;
        assert.deepEqual(recogniser, {
          name: 'mine', role: 'recogniser', file: 'mine.onnx', bytes: network.length, sha256, licence: null, author: null,
          source: 'your own file',
        });
        assert.equal(detector.role, 'detector');
      });
    }

    test('without a complaint, and nothing is sent to another server', () => visit.assertClean());
  });
}

describe('an engine with a recogniser of its own', () => {
  /** @type {Browser} */
  let browser;
  /** @type {Visit} */
  let visit;
  before(async () => {
    browser = await launch();
    visit = await Visit.begin(browser, site, { query: '?view=privacy', beforehand: keepWorkers });
    await prepare(visit);
  });
  after(() => browser?.close());

  test('gives qualities and the limit, where its card is calibrated', async () => {
    const { info, models, scored } = await visit.page.evaluate(async (card) => {
      const { open, photo } = /** @type {any} */ (window);
      const engine = await open({ recogniser: { onnx: '/own/mine.onnx', card } });
      const scored = await engine.score(photo);
      engine.close();
      return { info: engine.info, models: engine.models, scored };
    }, { ...CARD, name: 'calibrated', licence: 'MIT', author: 'Somebody', calibration: CALIBRATION });
    assert.deepEqual([info.calibrated, info.methods, info.defaultMethod], [true, ['mc', 'limit'], 'limit']);
    assert.equal(info.guide.defaults.score.limit, 50);
    const [{ raw, quality, std_error: error }] = scored.faces;
    assert.deepEqual([scored.model, scored.method, error], ['calibrated', 'limit', null]);
    const expected = 100 / (1 + Math.exp(-CALIBRATION.alpha * (raw - CALIBRATION.r)));
    assert.ok(Math.abs(quality - expected) < 1e-6, `quality ${quality}, expected ${expected}`);
    assert.deepEqual([models[0].name, models[0].licence, models[0].author], ['calibrated', 'MIT', 'Somebody']);
  });

  test('tells progress in bytes, and keeps all but the own recogniser', async () => {
    const { told, models, kept } = await visit.page.evaluate(async (card) => {
      const { open } = /** @type {any} */ (window);
      /** @type {any[]} */
      const told = [];
      const onProgress = (/** @type {any} */ progress) => progress.what === 'models' && told.push(progress);
      const engine = await open({ recogniser: { onnx: '/own/mine.onnx', card }, onProgress });
      engine.close();
      const caches = await window.caches.keys();
      const kept = await Promise.all(caches.map(async (name) => (await (await window.caches.open(name)).keys()).map(({ url }) => url)));
      return { told, models: engine.models, kept: kept.flat() };
    }, CARD);
    const [, ...builtIn] = models;
    const total = models.reduce((/** @type {number} */ sum, /** @type {any} */ { bytes }) => sum + bytes, 0);
    assert.deepEqual(told.at(-1), { what: 'models', loaded: total, total });
    assert.ok(told.length >= 3, `told ${told.length} times`);
    assert.deepEqual(builtIn.map((/** @type {any} */ { role }) => role), ['detector', 'landmarks']);
    assert.equal(kept.length, 2, kept.join(', '));
    for (const { sha256 } of builtIn) assert.ok(kept.some((url) => url.includes(sha256)), kept.join(', '));
  });

  test('loads it again when its worker is lost', async () => {
    for (const how of ['addresses', 'files']) {
      const fetched = () => site.requests.filter(({ path }) => path === '/own/mine.onnx').length;
      const before = fetched();
      const [first, second, info] = await visit.page.evaluate(
        async ([card, options, how]) => {
          const { open, fileAt, loseWorker, photo } = /** @type {any} */ (window);
          const onnx = how === 'addresses' ? '/own/mine.onnx' : await fileAt('/own/mine.onnx');
          const engine = await open({ recogniser: { onnx, card } });
          const first = await engine.score(photo, options);
          const changed = new Promise((resolve) => engine.addEventListener('backendchange', resolve));
          loseWorker();
          await changed;
          const second = await engine.score(photo, options);
          engine.close();
          return [first, second, engine.info];
        },
        /** @type {const} */ ([CARD, OPTIONS, how]),
      );
      assert.equal(second.faces[0].raw, first.faces[0].raw);
      assert.deepEqual([second.model, second.model_sha256], ['mine', sha256]);
      assert.match(info.fallbackReason, /lost by this test/);
      assert.equal(fetched() - before, how === 'addresses' ? 2 : 1, 'how often the file was fetched');
    }
  });

  test('scores no more when the file has changed meanwhile', async () => {
    site.spoil('/own/changing.onnx', { body: network });
    const opened = await visit.page.evaluateHandle(
      (card) => /** @type {any} */ (window).open({ recogniser: { onnx: '/own/changing.onnx', card } }),
      CARD,
    );
    site.spoil('/own/changing.onnx', { body: Buffer.concat([network, REMARK]) });
    const outcome = await opened.evaluate(async (/** @type {any} */ engine) => {
      const failed = new Promise((resolve) => engine.addEventListener('enginefailure', resolve));
      const { loseWorker, photo } = /** @type {any} */ (window);
      loseWorker();
      const { error } = /** @type {any} */ (await failed).detail;
      return [error.code, error.message, await engine.score(photo).catch((/** @type {any} */ later) => later.code)];
    });
    assert.deepEqual([outcome[0], outcome[2]], ['model-hash', 'model-hash']);
    assert.match(outcome[1], /changing has changed/);
  });

  test('without a complaint, and nothing is sent to another server', () => visit.assertClean());

  /** The page's request, the error's code, and the required message. @type {[string, object, string, RegExp][]} */
  const REFUSED = [
    ['a recogniser without a card, if it needs one', { recogniser: { onnx: '/own/mine.onnx' } }, 'model-invalid', /\bmean\b.*\bscale\b/s],
    ['a key that no card has', { recogniser: { onnx: '/own/mine.onnx', card: { input: { ...CARD.input, gamma: 1 } } } }, 'invalid-option', /gamma/],
    ['a value that no card has', { recogniser: { onnx: '/own/mine.onnx', card: { input: { colour: 'grey' } } } }, 'invalid-option', /grey/],
    ['a card that is no TOML', { recogniser: { onnx: '/own/mine.onnx', card: '/own/wrong.toml' } }, 'invalid-option', /card of mine/],
    ['a card that is not there', { recogniser: { onnx: '/own/mine.onnx', card: '/own/none.toml' } }, 'model-fetch', /none\.toml.*404/],
    ['a file that is no network', { recogniser: { onnx: '/own/text.onnx', card: CARD } }, 'model-invalid', /./],
    ['an empty file', { recogniser: { onnx: '/own/empty.onnx', card: CARD } }, 'model-invalid', /./],
    ['a file that is not there', { recogniser: { onnx: '/own/none.onnx', card: CARD } }, 'model-fetch', /none\.onnx.*404/],
    ['a transfer that breaks off', { recogniser: { onnx: '/own/broken.onnx', card: CARD } }, 'model-fetch', /broken\.onnx/],
    ['something that is not an address', { recogniser: { onnx: 'http://[' } }, 'invalid-option', /recogniser\.onnx is 'http:\/\/\['/],
    ['model and recogniser at once', { model: 'sface', recogniser: { onnx: '/own/mine.onnx', card: CARD } }, 'invalid-option', /model and recogniser/],
  ];
  for (const [what, options, code, message] of REFUSED) {
    test(`refuses ${what}`, async () => {
      const error = await visit.page.evaluate(
        (options) => /** @type {any} */ (window).open(options).then(() => null, (/** @type {any} */ { name, code, message }) => ({ name, code, message })),
        options,
      );
      assert.deepEqual([error?.name, error?.code], ['SerfiqError', code], error?.message);
      assert.match(error.message, message);
    });
  }

  test('says what may be wrong with another origin, and asks it for nothing against the policy', async (t) => {
    const other = await Site.open(settings.dist);
    t.after(() => other.close());
    const error = await visit.page.evaluate(
      (onnx) => /** @type {any} */ (window).open({ recogniser: { onnx } }).catch((/** @type {any} */ { code, message }) => ({ code, message })),
      `${other.origin}/serfiq/models/mine.onnx`,
    );
    assert.equal(error.code, 'model-fetch', error.message);
    for (const part of ['mine.onnx', other.origin, 'Access-Control-Allow-Origin', 'connect-src']) assert.ok(error.message.includes(part), error.message);
    assert.deepEqual(other.requests, []);
  });

  test('refuses the limit without a calibration', async () => {
    const code = await visit.page.evaluate(async (card) => {
      const { open, photo } = /** @type {any} */ (window);
      const engine = await open({ recogniser: { onnx: '/own/mine.onnx', card } });
      const code = await engine.score(photo, { method: 'limit' }).catch((/** @type {any} */ error) => error.code);
      engine.close();
      return code;
    }, CARD);
    assert.equal(code, 'invalid-option');
  });

  test('explains no score of features that lie on no grid, and says so', async () => {
    const [error, cover] = await visit.page.evaluate(async (card) => {
      const { open, photo } = /** @type {any} */ (window);
      const engine = await open({ recogniser: { onnx: '/own/mine.onnx', card } });
      const error = await engine.explain(photo).catch((/** @type {any} */ { code, message }) => ({ code, message }));
      const { measures } = await engine.score(photo);
      engine.close();
      return [error, measures.face.cover];
    }, CARD);
    assert.equal(error.code, 'invalid-option', JSON.stringify(error));
    assert.match(error.message, /mine cannot be explained/);
    assert.equal(cover, null);
  });

  test('judges a photo for the element all the same', async () => {
    const { report, blob } = await visit.page.evaluate(async (card) => {
      const { open, photo } = /** @type {any} */ (window);
      const { judgePhoto } = await import(/** @type {string} */ ('/serfiq/capture/photo.js'));
      const engine = await open({ recogniser: { onnx: '/own/mine.onnx', card } });
      const { report, blob } = await judgePhoto(engine, photo, { belowThreshold: true, crop: false, explain: true });
      engine.close();
      return { report, blob: blob === photo };
    }, CARD);
    assert.deepEqual([report.model, report.faces.length, 'explanation' in report, blob], ['mine', 1, false, true]);
  });
});

describe('the element with a recogniser of its own', () => {
  /** @type {Browser} */
  let browser;
  before(async () => {
    browser = await launch({ camera: 'face' });
  });
  after(() => browser?.close());

  /** Opens elements with the recogniser, and starts them. @param {string} html @param {object} [properties] */
  async function open(html, properties = {}) {
    const page = await ElementPage.open(browser, site, html);
    await page.page.evaluate(
      ([card, properties]) => {
        for (const element of document.querySelectorAll('serfiq-capture')) {
          Object.assign(element, { recogniser: { onnx: '/own/mine.onnx', card }, ...properties });
          /** @type {any} */ (element).start().catch(() => {});
        }
      },
      /** @type {const} */ ([CARD, properties]),
    );
    return page;
  }

  test('takes a picture by what it measures, and shows no quality', async () => {
    const page = await open('<serfiq-capture backend="cpu" auto-capture></serfiq-capture>');
    const { info, models } = await page.event('ready');
    assert.deepEqual([info.model, info.calibrated, models[0].file], ['mine', false, 'mine.onnx']);
    await page.frames(1);
    assert.ok(await page.part('meter').isHidden(), 'there is a meter for qualities, and there are none');
    const { report } = await page.event('capture');
    assert.deepEqual([report.model, report.model_sha256, report.method, report.faces[0].quality], ['mine', sha256, 'mc', null]);
    assert.ok(report.faces[0].raw > 0 && report.faces[0].raw <= 1, JSON.stringify(report.faces[0]));
    assert.equal(report.accepted, true);
    assert.ok(await page.part('meter').isHidden());
    await assertUsable(page);
    page.assertClean();
    await page.end();
  });

  test('takes a picture that cannot be explained, with everything else that was asked for', async () => {
    const page = await open('<serfiq-capture backend="cpu" auto-capture explain standard-measures></serfiq-capture>');
    const { report } = await page.event('capture');
    assert.deepEqual([report.model, 'explanation' in report], ['mine', false]);
    assert.equal(Object.keys(report.standard_measures).length, 20);
    await page.inState('captured');
    assert.ok(await page.part('explanation').isHidden());
    page.assertClean();
    await page.end();
  });

  test('shows qualities, where its card is calibrated', async () => {
    const recogniser = { onnx: '/own/mine.onnx', card: { ...CARD, calibration: CALIBRATION } };
    const page = await open('<serfiq-capture backend="cpu" threshold="1" auto-capture></serfiq-capture>', { recogniser });
    const { report } = await page.event('capture');
    assert.equal(typeof report.faces[0].quality, 'number');
    assert.equal(await page.part('meter').getAttribute('role'), 'meter');
    page.assertClean();
    await page.end();
  });

  test('refuses a threshold that no score could reach, and says why', async () => {
    const page = await open('<serfiq-capture backend="cpu" threshold="40"></serfiq-capture>');
    const refused = await page.event('error');
    assert.equal(refused.code, 'invalid-option');
    assert.match(refused.message, /threshold is a quality.*mine is not calibrated/);
    await page.inState('error');
    await page.element.evaluate((element) => {
      /** @type {any} */ (element).threshold = null;
      return /** @type {any} */ (element).start();
    });
    await page.frames(2);
    await page.element.evaluate((element) => element.setAttribute('threshold', '60'));
    assert.equal((await page.event('error', 2)).code, 'invalid-option');
    page.assertClean();
    await page.end();
  });

  test('goes by a raw score, if the page names one', async () => {
    const page = await open('<serfiq-capture backend="cpu" auto-capture time-limit="2"></serfiq-capture>', {
      guide: { score: { limit: 1, margin: 0 } },
    });
    assert.equal((await page.event('hint')).instruction, 'hard_to_recognise');
    assert.equal((await page.event('error')).code, 'no-good-picture');
    page.assertClean();
    await page.end();
  });

  test('takes another recogniser with the next start', async () => {
    const page = await ElementPage.open(browser, site, '<serfiq-capture backend="cpu" autostart></serfiq-capture>');
    const lastModel = () => page.page.evaluate(() => /** @type {any} */ (window).lastFrame.model);
    await page.frames(2);
    await page.element.evaluate((element, card) => Object.assign(element, { recogniser: { onnx: '/own/mine.onnx', card } }), CARD);
    const { frames } = await page.page.evaluate(() => ({ frames: /** @type {any} */ (window).frames_ }));
    await page.frames(frames + 2);
    assert.equal(await lastModel(), 'sface');
    assert.ok(await page.part('meter').isVisible());
    for (const [recogniser, model] of [[undefined, 'mine'], [null, 'sface']]) {
      await page.element.evaluate((element, wanted) => {
        const capture = /** @type {any} */ (element);
        capture.stop();
        if (wanted === null) capture.recogniser = null;
        return capture.start();
      }, recogniser);
      await page.page.waitForFunction((wanted) => /** @type {any} */ (window).lastFrame.model === wanted, model);
      assert.equal(await page.part('meter').isVisible(), model === 'sface');
    }
    page.assertClean();
    await page.end();
  });

  test('shares its engine with the elements that have the same recogniser, and with no other', async () => {
    const html = ['a', 'b', 'c', 'd', 'e'].map((id) => `<serfiq-capture id="${id}" backend="cpu"></serfiq-capture>`).join('');
    const page = await ElementPage.open(browser, site, html);
    await page.page.evaluate(async (card) => {
      const bytes = await (await fetch('/own/mine.onnx')).blob();
      const file = new File([bytes], 'mine.onnx');
      const other = { ...card, name: 'other' };
      const address = '/own/mine.onnx';
      // Two engines: a and b have equal settings, c has another card. A third engine, from the file, is for d and e.
      const recognisers = [
        { onnx: address, card },
        { onnx: new URL(address, location.href), card: { ...card } },
        { onnx: address, card: other },
        { onnx: file, card },
        { onnx: file, card },
      ];
      const elements = [...document.querySelectorAll('serfiq-capture')];
      await Promise.all(elements.map((element, i) => Object.assign(/** @type {any} */ (element), { recogniser: recognisers[i] }).start()));
    }, CARD);
    assert.equal(page.page.workers().length, 3);
    const shared = await page.page.evaluate(() => {
      const [a, b, c, d, e] = [...document.querySelectorAll('serfiq-capture')].map((element) => /** @type {any} */ (element).engine);
      return [a === b, d === e, new Set([a, c, d]).size, c.info.model];
    });
    assert.deepEqual(shared, [true, true, 3, 'other']);
    page.assertClean();
    await page.end();
  });
});

describe('the page with a recogniser of the visitor', () => {
  /** @type {Browser} */
  let browser;
  /** @type {Visit} */
  let visit;
  before(async () => {
    browser = await launch({ camera: 'face' });
    visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos' });
    await visit.ready();
    await visit.scorePhotos([{ name: PORTRAIT, mimeType: 'image/jpeg', buffer: await portrait(PORTRAIT) }]);
  });
  after(() => browser?.close());

  /** Chooses files, and waits for the outcome. @param {Record<string, Buffer>} files @param {string} state */
  async function choose(files, state) {
    await visit.page.setInputFiles('#own-input', Object.entries(files).map(([name, buffer]) => ({ name, mimeType: '', buffer })));
    await visit.page.waitForSelector(`#own[data-state="${state}"]`);
    return (await visit.page.textContent('#own-status')) ?? '';
  }

  /** Returns the only row, once this recogniser has scored it. @param {'quality' | 'raw'} what */
  async function row(what) {
    const scored = '#photo-results > li[data-status="ok"]';
    await visit.page.waitForSelector(what === 'raw' ? `${scored}[data-quality=""]` : `${scored}:not([data-quality=""])`);
    await visit.page.waitForSelector('#photos-progress', { state: 'hidden' });
    const [only, ...more] = await visit.rows();
    assert.deepEqual(more, []);
    return only;
  }

  test('one that needs a card says so, changes nothing, and can be used when the card follows', async () => {
    await visit.page.focus('#own > summary');
    await visit.page.keyboard.press('Enter');
    assert.ok(await visit.page.isVisible('#own-hint'));
    const before = { seen: visit.requests.length, served: site.requests.length };
    assert.match(await choose({ 'mine.onnx': network }, 'failed'), /Nothing has changed.*mine\.onnx cannot be used: .*\bmean\b/s);
    assert.equal(await visit.page.textContent('#model'), 'SFace');
    assert.ok((await row('quality')).quality > 0);
    assert.match(await choose({ 'mine.toml': Buffer.from(TOML) }, 'ready'), /^mine is in use\. It is not calibrated.*not trained with dropout/s);
    assert.equal(await visit.page.textContent('#model'), 'mine');
    assert.equal(await visit.page.getAttribute('#method', 'data-method'), 'mc');
    assert.match((await visit.page.textContent('#credits')) ?? '', /mine · face recogniser(?! ·)/);
    const { raw, text } = await row('raw');
    assert.ok(Math.abs(raw - native.faces[0].raw) < 0.02, `raw ${raw}, the command line says ${native.faces[0].raw}`);
    assert.match(text, /raw 0\.\d{4} ± 0\.\d{4}0\.\d{3}Why this score/, 'a number without a word for it');
    await visit.page.locator('.explanation > summary').click();
    await visit.page.locator('.explanation').getByText('cannot be explained').waitFor();
    // Only the engine's own files are requested, for the second worker.
    const asked = visit.requests.slice(before.seen).filter((url) => !url.startsWith('blob:'));
    assert.deepEqual(asked.filter((url) => !/\.(js|wasm)$/.test(url)), [], 'requests while the recogniser was chosen');
    assert.deepEqual(site.requests.slice(before.served).filter(({ path }) => !/\.(js|wasm)$/.test(path)), []);
    await assertUsable(visit);
  });

  test('the other views score by it, too', async () => {
    await visit.page.click('#tab-compare');
    for (const slot of [0, 1]) {
      await visit.page.setInputFiles(`#slot-input-${slot}`, { name: 'a.jpg', mimeType: '', buffer: await portrait(`person_${'ab'[slot]}_1.jpg`) });
    }
    await visit.page.waitForSelector('#verdict[data-state="told"]');
    assert.match((await visit.page.textContent('#verdict-text')) ?? '', /^The raw scores are 0\.\d{4} apart/);
    assert.match((await visit.page.textContent('#slot-0')) ?? '', /raw 0\.\d{4} ± 0\.\d{4}/);
    assert.equal(await visit.page.getAttribute('#slot-0', 'data-quality'), '');
    await assertUsable(visit);
  });

  test('the camera goes by it, without a threshold', async () => {
    await visit.page.click('#tab-capture');
    assert.ok(await visit.page.isDisabled('#threshold'));
    await visit.watchCamera(2);
    await visit.scoredFrames(1);
    const { raw, quality } = await visit.facts();
    assert.ok(raw > 0 && Number.isNaN(quality), `raw ${raw}, quality ${quality}`);
    assert.ok(await visit.page.isHidden('#camera [part~="meter"]'));
    // The previous engine's worker ends a little later.
    for (const until = Date.now() + PATIENCE_MS; visit.page.workers().length > 1; ) {
      assert.ok(Date.now() < until, 'there are two engines');
      await visit.page.waitForTimeout(100);
    }
    await assertUsable(visit);
  });

  test('a file that is none is refused in words, and the one before stays', async () => {
    assert.match(await choose({ 'holiday.jpg': Buffer.from('No network.'), 'mine.toml': Buffer.from(TOML) }, 'failed'), /holiday\.jpg cannot be used/);
    assert.equal(await visit.page.textContent('#model'), 'mine');
  });

  test('the built-in one comes back, and scores everything again', async () => {
    await visit.page.click('#own-remove');
    await visit.page.waitForSelector('#own[data-state="ready"]');
    assert.match((await visit.page.textContent('#own-status')) ?? '', /^SFace is in use\.$/);
    assert.equal(await visit.page.evaluate(() => document.activeElement?.id), 'own-input', 'the focus of the button is lost');
    assert.ok(await visit.page.isHidden('#own-remove'));
    assert.equal(await visit.page.textContent('#model'), 'SFace');
    const { frames } = await visit.facts();
    await visit.seenFrames(frames + 2);
    assert.ok(await visit.page.isEnabled('#threshold'));
    assert.equal(await visit.page.locator('#camera').getAttribute('threshold'), await visit.page.inputValue('#threshold'));
    await visit.page.click('#tab-photos');
    assert.ok((await row('quality')).quality > 0);
    visit.assertClean();
  });

  test('a card alone asks for its file', async () => {
    assert.match(await choose({ 'mine.toml': Buffer.from(TOML) }, 'waiting'), /Choose the ONNX file/);
  });
});

/** Gives the page the functions that these tests call. @param {Visit} visit */
async function prepare({ page }) {
  await page.evaluate(async (base64) => {
    const { createEngine } = await import(/** @type {string} */ ('/serfiq/index.js'));
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    Object.assign(window, {
      photo: new Blob([bytes]),
      open: (/** @type {object} */ options) => createEngine({ backend: 'cpu', ...options }),
      fileAt: async (/** @type {string} */ path) => new File([await (await fetch(path)).blob()], path.split('/').at(-1) ?? ''),
    });
  }, photo);
}

/** Runs in the page before its own scripts: makes workers that can be lost at any time. */
function keepWorkers() {
  /** @type {Worker[]} */
  const workers = [];
  window.Worker = class extends Worker {
    /** @param {ConstructorParameters<typeof Worker>} how */
    constructor(...how) {
      super(...how);
      workers.push(this);
    }
  };
  // The browser's event for a worker that has died.
  Object.assign(window, { loseWorker: () => workers.at(-1)?.dispatchEvent(new ErrorEvent('error', { message: 'lost by this test', cancelable: true })) });
}

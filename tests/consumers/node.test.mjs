/** The packed package in Node: `serfiq/node` and the program `serfiq`, installed into an empty folder. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';

import { launch } from '../browser/support/browser.mjs';
import { portraitNames, scoreNatively } from '../browser/support/portraits.mjs';
import { settings } from '../browser/support/settings.mjs';
import { skipIf } from '../browser/support/skips.mjs';
import { NODES_RUN_HERE, VERSIONS, installNodes } from './support/nodes.mjs';
import { npm, run } from './support/run.mjs';
import { Server } from './support/server.mjs';
import { setting } from './support/settings.mjs';

/** The same module computes in the page and in Node. */
const SAME = 1e-6;
/** Of what a cell adds to a score, relative to the cell that adds most. */
const SAME_CELL = 1e-4;
/** The native program adds in another order. Promised by the README. */
const TOLERANCE = 2e-4;
/** Both methods, as options here and of the native program. */
const METHODS = [
  { options: { method: 'limit' }, native: ['--method', 'limit'] },
  { options: { method: 'mc', passes: 50, seed: 7 }, native: ['--method', 'mc', '--passes', '50', '--seed', '7'] },
];
const [PORTRAIT, OTHER, TOO_FAR] = ['astronaut.png', 'impostor_1.jpg', 'person_a_1.jpg'];
/** The start of a HEIC file. */
const HEIC = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic');

/** The folder with the package. @type {string} */
let folder;
/** `serfiq/node`, as the package has it. @type {any} */
let serfiq;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serfiq-node-'));
  await npm(['install', '--no-audit', '--no-fund', '--offline', setting('SERFIQ_PACKAGE')], folder);
  serfiq = await import(pathToFileURL(createRequire(join(folder, 'index.js')).resolve('serfiq/node')).href);
  await mkdir(join(folder, 'album.jpg'));
  for (const [name, bytes] of /** @type {[string, string | Buffer][]} */ ([['text.jpg', 'text'], ['empty.jpg', ''], ['apple.heic', HEIC]])) {
    await writeFile(join(folder, name), bytes);
  }
});
after(() => rm(folder, { recursive: true, force: true }));

/** @param {string} name */
function pathOf(name) {
  return join(settings.portraits, name);
}

/** Returns a record with the types of its values in place of numbers. @param {unknown} record */
function shapeOf(record) {
  return JSON.parse(JSON.stringify(record, (_, value) => (typeof value === 'number' ? 'number' : value)));
}

/** Returns a result without its times, which differ from run to run. @param {any} scored */
function timeless({ milliseconds, ...scored }) {
  assert.ok(milliseconds.total > 0);
  return scored;
}

/** @param {any} found @param {any} expected */
function assertSameExplanation(found, expected) {
  assert.deepEqual(shapeOf(found), shapeOf(expected));
  for (const list of ['signal', 'noise', 'energy', 'reading']) {
    const largest = Math.max(...expected[list].map(Math.abs));
    const apart = found[list].map((/** @type {number} */ value, /** @type {number} */ cell) => Math.abs(value - expected[list][cell]));
    assert.ok(Math.max(...apart) <= SAME_CELL * largest, `${list}: ${Math.max(...apart)} apart, the largest is ${largest}`);
  }
}

describe('an engine in Node', () => {
  /** @type {any} */
  let engine;
  before(async () => (engine = await serfiq.createEngine()));
  after(() => engine?.close());

  test('says what it runs, with the licences of its models', () => {
    const { backend, threads, module, model, modelSha256, fallbackReason, percentiles, guide } = engine.info;
    assert.deepEqual([backend, threads, model, fallbackReason], ['cpu', 1, 'sface', null]);
    assert.match(module, /^file:.*\/serfiq_cpu_bg\.wasm$/);
    assert.equal(modelSha256, engine.models[0].sha256);
    assert.deepEqual(engine.models.map((/** @type {any} */ one) => [one.role, one.licence]), [['recogniser', 'Apache-2.0'], ['detector', 'MIT'], ['landmarks', 'Apache-2.0']]);
    assert.equal(guide.ofPhoto.score.limit, 50);
    assert.equal(serfiq.percentileOf(0, percentiles), 0);
  });

  test('scores a path, a file: URL, a buffer or a file of a form alike', async () => {
    const bytes = await readFile(pathOf(PORTRAIT));
    const padded = Buffer.concat([Buffer.alloc(7), bytes]);
    const pictures = [
      pathOf(PORTRAIT),
      pathToFileURL(pathOf(PORTRAIT)),
      bytes,
      padded.subarray(7),
      new Uint8Array(bytes).buffer,
      new Uint16Array(new Uint8Array(bytes.length % 2 ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes).buffer),
      // As in test runners, where it is no `Uint8Array` of this realm.
      runInNewContext('Uint8Array.from(bytes)', { bytes }),
      new Blob([bytes]),
      new File([bytes], 'selfie.png', { type: 'image/png' }),
    ];
    const [first, ...others] = (await Promise.all(pictures.map((one) => engine.score(one)))).map(timeless);
    assert.deepEqual([first.status, first.faces.length, first.accepted, first.issues], ['ok', 1, true, []]);
    assert.equal(others.length, pictures.length - 1);
    for (const other of others) assert.deepEqual(other, first);
  });

  test('leaves a buffer as it is, and may be given it again at once', async () => {
    const bytes = await readFile(pathOf(PORTRAIT));
    const before = Buffer.from(bytes);
    const pending = engine.score(bytes);
    assert.deepEqual(bytes, before);
    bytes.fill(0);
    assert.equal((await pending).faces.length, 1);
  });

  for (const { options, native } of METHODS) {
    test(`has the command line’s scores and verdicts, method ${options.method}`, async (t) => {
      const names = await portraitNames();
      const expected = await scoreNatively(names, native);
      let worst = 0;
      for (const name of names) {
        const [found, { faces, .../** @type {any} */ record }] = [await engine.score(pathOf(name), options), expected[name]];
        assert.equal(found.faces.length, faces.length, name);
        found.faces.forEach(({ raw }, i) => (worst = Math.max(worst, Math.abs(raw - faces[i].raw))));
        for (const key of ['status', 'model', 'model_sha256', 'method', 'passes', 'seed', 'dropout', 'width', 'height', 'issues', 'accepted', 'threshold']) {
          assert.deepEqual(found[key], record[key], `${name}: ${key}`);
        }
      }
      t.diagnostic(`at most ${worst} apart`);
      assert.ok(worst <= TOLERANCE, `${worst} apart, expected at most ${TOLERANCE}`);
    });
  }

  test('has the scores that a page claims, to 0.000001, and its explanations', async (t) => {
    const browser = await launch({ gpu: 'none' });
    t.after(() => browser.close());
    const server = await Server.open({ '/': join(folder, 'node_modules/serfiq'), '/photos/': settings.portraits });
    t.after(() => server.close());
    const page = await browser.newPage();
    await page.goto(`${server.origin}/LICENSE-MIT`);
    for (const { options } of METHODS) {
      const claimed = await page.evaluate(async ([name, options]) => {
        const { createEngine } = await import(/** @type {any} */ ('/index.js'));
        const engine = await createEngine({ backend: 'cpu' });
        const explained = await engine.explain(await (await fetch(`/photos/${name}`)).blob(), options);
        engine.close();
        return explained;
      }, /** @type {[string, object]} */ ([PORTRAIT, options]));
      const found = await engine.explain(pathOf(PORTRAIT), options);
      assert.equal(claimed.method, options.method);
      const difference = Math.abs(found.faces[0].raw - claimed.faces[0].raw);
      t.diagnostic(`method ${options.method}: ${difference} apart`);
      assert.ok(difference <= SAME, `raw ${found.faces[0].raw}, the page claims ${claimed.faces[0].raw}`);
      assertSameExplanation(found.explanation, claimed.explanation);
    }
  });

  test('gives the measures of the standard if they are asked for', async () => {
    const plain = await engine.score(pathOf(PORTRAIT));
    assert.equal('standard_measures' in plain || 'mesh' in plain, false);
    const { standard_measures: measures, mesh } = await engine.score(pathOf(PORTRAIT), { standardMeasures: true });
    assert.equal(Object.keys(measures).length, 20);
    assert.equal(mesh.length, 468);
    const { native, quality, unassessed, approximate } = measures.HeadPoseYaw;
    assert.ok(Math.abs(native) < 30 && quality > 70 && unassessed === null && approximate === false, JSON.stringify(measures.HeadPoseYaw));
    await assert.rejects(engine.score(pathOf(PORTRAIT), { standardMeasures: 1 }), { code: 'invalid-option', message: /standardMeasures/ });
  });

  test('explains a score if it is asked to', async () => {
    const [plain, explained] = [await engine.score(pathOf(PORTRAIT)), await engine.explain(pathOf(PORTRAIT))];
    assert.equal('explanation' in plain, false);
    const { explanation, ...rest } = timeless(explained);
    assert.deepEqual(rest, timeless(plain));
    const { rows, columns, corners, reading, parts, cover } = explanation;
    assert.deepEqual([rows, columns, corners.length, reading.length], [7, 7, 4, 49]);
    assert.deepEqual(Object.keys(parts).sort(), ['eyes', 'forehead', 'left', 'mouth', 'nose', 'right']);
    assert.deepEqual(plain.measures.face.cover, cover);
    assert.ok(cover.mouth < 0 && cover.eyes < 0 && cover.face < 0, JSON.stringify(cover));
    await assert.rejects(engine.explain(pathOf(PORTRAIT), { method: 'best' }), { code: 'invalid-option' });
    await assert.rejects(engine.explain(join(folder, 'text.jpg')), { code: 'unreadable-image' });
  });

  test('judges by the guide and the threshold that it is given', async () => {
    const strict = await engine.score(pathOf(PORTRAIT), { guide: { score: { limit: 99, margin: 0 } } });
    assert.deepEqual([strict.accepted, strict.issues, strict.threshold], [false, ['hard_to_recognise'], 99]);
    const far = await engine.score(pathOf(TOO_FAR));
    assert.deepEqual([far.accepted, far.issues], [false, ['too_far']]);
  });

  test('does not block the event loop', async () => {
    const begin = performance.eventLoopUtilization();
    await Promise.all([1, 2, 3].map(() => engine.score(pathOf(PORTRAIT), { method: 'mc', passes: 200 })));
    const { utilization } = performance.eventLoopUtilization(begin);
    assert.ok(utilization < 0.5, `the event loop was busy for ${Math.round(100 * utilization)} % of the time`);
  });

  for (const [what, picture, reason, message] of /** @type {[string, () => unknown, string, RegExp][]} */ ([
    ['a missing file', () => join(folder, 'missing.jpg'), 'gone', /missing\.jpg does not exist\. Check its name/],
    ['a folder', () => join(folder, 'album.jpg'), 'gone', /album\.jpg is a folder; expected a file/],
    ['a text file', () => join(folder, 'text.jpg'), 'format', /not a JPEG, PNG or WebP/],
    ['an empty file', () => join(folder, 'empty.jpg'), 'empty-file', /empty file/],
    ['a HEIC file', () => join(folder, 'apple.heic'), 'heic', /HEIC/],
    ['an empty buffer', () => Buffer.alloc(0), 'empty-file', /empty file/],
    ['an empty Blob', () => new Blob([]), 'empty-file', /empty file/],
    ['bytes of no picture', () => Buffer.from('text'), 'format', /not a JPEG, PNG or WebP/],
    ['half a picture', async () => (await readFile(pathOf(OTHER))).subarray(0, 5000), 'cut-short', /cut/],
    ['a path that is empty', () => '', 'gone', /does not exist/],
    ['a path with a null byte', () => 'a\0b', 'gone', /cannot be read/],
  ])) {
    test(`refuses ${what}, and says why`, async () => {
      await assert.rejects(engine.score(await picture()), (error) => {
        assert.ok(error instanceof serfiq.SerfiqError, String(error));
        const { code, reason: found, message: words } = /** @type {any} */ (error);
        assert.deepEqual([code, found], ['unreadable-image', reason]);
        assert.match(words, message);
        return true;
      });
    });
  }

  for (const [what, picture, options, message] of /** @type {[string, unknown, any, RegExp][]} */ ([
    ['nothing', undefined, {}, /The picture is of type undefined; expected a path, a file: URL, a Buffer/],
    ['null', null, {}, /The picture is null/],
    ['a number', 3, {}, /The picture is of type number/],
    ['an address', new URL('https://example.org/a.jpg'), {}, /is https:\/\/example\.org\/a\.jpg; expected a path.*Nothing is fetched/],
    ['too many passes', 'a.jpg', { passes: 5000 }, /passes is 5000; expected a whole number from 2 to 1000/],
    ['an unknown method', PORTRAIT, { method: 'best' }, /method is 'best'/],
    ['an unknown option', PORTRAIT, { threshold: 3 }, /no 'threshold' among the options/],
    ['an unknown setting', PORTRAIT, { guide: { jaw: 1 } }, /no 'jaw' among the settings/],
    ['a function for a setting', PORTRAIT, { guide: { score: () => 3 } }, /options cannot be sent to a thread/],
  ])) {
    test(`refuses ${what} with what it expected`, async () => {
      const given = picture === PORTRAIT ? pathOf(PORTRAIT) : picture;
      await assert.rejects(engine.score(given, options), { name: 'SerfiqError', code: 'invalid-option', message });
    });
  }

  test('continues after every error', async () => {
    assert.equal((await engine.score(pathOf(OTHER))).status, 'ok');
  });
});

describe('several pictures at once', () => {
  /** The threads that were started. @type {import('node:worker_threads').Worker[]} */
  let threads;
  const keep = (/** @type {any} */ thread) => threads.push(thread);
  before(() => process.on('worker', keep));
  after(() => process.off('worker', keep));

  /** @param {any} options @param {import('node:test').TestContext} t */
  async function create(options, t) {
    // The event of a thread that the last test started may still be on its way.
    await setImmediate();
    threads = [];
    const engine = await serfiq.createEngine(options);
    t.after(() => engine.close());
    return engine;
  }

  test('are scored by as many threads as are needed and allowed, with the results of one', async (t) => {
    const engine = await create({ workers: 2 }, t);
    assert.equal(threads.length, 1, 'one thread is enough until there is work');
    const names = await portraitNames();
    const together = await Promise.all(names.map((name) => engine.score(pathOf(name))));
    assert.equal(threads.length, 2);
    const alone = await create({ workers: 1 }, t);
    for (const [i, name] of names.entries()) assert.deepEqual(timeless(together[i]), timeless(await alone.score(pathOf(name))), name);
    assert.equal(threads.length, 1);
  });

  test('come in the order of the calls', async (t) => {
    const engine = await create({ workers: 1 }, t);
    /** @type {number[]} */
    const order = [];
    await Promise.all([0, 1, 2, 3].map(async (i) => (await engine.score(pathOf(i % 2 ? OTHER : PORTRAIT)), order.push(i))));
    assert.deepEqual(order, [0, 1, 2, 3]);
  });

  test('survive the loss of a thread', async (t) => {
    const engine = await create({ workers: 1 }, t);
    const pending = [engine.score(pathOf(PORTRAIT)), engine.score(pathOf(OTHER))];
    await threads[0].terminate();
    assert.deepEqual((await Promise.all(pending)).map(({ status }) => status), ['ok', 'ok']);
    assert.equal(threads.length, 2, 'one thread replaces the other');
  });

  test('a picture that ends two threads is given up, and the next one is scored', async (t) => {
    const engine = await create({ workers: 1 }, t);
    /** Ends a thread as soon as it has a picture. @param {any} thread */
    const spoil = (thread) => {
      const { postMessage } = thread;
      thread.postMessage = (/** @type {any[]} */ ...message) => (postMessage.apply(thread, message), thread.terminate());
    };
    spoil(threads[0]);
    process.on('worker', spoil);
    const pending = engine.score(pathOf(PORTRAIT));
    await assert.rejects(pending, { name: 'SerfiqError', code: 'engine-died', message: /The scoring engine stopped: .*ended with code 1/ });
    process.off('worker', spoil);
    assert.equal((await engine.score(pathOf(OTHER))).status, 'ok');
    assert.equal(threads.length, 3);
  });

  test('an idle thread that is lost is replaced', async (t) => {
    const engine = await create({ workers: 1 }, t);
    await threads[0].terminate();
    assert.equal((await engine.score(pathOf(OTHER))).status, 'ok');
  });

  test('close() rejects what is pending, and what comes later', async (t) => {
    const engine = await create({ workers: 2 }, t);
    const pending = [1, 2, 3, 4].map(() => engine.score(pathOf(PORTRAIT)));
    engine.close();
    const closed = { name: 'SerfiqError', code: 'closed', message: /has been closed\. Create another/ };
    for (const one of pending) await assert.rejects(one, closed);
    await assert.rejects(engine.score(pathOf(PORTRAIT)), closed);
    engine.close();
  });

  test('may be cancelled, each on its own', async (t) => {
    const engine = await create({ workers: 1 }, t);
    const [running, waiting, reason] = [new AbortController(), new AbortController(), new Error('changed my mind')];
    const all = [
      engine.score(pathOf(PORTRAIT), { signal: running.signal }),
      engine.score(pathOf(PORTRAIT), { signal: waiting.signal }),
      engine.score(pathOf(OTHER), { signal: new AbortController().signal }),
    ];
    waiting.abort(reason);
    running.abort(reason);
    await assert.rejects(all[0], reason);
    await assert.rejects(all[1], reason);
    assert.equal((await all[2]).status, 'ok');
    await assert.rejects(engine.score(pathOf(OTHER), { signal: AbortSignal.abort(reason) }), reason);
    assert.equal(threads.length, 1);
  });
});

describe('createEngine', () => {
  for (const [options, message] of /** @type {[any, RegExp][]} */ ([
    [{ workers: 0 }, /workers is 0; expected a whole number from 1/],
    [{ workers: 1.5 }, /workers is 1\.5/],
    [{ workers: '2' }, /workers is 2; expected/],
    [{ backend: 'webgpu' }, /no option 'backend' in Node; expected model, recogniser, landmarks, workers or signal/],
    [{ model: 'nobody' }, /model is 'nobody'; this build has 'sface'/],
    [{ model: 'sface', recogniser: { onnx: 'a.onnx' } }, /Both model and recogniser/],
    [{ recogniser: 'a.onnx' }, /recogniser is 'a\.onnx'; expected an object/],
    [{ recogniser: { onnx: 3 } }, /recogniser\.onnx is of type number/],
    [{ recogniser: { onnx: new URL('https://example.org/a.onnx') } }, /recogniser\.onnx is https.*Nothing is fetched in Node/],
    [{ recogniser: { onnx: new Uint8Array(3), card: 'name = "a"\n' } }, /recogniser\.card is the text of a card/],
    [{ recogniser: { onnx: new Uint8Array(3), cards: {} } }, /no 'cards' in recogniser/],
  ])) {
    test(`refuses ${message.source}`, () => assert.rejects(serfiq.createEngine(options), { name: 'SerfiqError', code: 'invalid-option', message }));
  }

  test('names the file of a recogniser if it is missing, or is not a recogniser', async () => {
    const missing = { code: 'model-fetch', message: /recogniser\.onnx: nowhere\.onnx does not exist/ };
    await assert.rejects(serfiq.createEngine({ recogniser: { onnx: 'nowhere.onnx' } }), missing);
    await assert.rejects(serfiq.createEngine({ recogniser: { onnx: join(folder, 'text.jpg') } }), { name: 'SerfiqError', code: 'model-invalid' });
  });

  test('may be cancelled', async () => {
    const reason = new Error('changed my mind');
    await assert.rejects(serfiq.createEngine({ signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const pending = serfiq.createEngine({ signal: controller.signal });
    // While its thread starts.
    process.once('worker', () => controller.abort(reason));
    await assert.rejects(pending, reason);
  });

  test('reads no file once it is cancelled, and waits for none', async () => {
    const reason = new Error('changed my mind');
    let reads = 0;
    const recogniser = {
      get onnx() {
        reads += 1;
        return new Promise((_, reject) => setTimeout(reject, 1000, new Error('too late')));
      },
    };
    await assert.rejects(serfiq.createEngine({ recogniser, signal: AbortSignal.abort(reason) }), reason);
    assert.equal(reads, 0);
    const controller = new AbortController();
    const pending = serfiq.createEngine({ recogniser, signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(pending, reason);
    assert.equal(reads, 1);
  });

  test('takes a recogniser of your own, from files or bytes, with the command line’s scores', async (t) => {
    const toml = '[input]\ncolour = "rgb"\nmean = 127\nscale = 0.0078125\n\n[dropout]\nprobability = 0.4\n';
    const [onnx, card] = [join(settings.recognisers, 'fr_feature.onnx'), join(folder, 'fr_feature.toml')];
    await writeFile(card, toml);
    const bytes = await readFile(onnx);
    await writeFile(join(folder, 'fr_feature.onnx'), bytes);
    const options = { method: 'mc', passes: 50, seed: 1 };
    const native = ['--recogniser', join(folder, 'fr_feature.onnx'), '--method', 'mc', '--passes', '50', '--seed', '1'];
    const [expected] = Object.values(await scoreNatively([PORTRAIT], native));
    const object = { name: 'fr_feature', licence: 'MIT', input: { colour: 'rgb', mean: 127, scale: 1 / 128 }, dropout: { probability: 0.4 } };
    for (const recogniser of [{ onnx, card }, { onnx: pathToFileURL(onnx), card: Buffer.from(toml) }, { onnx: bytes, card: object }]) {
      const engine = await serfiq.createEngine({ recogniser });
      t.after(() => engine.close());
      const scored = await engine.score(pathOf(PORTRAIT), options);
      const difference = Math.abs(scored.faces[0].raw - expected.faces[0].raw);
      assert.ok(difference <= TOLERANCE, `${difference} apart`);
      assert.deepEqual([scored.model_sha256, scored.faces[0].quality], [expected.model_sha256, null]);
      assert.deepEqual([engine.models[0].bytes, engine.models[0].source], [bytes.length, 'your own file']);
      await assert.rejects(engine.explain(pathOf(PORTRAIT)), { code: 'invalid-option', message: /cannot be explained/ });
    }
  });
});

describe('a program', () => {
  /** @param {string} text */
  const module = (text) => ['--input-type=module', '--eval', `import { createEngine } from 'serfiq/node'; ${text}`];

  test('ends by itself when an engine has nothing left to do, closed or not', { timeout: 120_000 }, async () => {
    const picture = JSON.stringify(pathOf(PORTRAIT));
    for (const end of ['', 'engine.close();']) {
      const words = module(`const engine = await createEngine(); console.log((await engine.score(${picture})).status); ${end}`);
      assert.equal(await run(process.execPath, words, folder), 'ok\n');
    }
  });

  test('stays until its pictures are scored', async () => {
    const picture = JSON.stringify(pathOf(PORTRAIT));
    const words = module(`createEngine().then((engine) => engine.score(${picture}).then(({ status }) => console.log(status)));`);
    assert.equal(await run(process.execPath, words, folder), 'ok\n');
  });

  test('that may not start threads gets an error that says so', () => {
    const words = ['--experimental-permission', '--allow-fs-read=*', ...module('await createEngine().catch(({ code, message }) => console.log(code, message));')];
    const { stdout } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    assert.match(stdout, /^engine-fetch The scoring engine’s thread could not be started: .*restricted/);
  });

  describe('under every supported version of Node', { skip: skipIf(!NODES_RUN_HERE, 'other versions of Node', 'they are for Linux on x86-64') }, () => {
    /** @type {(version: string) => string} */
    let program;
    /** @type {string[]} */
    const answers = [];
    before(async () => (program = await installNodes(join(dirname(setting('SERFIQ_CONSUMERS')), 'nodes'))));

    for (const version of VERSIONS) {
      test(`Node ${version}: a path and a buffer at the same time, and an error`, async () => {
        const words = module(`
          import { readFile } from 'node:fs/promises';
          const engine = await createEngine({ workers: 2 });
          const names = ${JSON.stringify([pathOf(PORTRAIT), pathOf(OTHER)])};
          const scored = await Promise.all([engine.score(names[0]), engine.score(await readFile(names[1]))]);
          const code = await engine.score('missing.jpg').catch((error) => error.code);
          console.log(JSON.stringify([code, ...scored.map(({ faces }) => faces)]));
        `);
        assert.match(await run(program(version), ['--version'], folder), new RegExp(`^v${version}\\.`));
        const { stdout, stderr } = spawnSync(program(version), words, { cwd: folder, encoding: 'utf8' });
        assert.equal(stderr, '');
        answers.push(stdout);
        const [code, ...faces] = JSON.parse(stdout);
        assert.deepEqual([code, faces.length, faces[0].length], ['unreadable-image', 2, 1]);
        assert.equal(stdout, answers[0], 'the same scores in every version');
      });

      test(`Node ${version}: the command`, () => {
        const bin = join(folder, 'node_modules/serfiq/node/bin.js');
        const { stdout, stderr, status } = spawnSync(program(version), [bin, pathOf(TOO_FAR)], { encoding: 'utf8' });
        assert.deepEqual([status, stderr, stdout], [0, '', `${pathOf(TOO_FAR)}\t94.8\ttoo far\n`]);
      });
    }
  });
});

describe('npx serfiq', () => {
  /** @param {string[]} words */
  function serfiqOf(...words) {
    const { stdout, stderr, status } = spawnSync('npx', ['--no-install', 'serfiq', ...words], { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
    return { stdout, stderr, status };
  }

  test('prints a line for each picture: path, quality, and what is wrong', () => {
    const { stdout, stderr, status } = serfiqOf(pathOf(PORTRAIT), pathOf(TOO_FAR));
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(stdout, `${pathOf(PORTRAIT)}\t94.2\taccepted\n${pathOf(TOO_FAR)}\t94.8\ttoo far\n`);
  });

  test('takes a threshold', () => {
    const { stdout, status } = serfiqOf('--threshold', '99', pathOf(PORTRAIT));
    assert.deepEqual([status, stdout], [0, `${pathOf(PORTRAIT)}\t94.2\thard to recognise\n`]);
  });

  test('continues after a picture that cannot be read, and says so at the end', () => {
    const { stdout, stderr, status } = serfiqOf('missing.jpg', 'text.jpg', 'album.jpg', pathOf(PORTRAIT));
    assert.equal(status, 1);
    assert.equal(stdout, ['missing.jpg', 'text.jpg', 'album.jpg'].map((name) => `${name}\t-\tunreadable\n`).join('') + `${pathOf(PORTRAIT)}\t94.2\taccepted\n`);
    assert.match(stderr, /^serfiq: missing\.jpg does not exist\..*\nserfiq: text\.jpg: this is a file of unknown format.*\nserfiq: album\.jpg is a folder.*\n$/);
  });

  test('continues after a picture that the engine cannot score', async () => {
    // In place of a thread: ends it, or answers as it does for a score that is not finite.
    const stub = join(folder, 'stub.mjs');
    await writeFile(stub, `
      import { Worker } from 'node:worker_threads';
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (request) {
        if (request.picture === 'deadly.jpg') this.terminate();
        else if (request.picture === 'infinite.jpg') setImmediate(() => this.emit('message', { error: { code: 'not-finite', message: 'Infinite.' } }));
        else postMessage.call(this, request);
      };
    `);
    for (const [bad, status, complaint] of /** @type {[string, number, RegExp][]} */ ([
      ['infinite.jpg', 1, /^serfiq: infinite\.jpg: Infinite\.\n$/],
      ['deadly.jpg', 2, /^serfiq: deadly\.jpg: The scoring engine stopped: .*\n$/],
    ])) {
      const bin = join(folder, 'node_modules/serfiq/node/bin.js');
      const words = ['--import', pathToFileURL(stub).href, bin, bad, pathOf(PORTRAIT)];
      const ended = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
      assert.equal(ended.stdout, `${bad}\t-\tunreadable\n${pathOf(PORTRAIT)}\t94.2\taccepted\n`, ended.stderr);
      assert.match(ended.stderr, complaint);
      assert.equal(ended.status, status);
    }
  });

  test('copes with any output', { skip: skipIf(process.platform !== 'linux', 'outputs that are full', 'there is no /dev/full') }, async (t) => {
    const full = await open('/dev/full', 'w');
    t.after(() => full.close());
    /** @type {Record<string, 'pipe' | number>} */
    const outputs = { open: 'pipe', closed: 'pipe', full: full.fd };
    const [unreadable, scored] = ['missing.jpg\t-\tunreadable\n', `${pathOf(PORTRAIT)}\t94.2\taccepted\n`];
    for (const [stdout, stderr, status] of /** @type {[string, string, number][]} */ ([
      ['closed', 'open', 0],
      ['full', 'open', 2],
      ['open', 'closed', 1],
      ['open', 'full', 1],
      ['full', 'full', 2],
      ['closed', 'closed', 0],
    ])) {
      const words = [join(folder, 'node_modules/serfiq/node/bin.js'), 'missing.jpg', pathOf(PORTRAIT)];
      const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', outputs[stdout], outputs[stderr]] });
      if (stdout === 'closed') child.stdout?.destroy();
      if (stderr === 'closed') child.stderr?.destroy();
      const ended = once(child, 'exit');
      const results = stdout === 'open' && child.stdout ? await text(child.stdout) : '';
      const complaints = stderr === 'open' && child.stderr ? await text(child.stderr) : '';
      const name = `standard output is ${stdout}, standard error is ${stderr}: ${complaints}`;
      assert.deepEqual(await ended, [status, null], name);
      assert.equal(results, stdout === 'open' ? unreadable + scored : '', name);
      assert.equal(complaints.includes('standard output cannot be written: ENOSPC'), stdout === 'full' && stderr === 'open', name);
      assert.doesNotMatch(complaints, /^ +at /m, name);
    }
  });

  test('--json prints the records of the native program', async () => {
    const { stdout, stderr, status } = serfiqOf('--json', pathOf(PORTRAIT), 'empty.jpg');
    assert.equal(status, 1, stderr);
    const [scored, unreadable] = stdout.trim().split('\n').map((line) => JSON.parse(line));
    const expected = (await scoreNatively([PORTRAIT], []))[PORTRAIT];
    assert.deepEqual(shapeOf(scored), shapeOf(expected));
    const native = spawnSync(settings.cli, ['score', '--format', 'jsonl', 'empty.jpg'], { cwd: folder, encoding: 'utf8' });
    assert.deepEqual(unreadable, JSON.parse(native.stdout));
  });

  test('--help begins with examples, --version is the package’s', async () => {
    const { stdout, status } = serfiqOf('--help');
    assert.equal(status, 0);
    assert.ok(stdout.indexOf('Examples:') > 0 && stdout.indexOf('Examples:') < stdout.indexOf('Usage:'), stdout);
    const { version } = JSON.parse(await readFile(join(folder, 'node_modules/serfiq/package.json'), 'utf8'));
    assert.equal(serfiqOf('-V').stdout, `serfiq ${version}\n`);
  });

  for (const [words, message] of /** @type {[string[], RegExp][]} */ ([
    [[], /^serfiq: No picture is named; expected one or more paths\. `serfiq --help` has examples\.\n$/],
    [['--threshold', 'high', 'a.jpg'], /^serfiq: --threshold is 'high'; expected a number from 0 to 100\./],
    [['--best', 'a.jpg'], /^serfiq: Unknown option '--best'/],
  ])) {
    test(`${words.join(' ') || 'without a picture'} is refused with status 2`, () => {
      const { stdout, stderr, status } = serfiqOf(...words);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, message);
    });
  }
});

/** Checking photos: their scores and faults, worst first. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { openAlone } from './support/alone.mjs';
import { launch } from './support/browser.mjs';
import { holdPhotos } from './support/hold-photos.mjs';
import { portrait } from './support/portraits.mjs';
import { redrawn } from './support/redrawn.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { unreadableFiles } from './support/unreadable-files.mjs';
import { Visit } from './support/visit.mjs';

const PORTRAITS = ['person_b_1.jpg', 'person_a_1.jpg', 'astronaut.png'];
const COLUMNS =
  'path,status,model,model_sha256,method,passes,seed,dropout,threshold,face,x,y,width,height,confidence,raw,quality,percentile,std_error,accepted,issues,error';

describe('photos', () => {
  /** @type {import('./support/site.mjs').Site} */
  let site;
  /** @type {import('./support/visit.mjs').Visit} */
  let visit;
  /** @type {() => Promise<void>} */
  let close;
  before(async () => {
    ({ site, visit, close } = await openAlone('photos'));
  });
  after(() => close?.());

  test('all are scored, also beside one that cannot be read and one without a face', async () => {
    const before = { seen: visit.requests.length, served: site.requests.length };
    await visit.scorePhotos([
      { name: 'a text, really.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('This is not a picture.') },
      { name: 'wall.png', mimeType: 'image/png', buffer: await blankPicture(visit) },
      ...(await Promise.all(PORTRAITS.map(async (name) => ({ name, mimeType: '', buffer: await portrait(name) })))),
    ]);
    const rows = await visit.rows();
    const statuses = Object.fromEntries(rows.map(({ file, status }) => [file, status]));
    assert.deepEqual(statuses, {
      ...Object.fromEntries(PORTRAITS.map((name) => [name, 'ok'])),
      'a text, really.jpg': 'unreadable',
      'wall.png': 'no_face',
    });
    assert.match(rows.find(({ status }) => status === 'unreadable')?.text ?? '', /JPEG/, 'the row does not say what can be read');
    const asked = visit.requests.slice(before.seen).filter((url) => !url.startsWith('blob:'));
    assert.deepEqual(asked, [], 'requests while scoring photos');
    assert.deepEqual(site.requests.slice(before.served), [], 'requests that reached the server while scoring photos');
  });

  test('the worst comes first', async () => {
    const scores = (await visit.rows()).filter(({ status }) => status === 'ok').map(({ raw }) => raw);
    assert.equal(scores.length, PORTRAITS.length);
    assert.ok(new Set(scores).size > 1, `all scores are the same: ${scores}`);
    assert.deepEqual(scores, [...scores].sort((a, b) => a - b));
  });

  test('says what is wrong with a photo, in words for photos', async () => {
    const dark = await redrawn(visit.page, 'person_a_2.jpg', { darkness: 0.85 });
    await visit.scorePhotos([
      { name: 'dark.jpg', mimeType: 'image/jpeg', buffer: dark },
      { name: 'fine.jpg', mimeType: 'image/jpeg', buffer: await portrait('person_a_2.jpg') },
    ]);
    const rows = Object.fromEntries((await visit.rows()).map((row) => [row.file, row]));
    assert.deepEqual(rows['dark.jpg'].issues.split(' ').slice(0, 1), ['too_dark']);
    assert.match(rows['dark.jpg'].text, /Too dark/);
    assert.equal(rows['fine.jpg'].issues, '');
    assert.match(rows['fine.jpg'].text, /Nothing wrong/);
    assert.ok(rows['dark.jpg'].raw < rows['fine.jpg'].raw, 'the dark one is no worse');
    const small = await redrawn(visit.page, 'person_a_2.jpg', { darkness: 0.85, side: 120 });
    await visit.scorePhotos([{ name: 'both.jpg', mimeType: 'image/jpeg', buffer: small }]);
    const both = (await visit.rows()).find(({ file }) => file === 'both.jpg');
    assert.ok(['too_far', 'too_dark'].every((issue) => both?.issues.split(' ').includes(issue)), both?.issues);
    assert.match(both?.text ?? '', /Face too small · Too dark/);
  });

  test('shows the measures of the standard on a picture of the face, when they are asked for', async () => {
    const row = visit.page.locator('.photo-row[data-file="astronaut.png"]');
    assert.equal(await row.locator('table').count(), 0, 'they are taken before they are asked for');
    await row.locator('.standard > summary').click();
    await row.locator('table').waitFor();
    assert.equal(await row.locator('tbody tr').count(), 20);
    const texts = await row.locator('[data-measure="EyesOpen"] > *').allTextContents();
    assert.match(texts[0], /Opening of the eyes/);
    assert.match(texts[1], /^\d+\.\d %$/);
    assert.match(texts[2], /^\d+(Poor|Fair|Good|Excellent)$/);
    assert.equal(await row.locator('[data-measure="BackgroundUniformity"] th .approximate').textContent(), '≈');
    const drawn = await row.locator('.standard canvas').evaluate((canvas) => {
      const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
      const { data } = /** @type {CanvasRenderingContext2D} */ (/** @type {HTMLCanvasElement} */ (canvas).getContext('2d')).getImageData(0, 0, width, height);
      return { dots: data.filter((value, i) => i % 4 === 0 && value > 250 && data[i + 1] > 250 && data[i + 2] > 250).length, corner: data[3] };
    });
    assert.ok(drawn.dots > 468 && drawn.corner === 255, `the face with its landmarks is not drawn: ${JSON.stringify(drawn)}`);
    assert.equal(await visit.page.locator('.photo-row[data-status="no_face"] summary, .photo-row[data-status="unreadable"] summary').count(), 0);
  });

  test('says why a score is what it is, in words and on a picture of the face, when asked', async () => {
    const row = visit.page.locator('.photo-row[data-file="astronaut.png"]');
    assert.equal(await row.locator('.explanation canvas').count(), 0, 'it is computed before it is asked for');
    assert.equal(await row.locator('.explanation > summary').textContent(), 'Why this score?');
    await row.locator('.explanation > summary').click();
    await row.locator('.explanation .legend').waitFor();
    const told = 'The recogniser reads every part of the face about as usual.';
    assert.equal(await row.locator('.explanation figcaption').textContent(), told);
    assert.equal(await row.getByRole('img', { name: told }).count(), 1);
    assert.deepEqual(await row.locator('.legend li').allTextContents(), ['Clear: read as usual', 'Veiled: the recogniser reads little or nothing here']);
  });

  test('names the parts of a face that are read little, the least first', async () => {
    await visit.page.evaluate(() => {
      const { serfiq } = /** @type {any} */ (window);
      const corners = [[100, 100], [300, 100], [300, 300], [100, 300]];
      const parts = { forehead: 1, eyes: 0.9, nose: 0.45, mouth: 0.1, left: 0.3, right: 0.4 };
      const reading = Array.from({ length: 49 }, (_, cell) => (cell < 28 ? 1 : 0));
      const explanations = [{ rows: 7, columns: 7, corners, reading, parts }, { rows: 7, columns: 7, corners, reading: null, parts: null }];
      // Hides that of the class.
      serfiq.explain = async () => ({ explanation: explanations.shift() });
    });
    const [first, second] = ['fine.jpg', 'dark.jpg'].map((file) => visit.page.locator(`.photo-row[data-file="${file}"] .explanation`));
    await first.locator('summary').click();
    await first.locator('.legend').waitFor();
    assert.equal(await first.locator('figcaption').textContent(), 'The recogniser reads little here: the mouth and the nose.');
    await second.locator('summary').click();
    await second.getByText('nothing to compare with').waitFor();
    assert.equal(await second.locator('canvas, .legend').count(), 0);
    await visit.page.evaluate(() => delete (/** @type {any} */ (window).serfiq).explain);
  });

  test('the CSV file has the same scores, one row a face', async () => {
    const [download] = await Promise.all([visit.page.waitForEvent('download'), visit.page.click('#download-csv')]);
    assert.match(download.suggestedFilename(), /\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    assert.equal(lines[0], COLUMNS);
    const rows = await visit.rows();
    assert.equal(lines.length, 1 + rows.length);
    for (const { file, raw, status, issues } of rows) {
      // A name with a comma is quoted; only one has it.
      const line = lines.find((one) => one.startsWith(file.includes(',') ? `"${file}",` : `${file},`)) ?? '';
      const cells = [file, ...line.replace(file.includes(',') ? `"${file}",` : `${file},`, '').split(',')];
      const cell = (/** @type {string} */ name) => cells[COLUMNS.split(',').indexOf(name)];
      assert.equal(cell('status'), status, `${file}: ${line}`);
      // Without a face, the column says so; the row shows it by its status.
      if (status !== 'unreadable') assert.ok(status === 'no_face' ? cell('issues').endsWith('no_face') : cell('issues') === issues, line);
      assert.equal(cell('accepted'), status === 'unreadable' ? '' : String(status === 'ok' && issues === ''), line);
      assert.equal(cell('raw'), Number.isNaN(raw) ? '' : String(raw), line);
      assert.equal(cell('error') === '', status !== 'unreadable', line);
      assert.equal(cell('method'), 'limit', line);
    }
    visit.assertClean();
  });

  test('a picture has one verdict: where it is refused, no word praises it, however high its quality', async () => {
    const pictures = await refusedPictures(visit);
    const praise = /Poor|Fair|Good|Excellent|Nothing wrong/;
    await visit.scorePhotos(pictures.map(({ name, buffer }) => ({ name, mimeType: 'image/png', buffer })));
    const rows = await visit.rows();
    for (const { name, buffer, issue, words } of pictures) {
      const [first, ...others] = rows.filter(({ file }) => file === name).sort((a, b) => b.issues.length - a.issues.length);
      assert.ok(first.issues.split(' ').includes(issue) && first.quality >= 75, `${name}: ${first.issues}, quality ${first.quality}`);
      assert.match(first.text, new RegExp(`${words}.*Not accepted`));
      for (const { text } of [first, ...others]) assert.doesNotMatch(text, praise, name);
      for (const { text } of others) assert.doesNotMatch(text, /accepted/, 'the verdict is on the picture, and told once');
      // The same in the other views that show a picture's faults.
      await visit.page.setInputFiles('#slot-input-0', { name, mimeType: 'image/png', buffer });
      await visit.page.waitForFunction((text) => document.querySelector('#slot-0 .slot-facts')?.textContent?.includes(text), words);
      const facts = (await visit.page.textContent('#slot-0 .slot-facts')) ?? '';
      assert.match(facts, /Not accepted/);
      assert.doesNotMatch(facts, praise);
      await visit.page.evaluate(async (text) => {
        const blob = new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))], { type: 'image/png' });
        const detail = { blob, crop: null, report: await /** @type {any} */ (window).serfiq.score(blob) };
        document.getElementById('camera')?.dispatchEvent(new CustomEvent('serfiq-capture', { detail }));
      }, buffer.toString('base64'));
      const taken = (await visit.page.locator('#taken > li').first().textContent()) ?? '';
      assert.match(taken, new RegExp(`Not accepted.*${words}`));
      assert.doesNotMatch(taken, praise);
    }
    const both = await redrawn(visit.page, 'astronaut.png', { blur: 6 });
    await visit.scorePhotos([{ name: 'worst.png', mimeType: 'image/png', buffer: both }]);
    const worst = (await visit.rows()).find(({ file }) => file === 'worst.png');
    const faults = worst?.issues.split(' ') ?? [];
    assert.ok(faults.length > 1 && faults.includes('hard_to_recognise'), faults.join());
    assert.match(worst?.text ?? '', /Hard to recognise/, 'an issue is not shown');
    assert.doesNotMatch(worst?.text ?? '', /no measurement shows why/);
  });
});

describe('photos that are cancelled are not scored, neither now nor later', () => {
  /** @param {import('node:test').TestContext} t @param {() => void} [beforehand] */
  async function open(t, beforehand) {
    const [browser, site] = await Promise.all([launch(), Site.open(settings.dist)]);
    t.after(() => Promise.all([browser.close(), site.close()]));
    const begin = () => Visit.begin(browser, site, { query: '?backend=cpu&view=photos', beforehand });
    const photos = await Promise.all(PORTRAITS.map(async (name) => ({ name, mimeType: '', buffer: await portrait(name) })));
    return { site, begin, photos };
  }

  test('while one of them is scored', async (t) => {
    const { begin, photos } = await open(t, holdPhotos);
    const visit = await begin();
    await visit.ready();
    await visit.page.setInputFiles('#photo-input', photos.slice(0, 2));
    await visit.page.click('#cancel-photos');
    await visit.page.waitForSelector('#photos-progress', { state: 'hidden', timeout: 1000 });
    await visit.page.evaluate(() => /** @type {any} */ (window).sendPhotos());
    await visit.scorePhotos(photos.slice(2));
    assert.deepEqual((await visit.rows()).map(({ file }) => file), [photos[2].name]);
    visit.assertClean();
  });

  test('while the engine is loaded', async (t) => {
    const { site, begin, photos } = await open(t);
    site.spoil('/serfiq/pkg/serfiq_cpu_bg.wasm', { held: true });
    const visit = await begin();
    await visit.page.waitForSelector('#engine-bytes:not(:empty)');
    await visit.page.setInputFiles('#photo-input', photos.slice(0, 2));
    // The loading panel covers the button.
    await visit.page.locator('#cancel-photos').dispatchEvent('click');
    await visit.page.waitForSelector('#photos-progress[hidden]', { state: 'attached', timeout: 1000 });
    site.mend();
    await visit.ready();
    await visit.scorePhotos(photos.slice(2));
    assert.deepEqual((await visit.rows()).map(({ file }) => file), [photos[2].name]);
    visit.assertClean();
  });
});

describe('a file that cannot be read', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Site} */
  let site;
  before(async () => {
    browser = await launch();
    site = await Site.open(settings.dist);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('says why, in the language of the page', async () => {
    const files = await unreadableFiles();
    for (const language of /** @type {const} */ (['de', 'en'])) {
      const visit = await Visit.begin(browser, site, { query: `?backend=cpu&view=photos&lang=${language}` });
      await visit.scorePhotos(files.map(({ name, buffer }) => ({ name, mimeType: '', buffer })));
      const rows = Object.fromEntries((await visit.rows()).map((row) => [row.file, row]));
      for (const { name, [language]: reason } of files) {
        assert.equal(rows[name].status, 'unreadable');
        assert.match(rows[name].text, reason, name);
      }
      await visit.page.click('#tab-compare');
      await visit.page.setInputFiles('#slot-input-0', { name: 'heic.jpg', mimeType: '', buffer: files[0].buffer });
      await visit.page.waitForSelector('#slot-0[data-state="unreadable"]');
      assert.match((await visit.page.textContent('#slot-0 .slot-status')) ?? '', /HEIC/);
      visit.assertClean();
      await visit.end();
    }
  });

  test('the thumbnail of a photo turned by EXIF shows the face', async () => {
    const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos' });
    await visit.ready();
    const upright = await redrawn(visit.page, 'person_a_2.jpg', {});
    const turned = withOrientation(await turnedLeft(visit.page, upright), 6);
    await visit.scorePhotos([
      { name: 'upright.jpg', mimeType: 'image/jpeg', buffer: upright },
      { name: 'turned.jpg', mimeType: 'image/jpeg', buffer: turned },
    ]);
    const rows = await visit.rows();
    assert.deepEqual(rows.map(({ status }) => status), ['ok', 'ok']);
    await visit.page.waitForFunction(() => [...document.querySelectorAll('.thumbnail')].every((one) => /** @type {any} */ (one).getContext('2d').getImageData(64, 64, 1, 1).data[3]));
    const difference = await visit.page.evaluate(() => {
      const [first, second] = [...document.querySelectorAll('.thumbnail')].map(
        (one) => /** @type {HTMLCanvasElement} */ (one).getContext('2d')?.getImageData(0, 0, 128, 128).data ?? [],
      );
      return first.reduce((sum, value, i) => sum + Math.abs(value - second[i]), 0) / first.length;
    });
    assert.ok(difference < 8, `the thumbnails are ${difference} apart`);
    await visit.end();
  });
});

/**
 * Pictures of a high quality that are refused: two people, and a face too near the edge.
 * @param {Visit} visit
 */
async function refusedPictures({ page }) {
  const [double, cut] = await page.evaluate(async (text) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]));
    const { faces } = await /** @type {any} */ (window).serfiq.score(picture);
    const [right, left, , mouth] = faces[0].landmarks;
    const bottom = Math.round(mouth[1] + 0.3 * (left[0] - right[0]));
    const draw = (/** @type {number} */ width, /** @type {number} */ height, /** @type {number[]} */ places) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      for (const x of places) canvas.getContext('2d')?.drawImage(picture, x, 0);
      return canvas.toDataURL('image/png').split(',')[1];
    };
    return [draw(2 * picture.width, picture.height, [0, picture.width]), draw(picture.width, bottom, [0])];
  }, (await portrait('person_a_2.jpg')).toString('base64'));
  return [
    { name: 'double.png', issue: 'several_faces', words: 'Several faces', buffer: Buffer.from(double, 'base64') },
    { name: 'cut.png', issue: 'cut_off', words: 'Face cut off at the edge', buffer: Buffer.from(cut, 'base64') },
  ];
}

/** Puts an EXIF orientation into a JPEG. @param {Buffer} jpeg @param {number} orientation */
function withOrientation(jpeg, orientation) {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tiff.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** Returns a picture turned by a quarter to the left. @param {import('playwright-core').Page} page @param {Buffer} picture */
async function turnedLeft(page, picture) {
  const base64 = await page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [bitmap.height, bitmap.width];
    const context = canvas.getContext('2d');
    context?.translate(0, bitmap.width);
    context?.rotate(-Math.PI / 2);
    context?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL('image/jpeg', 0.95).split(',')[1];
  }, picture.toString('base64'));
  return Buffer.from(base64, 'base64');
}

/** A picture without content. @param {Visit} visit */
async function blankPicture({ page }) {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 240];
    const context = canvas.getContext('2d');
    if (context) context.fillStyle = 'grey';
    context?.fillRect(0, 0, 320, 240);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  return Buffer.from(base64, 'base64');
}

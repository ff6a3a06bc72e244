/** Checking photos: photos in, scores and faults out, worst first. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { openAlone } from './support/alone.mjs';
import { portrait } from './support/portraits.mjs';
import { redrawn } from './support/redrawn.mjs';

const PORTRAITS = ['person_b_1.jpg', 'person_a_1.jpg', 'astronaut.png'];
const COLUMNS = 'file,face,x,y,width,height,confidence,raw,quality,std_error,model,model_sha256,method,passes,status,accepted,issues';

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

  test('the CSV file has the same scores, one row a face', async () => {
    const [download] = await Promise.all([visit.page.waitForEvent('download'), visit.page.click('#download-csv')]);
    assert.match(download.suggestedFilename(), /\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    assert.equal(lines[0], COLUMNS);
    const rows = await visit.rows();
    assert.equal(lines.length, 1 + rows.length);
    for (const { file, raw, status, issues } of rows) {
      // A name with a comma is quoted; only one has it.
      const line = lines.find((one) => one.startsWith(file.includes(',') ? `"${file}",` : `${file},`));
      const cells = line?.replace(/^"[^"]*"/, '').split(',') ?? [];
      assert.equal(cells.at(-3), status, `${file}: ${line}`);
      // Where there is no face the column says so, and the row does it by its status.
      assert.ok(status === 'no_face' ? cells.at(-1)?.endsWith('no_face') : cells.at(-1) === issues, `${file}: ${line}`);
      assert.equal(cells.at(-2), status === 'unreadable' ? '' : String(status === 'ok' && issues === ''), `${file}: ${line}`);
      assert.equal(cells[COLUMNS.split(',').indexOf('raw')], Number.isNaN(raw) ? '' : String(raw), `${file}: ${line}`);
    }
    visit.assertClean();
  });
});

/** A picture of nothing. @param {Visit} visit */
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

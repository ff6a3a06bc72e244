/** Two photos side by side, and the scatter of their embeddings, which both views draw. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openAlone } from './support/alone.mjs';
import { portrait } from './support/portraits.mjs';
import { redrawn } from './support/redrawn.mjs';

const NAME = 'person_b_1.jpg';
const PASSES = 100;

describe('comparing', () => {
  /** @type {import('./support/site.mjs').Site} */
  let site;
  /** @type {import('./support/visit.mjs').Visit} */
  let visit;
  /** @type {() => Promise<void>} */
  let close;
  /** @type {{ name: string, mimeType: string, buffer: Buffer }} */
  let good;
  /** @type {typeof good} */
  let bad;
  before(async () => {
    ({ site, visit, close } = await openAlone('compare'));
    good = { name: NAME, mimeType: 'image/jpeg', buffer: await portrait(NAME) };
    bad = { name: 'bad.png', mimeType: 'image/png', buffer: await redrawn(visit.page, NAME, { blur: 8, darkness: 0.5 }) };
  });
  after(() => close?.());

  test('the better one is named, and by how much, without a request', async () => {
    const before = { seen: visit.requests.length, served: site.requests.length };
    await choose(0, good);
    await choose(1, bad);
    const verdict = await told();
    assert.equal(verdict.better, 'first');
    assert.match(verdict.title, /first photo is better/);
    const [, points, first, second, difference, noise] =
      /By ([\d.]+) points of quality: ([\d.]+) against ([\d.]+)\. The raw scores are ([\d.]+) apart, and this gap varies by about ([\d.]+) by chance\./
        .exec(verdict.text)
        ?.map(Number) ?? [];
    assert.ok(Math.abs(first - second - points) < 0.11, verdict.text);
    assert.ok(difference > noise && noise > 0, verdict.text);
    assert.deepEqual(await badges(), [true, false]);
    assert.deepEqual(visit.requests.slice(before.seen).filter((url) => !url.startsWith('blob:')), [], 'requests while comparing');
    assert.deepEqual(site.requests.slice(before.served), [], 'requests that reached the server while comparing');
  });

  test('both clouds have a dot for each pass and the same scale, and the bad one reaches further', async () => {
    const [first, second] = await clouds('#compare');
    assert.deepEqual([first.dots, second.dots], [PASSES, PASSES]);
    assert.deepEqual([first.bar, first.barLength], [second.bar, second.barLength], 'the scales differ');
    assert.ok(second.ring > first.ring, `rings of ${first.ring} and ${second.ring}`);
    // Checks the drawing's scale: the bar's label, and the caption's figure for the ring.
    for (const { ring, bar, barLength, caption } of [first, second]) {
      const reach = Number(/within ([\d.]+) of/.exec(caption)?.[1]);
      assert.ok(Math.abs((ring / barLength) * bar - reach) < 0.001, `a ring of ${ring} at ${bar} for ${barLength}, and "${caption}"`);
    }
  });

  test('the measures stand side by side, the better one with word and sign', async () => {
    const rows = await visit.page.locator('#measure-rows > tr').evaluateAll((all) =>
      all.map((row) => ({
        measure: row.getAttribute('data-measure'),
        cells: [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? ''),
      })),
    );
    const sharpness = rows.find(({ measure }) => measure === 'sharpness')?.cells ?? [];
    assert.match(sharpness[0], /^\d+ % ✓ better$/);
    assert.match(sharpness[1], /^\d+ %$/);
    // Tilt has not changed: insignificant differences are not marked.
    const tilt = rows.find(({ measure }) => measure === 'roll')?.cells ?? [];
    assert.ok(tilt.length === 2 && tilt.every((cell) => /^\d+°$/.test(cell)), tilt.join(', '));
  });

  test('a photo is no better than itself', async () => {
    await choose(1, good);
    const verdict = await told();
    assert.equal(verdict.better, 'none');
    assert.match(verdict.text, /neither photo can be called better/);
    assert.deepEqual(await badges(), [false, false]);
  });

  test('no face, and no picture, are said', async () => {
    await visit.page.setInputFiles('#slot-input-1', { name: 'text.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
    await visit.page.waitForSelector('#slot-1[data-state="unreadable"]');
    assert.match((await visit.page.textContent('#slot-1 .slot-status')) ?? '', /JPEG/);
    assert.equal(await visit.page.getAttribute('#verdict', 'data-state'), 'waiting');
    await visit.page.setInputFiles('#slot-input-1', {
      name: 'dark.png', mimeType: 'image/png', buffer: await redrawn(visit.page, NAME, { darkness: 1 }),
    });
    await visit.page.waitForSelector('#slot-1[data-state="no_face"]');
    assert.match((await visit.page.textContent('#slot-1 .slot-status')) ?? '', /No face/);
    assert.ok(await visit.page.isHidden('#compare-measures'));
    // The existing drawing stays.
    assert.equal((await clouds('#compare')).length, 1);
    visit.assertClean();
  });

  test('how it works: nothing is drawn as measured before a photo is chosen', async () => {
    await visit.page.click('#tab-how');
    assert.deepEqual(await clouds('#specimens'), []);
    assert.match((await visit.page.textContent('#schematic')) ?? '', /not measured/);
    await visit.page.setInputFiles('#experiment-input', good);
    await visit.page.waitForSelector('#experiment[data-state="ok"]');
    assert.ok(await visit.page.isHidden('#schematic'));
    const [original, worse] = await clouds('#specimens');
    assert.ok(worse.ring > original.ring, `rings of ${original.ring} and ${worse.ring}`);
    visit.assertClean();
  });

  /** @param {0 | 1} slot @param {typeof good} photo */
  async function choose(slot, photo) {
    const image = await visit.page.locator(`#slot-${slot} img`).getAttribute('src');
    await visit.page.setInputFiles(`#slot-input-${slot}`, photo);
    await visit.page.waitForFunction(
      ([id, old]) => {
        const root = document.getElementById(String(id));
        return root?.dataset.state === 'ok' && root.querySelector('img')?.getAttribute('src') !== old;
      },
      [`slot-${slot}`, image],
    );
  }

  async function told() {
    return {
      better: await visit.page.getAttribute('#verdict', 'data-better'),
      title: (await visit.page.textContent('#verdict-title')) ?? '',
      text: (await visit.page.textContent('#verdict-text')) ?? '',
    };
  }

  function badges() {
    return Promise.all([0, 1].map((slot) => visit.page.isVisible(`#slot-${slot} .slot-badge`)));
  }

  /** @param {string} view */
  function clouds(view) {
    return visit.page.locator(`${view} .cloud-box`).evaluateAll((boxes) =>
      boxes.map((box) => {
        const [, start, end] = /^M(\S+) .*H(\S+?)M/.exec(box.querySelector('.cloud-bar')?.getAttribute('d') ?? '') ?? [];
        return {
          dots: box.querySelectorAll('.cloud-points circle').length,
          ring: Number(box.querySelector('.cloud-ring')?.getAttribute('r')),
          bar: Number(box.querySelector('.cloud-bar-text')?.textContent),
          barLength: Number(end) - Number(start),
          caption: box.querySelector('.cloud-caption')?.textContent ?? '',
        };
      }),
    );
  }
});

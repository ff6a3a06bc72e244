/** `<serfiq-capture standard-measures>`: the measures of ISO/IEC 29794-5 of the picture taken. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { elementSuite } from './support/element-suite.mjs';
import { assertUsable } from './support/usable.mjs';

/** @import { ElementPage } from './support/element-page.mjs' */

const suite = elementSuite();
const { open } = suite;

const SUMMARY = 'serfiq-capture [part="measures"] summary';
/** @param {ElementPage} page */
const table = ({ page }) => page.locator('serfiq-capture [part="measures"] table');

describe('the measures of the standard', () => {
  test('come with the picture, and can be opened below it', async () => {
    const page = await open('autostart auto-capture standard-measures language="de"');
    const { report } = await page.event('capture');
    await page.inState('captured');
    const { InterEyeDistance: distance, EyesOpen: eyes, SingleFacePresent: single } = report.standard_measures;
    assert.ok(Math.abs(distance.native / report.measures.face.framing.inter_eye - 1) < 0.1, JSON.stringify(distance));
    assert.ok(eyes.quality > 50 && single.quality === 100, JSON.stringify({ eyes, single }));
    assert.equal(report.mesh.length, 468);
    // A picture with a covered face would not be taken.
    const { cover } = report.measures.face;
    assert.ok(cover.mouth <= 0 && cover.eyes <= 0 && cover.face <= 0, JSON.stringify(cover));
    assert.equal(await table(page).isVisible(), false, 'they fill the page unasked');
    await page.page.click(SUMMARY);
    assert.equal(await table(page).locator('tbody tr').count(), 20);
    const cells = await table(page).locator('[data-measure="InterEyeDistance"] > *').allTextContents();
    assert.equal(cells[0], 'Augenabstand');
    assert.match(cells[1], /^\d+\spx$/);
    await assertUsable(page);
    // Soon there would be another picture, with measures of its own.
    await page.element.evaluate((element) => element.removeAttribute('auto-capture'));
    await page.page.click('serfiq-capture [data-action="start"]:visible');
    await page.inState('running');
    assert.equal(await page.page.locator(SUMMARY).isVisible(), false, 'they outlast the picture');
    page.assertClean();
    await page.end();
  });

  test('are not taken unasked', async () => {
    const page = await open('autostart auto-capture');
    const { report } = await page.event('capture');
    await page.inState('captured');
    assert.equal('standard_measures' in report || 'mesh' in report, false);
    assert.equal(await page.page.locator(SUMMARY).isVisible(), false);
    await page.end();
  });

  test('make room for what the page shows in their place', async () => {
    const page = await suite.openBody(
      '<serfiq-capture backend="cpu" autostart auto-capture standard-measures><p slot="measures" id="own">Thank you.</p></serfiq-capture>',
    );
    assert.equal(await page.page.locator('#own').isVisible(), false);
    await page.event('capture');
    await page.inState('captured');
    assert.equal(await page.page.locator('#own').isVisible(), true);
    assert.equal(await page.page.locator(SUMMARY).isVisible(), false);
    await page.end();
  });
});

/** The page's messages when a file cannot be fetched or is not the expected one, and how to recover. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { settings } from './support/settings.mjs';
import { Site } from './support/site.mjs';
import { Visit } from './support/visit.mjs';

describe('a failed load', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Site} */
  let site;
  /** File names by size, the recogniser first. @type {{ name: string, bytes: Buffer }[]} */
  let models;
  before(async () => {
    browser = await launch();
    site = await Site.open(settings.dist);
    const folder = join(settings.dist, 'serfiq', 'models');
    models = await Promise.all((await readdir(folder)).map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
    models.sort((a, b) => b.bytes.length - a.bytes.length);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('a model with one wrong bit is refused by name and hash', async (t) => {
    for (const { name, bytes } of models) {
      const wrong = Buffer.from(bytes);
      wrong[wrong.length >> 1] ^= 1;
      site.spoil(`/serfiq/models/${name}`, { body: wrong });
      const { visit, said } = await failedVisit('model-hash');
      t.diagnostic(said);
      for (const part of [name, sha256(bytes), sha256(wrong)]) assert.ok(said.includes(part), `expected ${part} in: ${said}`);
      // Wrong bytes must not be served from a cache.
      await tryAgain(visit);
      await visit.end();
    }
  });

  test('a model that the server does not give', async () => {
    site.spoil(`/serfiq/models/${models[1].name}`, { status: 500 });
    const { visit, said } = await failedVisit('model-fetch');
    for (const part of [models[1].name, '500']) assert.ok(said.includes(part), `expected ${part} in: ${said}`);
    await tryAgain(visit);
    await visit.end();
  });

  test('a model whose transfer breaks off', async () => {
    site.spoil(`/serfiq/models/${models[0].name}`, { breakOff: true });
    const { visit, said } = await failedVisit('model-fetch');
    assert.ok(said.includes(models[0].name), `expected ${models[0].name} in: ${said}`);
    await tryAgain(visit);
    await visit.end();
  });

  test('an engine that the server does not have', async () => {
    site.spoil('/serfiq/pkg/serfiq_cpu_bg.wasm', { status: 404 });
    const { visit, said } = await failedVisit('engine-fetch');
    for (const part of ['serfiq_cpu_bg.wasm', '404']) assert.ok(said.includes(part), `expected ${part} in: ${said}`);
    await tryAgain(visit);
    await visit.end();
  });

  test('WebGPU that was asked for by name and is not there', async () => {
    const visit = await Visit.begin(browser, site, { query: '?backend=webgpu&view=photos' });
    await visit.page.waitForSelector('html[data-state="error"]');
    const said = await visit.page.textContent('#failure-detail');
    assert.match(said ?? '', /WebGPU|adapter/);
    await visit.end();
  });

  /** @param {string} code */
  async function failedVisit(code) {
    const visit = await Visit.begin(browser, site, { query: '?backend=cpu&view=photos' });
    await visit.page.waitForSelector('html[data-state="error"]');
    assert.equal(await visit.page.getAttribute('#failure', 'data-code'), code);
    for (const part of ['#failure-title', '#failure-text', '#failure-detail']) {
      assert.notEqual(await visit.page.textContent(part), '', `${part} says nothing`);
    }
    return { visit, said: (await visit.page.textContent('#failure-detail')) ?? '' };
  }

  /** @param {Visit} visit */
  async function tryAgain(visit) {
    site.mend();
    await visit.page.click('#retry');
    await visit.ready();
    assert.ok(await visit.page.isHidden('#failure'), 'the failure is still shown');
  }
});

/** @param {Buffer} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

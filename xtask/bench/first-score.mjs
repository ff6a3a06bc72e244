/**
 * Measures the time to the first score: on a first visit, in a browser that has never run; then again, in a new page.
 * Prints the milliseconds of all visits.
 *
 * Usage: first-score.mjs cpu|webgpu VISITS
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { PATIENCE_MS, launchOptions, site } from './chrome.mjs';

const [backend, visits] = process.argv.slice(2);
const cold = [];
const warm = [];
for (let visit = 0; visit < Number(visits); visit += 1) {
  const profile = await mkdtemp(join(tmpdir(), 'serfiq-bench-'));
  // With a profile on disk: a browser in private mode would not keep compiled code.
  const context = await chromium.launchPersistentContext(profile, launchOptions(backend));
  try {
    cold.push(await firstScore(context));
    warm.push(await firstScore(context));
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
console.log(JSON.stringify({ cold, warm }));

/** @param {import('playwright-core').BrowserContext} context */
async function firstScore(context) {
  const page = await context.newPage();
  await page.goto(`${site}/bench/first-score.html?backend=${backend}`, { timeout: PATIENCE_MS });
  const answer = await page.waitForFunction(() => window.answer, null, { timeout: PATIENCE_MS });
  const { milliseconds, error } = await answer.jsonValue();
  if (error) throw new Error(`the page has no score: ${error}`);
  // Gives the browser time to write its caches, as a visitor would.
  await page.waitForTimeout(3_000);
  await page.close();
  return milliseconds;
}

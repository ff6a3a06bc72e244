/**
 * Runs both engines in one page, each in its own worker. Reads lines: `browser`, `memory` or `<contender> <job>`; prints the answers.
 *
 * Usage: browser.mjs cpu|threads|webgpu
 *
 * The contenders are `serfiq` and `onnxruntime`; with `threads` also `serfiq-all-cores` and `onnxruntime-all-cores`.
 */
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

import { PATIENCE_MS, launchOptions, site } from './chrome.mjs';

const backend = process.argv[2];
const browser = await chromium.launch(launchOptions(backend));
const page = await browser.newPage();
try {
  page.on('console', (message) => console.error(`browser: ${message.text()}`));
  await page.goto(`${site}/bench/index.html`, { timeout: PATIENCE_MS });
  await page.evaluate(startWorkers, contenders());
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(line)));
  }
} finally {
  await browser.close();
}

/** @param {string} question */
async function answer(question) {
  if (question === 'browser') return `Chromium ${browser.version()}`;
  if (question === 'memory') return page.evaluate(memory);
  return page.evaluate((question) => window.ask(question), question);
}

/** Returns the script of each contender's worker, with its settings. @returns {Record<string, string>} */
function contenders() {
  const script = (name, threads) => `/bench/${name}-worker.js?backend=${backend === 'webgpu' ? 'webgpu' : 'cpu'}&threads=${threads}`;
  const of = (threads, suffix) => ['serfiq', 'onnxruntime'].map((name) => [name + suffix, script(name, threads)]);
  return Object.fromEntries([...of(1, ''), ...(backend === 'threads' ? of(cpus().length, '-all-cores') : [])]);
}

/** Runs in the page: returns the bytes of serfiq's worker after garbage collection. */
async function memory() {
  const { values } = await window.ask('serfiq memory');
  const { breakdown } = await performance.measureUserAgentSpecificMemory();
  const ofWorker = breakdown.filter(({ attribution }) => attribution.some(({ url }) => url.includes('/serfiq-worker.js')));
  const bytes = ofWorker.reduce((sum, { bytes }) => sum + bytes, 0);
  return { module: values[0], script: bytes };
}

/** Runs in the page. @param {Record<string, string>} scripts */
function startWorkers(scripts) {
  const workers = Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, new Worker(script, { type: 'module' })]));
  window.ask = (question) => {
    const [name, job] = question.split(' ');
    return new Promise((resolve, reject) => {
      workers[name].onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : data.faults ? undefined : resolve(data));
      workers[name].onerror = (event) => reject(new Error(`the ${name} worker stopped: ${event.message}`));
      workers[name].postMessage(job);
    });
  };
  return Promise.all(Object.keys(workers).map((name) => window.ask(`${name} load`)));
}

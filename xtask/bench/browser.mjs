/**
 * Both engines in one page, each in a worker of its own. Reads `machine` or `<engine> <job>` in a line, prints the answer.
 *
 * Usage: browser.mjs cpu|webgpu
 */
import { arch, cpus, release, totalmem, type } from 'node:os';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

import { PATIENCE_MS, launchOptions, site } from './chrome.mjs';

const backend = process.argv[2];
const browser = await chromium.launch(launchOptions(backend));
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(`browser: ${message.text()}`));
  await page.goto(`${site}/bench/index.html`, { timeout: PATIENCE_MS });
  await page.evaluate(startWorkers, backend);
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = line === 'machine' ? machine() : await page.evaluate((question) => window.ask(question), line);
    console.log(JSON.stringify(answer));
  }
} finally {
  await browser.close();
}

function machine() {
  const date = new Date();
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: cpus().length,
    memory_gb: totalmem() / 1e9,
    system: `${type()} ${release()} (${arch()})`,
    browser: `Chromium ${browser.version()}`,
    date: date.toISOString().slice(0, 10),
  };
}

/** Runs in the page. @param {string} backend */
function startWorkers(backend) {
  const workers = Object.fromEntries(
    ['serfiq', 'onnxruntime'].map((name) => [name, new Worker(`/bench/${name}-worker.js?backend=${backend}`, { type: 'module' })]),
  );
  window.ask = (question) => {
    const [name, job] = question.split(' ');
    return new Promise((resolve, reject) => {
      workers[name].onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
      workers[name].onerror = (event) => reject(new Error(`the ${name} worker stopped: ${event.message}`));
      workers[name].postMessage(job);
    });
  };
  return Promise.all(Object.keys(workers).map((name) => window.ask(`${name} load`)));
}

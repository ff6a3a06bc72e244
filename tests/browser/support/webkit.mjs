import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { settings } from './settings.mjs';

const START_MS = 30_000;
const SCRIPT_MS = 600_000;

/** WebKitGTK's MiniBrowser on a display of its own, driven through WebDriver. It is not Safari, and says nothing about iOS. */
export class WebKit {
  /** Such as `WebKitGTK 2.50.6`. */
  version = '';
  #base = '';
  #session = '';
  /** @type {import('node:child_process').ChildProcess[]} */
  #processes = [];
  /** @type {string | undefined} */
  #home;

  /** Starts display, driver and browser. @returns {Promise<WebKit>} */
  static async launch() {
    const webkit = new WebKit();
    try {
      await webkit.#start();
    } catch (error) {
      await webkit.close();
      throw error;
    }
    return webkit;
  }

  async #start() {
    // Nothing from an earlier run: neither a cache nor a service worker.
    const home = (this.#home = await mkdtemp(join(tmpdir(), 'serfiq-webkit-')));
    const xvfb = this.#spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1200x24', '-nolisten', 'tcp'], process.env, 'pipe');
    const [display] = await once(createInterface({ input: /** @type {import('node:stream').Readable} */ (xvfb.stdio[3]) }), 'line');
    const port = await freePort();
    this.#base = `http://127.0.0.1:${port}`;
    this.#spawn('WebKitWebDriver', [`--port=${port}`], {
      ...process.env,
      DISPLAY: `:${display}`,
      HOME: home,
      XDG_CACHE_HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
      LANG: 'C.UTF-8',
      GTK_A11Y: 'none',
      NO_AT_BRIDGE: '1',
    });
    for (const end = Date.now() + START_MS; ; await sleep(100)) {
      try {
        await fetch(`${this.#base}/status`);
        break;
      } catch (error) {
        if (Date.now() > end) throw new Error('WebKitWebDriver does not answer', { cause: error });
      }
    }
    const { sessionId, capabilities } = await this.#call('POST', '/session', {
      capabilities: {
        alwaysMatch: {
          browserName: 'MiniBrowser',
          'webkitgtk:browserOptions': { binary: settings.webkit, args: ['--automation', '--enable-mock-capture-devices=true'] },
        },
      },
    });
    this.#session = sessionId;
    this.version = `WebKitGTK ${capabilities.browserVersion}`;
    await this.#command('POST', '/timeouts', { script: SCRIPT_MS, pageLoad: 120_000 });
  }

  /** @param {string} url */
  async goto(url) {
    await this.#command('POST', '/url', { url });
  }

  /**
   * Runs a function in the page; waits for its promise.
   * @template T, R
   * @param {(argument: T) => R} run
   * @param {T} argument
   * @returns {Promise<Awaited<R>>}
   */
  async evaluate(run, argument) {
    const script = `const [argument, done] = arguments;
      Promise.resolve().then(() => (${run})(argument)).then((value) => done({ value }), (error) => done({ error: String(error) + ' ' + error?.stack }));`;
    const { value, error } = await this.#command('POST', '/execute/async', { script, args: [argument ?? null] });
    if (error) throw new Error(error);
    return value;
  }

  /** Runs a script in the page, whatever its policy. @param {string} source */
  async execute(source) {
    await this.#command('POST', '/execute/sync', { script: `${source}\n;return 0;`, args: [] });
  }

  async close() {
    if (this.#session) await this.#command('DELETE', '').catch(() => {});
    for (const process of this.#processes.reverse()) process.kill();
    if (this.#home) await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} env @param {'ignore' | 'pipe'} [third] a third pipe */
  #spawn(program, args, env, third = 'ignore') {
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'ignore', third] });
    child.on('error', (error) => console.error(`${program} does not start: ${error.message}`));
    this.#processes.push(child);
    return child;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  #command(method, path, body) {
    return this.#call(method, `/session/${this.#session}${path}`, body);
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async #call(method, path, body) {
    const response = await fetch(this.#base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebDriver, ${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  }
}

/**
 * Returns a port for the driver, which cannot choose one itself. It is none of those that systems give away, so that no other test gets it
 * before the driver does.
 * @returns {Promise<number>}
 */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(10_000 * Math.random());
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(() => true, () => false);
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { cameraVideo } from './canvas-camera.mjs';

/** The types that any web server must send; see the project's README. */
const MIME_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
};

const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/**
 * Serves a folder on its own loopback port. Records every request, and can answer some of them wrongly.
 */
export class Site {
  /** Every request so far. @type {{ path: string, status: number, bytes: number }[]} */
  requests = [];
  /** @type {Map<string, Fault>} */
  #faults = new Map();
  /** Answers that wait. @type {(() => void)[]} */
  #held = [];
  #folder;
  #headers;
  #server = createServer((request, response) => this.#answer(request, response));

  /**
   * `headers` replace those of the same names; `silent`: no answer at all; `held`: none before `mend()`.
   * @typedef {{ status?: number, body?: Buffer, type?: string, headers?: Record<string, string>, breakOff?: boolean, silent?: boolean, held?: boolean }} Fault
   */

  /** For `open` only. @param {string} folder @param {Record<string, string>} headers */
  constructor(folder, headers) {
    this.#folder = folder;
    this.#headers = headers;
  }

  /**
   * @param {string} folder
   * @param {object} [how]
   * @param {boolean} [how.isolated] from other origins, so that workers may share memory
   * @param {boolean} [how.shared] with pages of other origins
   * @param {(ofPage: string) => string} [how.policy] makes the content security policy from that of the page
   * @returns {Promise<Site>}
   */
  static async open(folder, { isolated = false, shared = false, policy = (ofPage) => ofPage } = {}) {
    const page = await readFile(join(folder, 'index.html'), 'utf8');
    const ofPage = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
    if (!ofPage) throw new Error(`${join(folder, 'index.html')} has no Content-Security-Policy of its own`);
    // A worker takes its content security policy from the headers of its script, so the page's own goes with every file.
    const site = new Site(folder, {
      'Content-Security-Policy': policy(ofPage),
      ...(isolated ? ISOLATION : {}),
      ...(shared ? { 'Access-Control-Allow-Origin': '*' } : {}),
    });
    await new Promise((resolve) => site.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return site;
  }

  /** Such as `http://127.0.0.1:40123`. */
  get origin() {
    return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  /** Answers `path` like this from now on. @param {string} path @param {Fault} fault */
  spoil(path, fault) {
    this.#faults.set(path, fault);
  }

  /** Answers everything correctly again. */
  mend() {
    this.#faults.clear();
    for (const answer of this.#held.splice(0)) answer();
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    const path = pathname === '/' ? '/index.html' : pathname;
    const video = await cameraVideo(path);
    if (video) return void response.writeHead(200, { 'Content-Length': video.length, ...this.#headers }).end(video);
    const { status = 200, body = await this.#read(path), type, headers = {}, breakOff = false, silent = false, held = false } = this.#faults.get(path) ?? {};
    if (silent) return void request.destroy();
    if (held) return void this.#held.push(() => this.#answer(request, response));
    const sent = body ? status : 404;
    this.requests.push({ path, status: sent, bytes: sent === 200 && body ? body.length : 0 });
    response.writeHead(sent, {
      'Content-Type': type ?? MIME_TYPES[/** @type {keyof typeof MIME_TYPES} */ (extname(path))] ?? 'application/octet-stream',
      'Content-Length': sent === 200 && body ? body.length : 0,
      ...this.#headers,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache',
      ...headers,
    });
    if (breakOff) response.write(body?.subarray(0, body.length / 2), () => response.destroy());
    else response.end(sent === 200 ? body : undefined);
  }

  /** @param {string} path @returns {Promise<Buffer | null>} */
  async #read(path) {
    try {
      // URL has resolved every "..", so nothing outside the folder can be named.
      return await readFile(join(this.#folder, decodeURIComponent(path)));
    } catch {
      return null;
    }
  }
}

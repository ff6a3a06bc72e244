import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const MIME_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/** A typical web server: serves folders at paths, with chosen headers. */
export class Server {
  /** Requests for files that do not exist. @type {string[]} */
  missing = [];
  #folders;
  #headers;
  #server = createServer((request, response) => this.#answer(request, response));

  /** For `open` only. @param {Record<string, string>} folders @param {Record<string, string>} headers */
  constructor(folders, headers) {
    // The longest path first, so that one folder may lie within another.
    this.#folders = Object.entries(folders).sort(([a], [b]) => b.length - a.length);
    this.#headers = headers;
  }

  /**
   * @param {Record<string, string>} folders by the path at which they are served, such as `/static/`
   * @param {Record<string, string>} [headers] of every answer
   */
  static async open(folders, headers = {}) {
    const server = new Server(folders, headers);
    await new Promise((resolve) => server.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return server;
  }

  /** Such as `http://127.0.0.1:40123`. */
  get origin() {
    return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    const body = await this.#read(pathname);
    if (!body) this.missing.push(pathname);
    const type = MIME_TYPES[/** @type {keyof typeof MIME_TYPES} */ (extname(pathname) || '.html')] ?? 'application/octet-stream';
    response.writeHead(body ? 200 : 404, { ...this.#headers, 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' });
    response.end(body ?? undefined);
  }

  /** @param {string} pathname */
  async #read(pathname) {
    const [path, folder] = this.#folders.find(([start]) => pathname.startsWith(start)) ?? [];
    if (path === undefined || folder === undefined) return null;
    const name = pathname.slice(path.length) || 'index.html';
    // URL has resolved every "..", so no path leads outside the folder.
    return readFile(join(folder, decodeURIComponent(name))).catch(() => null);
  }
}

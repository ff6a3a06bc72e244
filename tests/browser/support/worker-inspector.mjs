import assert from 'node:assert/strict';

/** @import { CDPSession, Page } from 'playwright-core' */
/** Bytes. @typedef {{ page: number, worker: number, webassembly: number }} Memory */

/** What caches and compiled code may add to the objects of page or worker. */
const SLACK_BYTES = 256 * 1024;

/**
 * Inspects a page and its worker through the browser's debugger: their memory, without changing a line of their code.
 */
export class WorkerInspector {
  #session;
  #worker;
  #nextId = 1;

  /** For `attach` only. @param {CDPSession} session @param {string} worker its session's id */
  constructor(session, worker) {
    this.#session = session;
    this.#worker = worker;
  }

  /** @param {Page} page with one worker */
  static async attach(page) {
    const session = await page.context().newCDPSession(page);
    const attached = new Promise((resolve) => session.once('Target.attachedToTarget', ({ sessionId }) => resolve(sessionId)));
    // Answers then arrive as messages of the page's session, the only one that Playwright exposes.
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return new WorkerInspector(session, await attached);
  }

  /** Returns bytes after garbage collection: objects of worker and page, and the WebAssembly module's memory, which never shrinks. @returns {Promise<Memory>} */
  async memory() {
    await this.#session.send('HeapProfiler.collectGarbage');
    const { usedSize: page } = await this.#session.send('Runtime.getHeapUsage');
    await this.#ask('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#ask('Runtime.getHeapUsage');
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', { expression: `(${memoryBytes})()`, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return { page, worker: usedSize, webassembly: result.value };
  }

  async detach() {
    await this.#session.detach();
  }

  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  #ask(method, params = {}) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      /** @param {{ message: string }} event */
      const receive = ({ message }) => {
        const answer = JSON.parse(message);
        if (answer.id !== id) return;
        this.#session.off('Target.receivedMessageFromTarget', receive);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result);
      };
      this.#session.on('Target.receivedMessageFromTarget', receive);
      const message = JSON.stringify({ id, method, params });
      this.#session.send('Target.sendMessageToTarget', { sessionId: this.#worker, message }).catch(reject);
    });
  }
}

/**
 * Returns the bytes of the WebAssembly module's memory. Runs in the worker.
 *
 * A module that is already initialised answers with its exports. `Runtime.queryObjects` would find the memory without any module's
 * help, but Chromium 156 crashes on it.
 */
async function memoryBytes() {
  const suffix = '_bg.wasm';
  const loaded = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(suffix));
  if (loaded.length !== 1) throw new Error(`expected one module in the worker, got ${loaded.map(({ name }) => name).join(', ') || 'none'}`);
  const module = await import(`${loaded[0].name.slice(0, -suffix.length)}.js`);
  return (await module.default()).memory.buffer.byteLength;
}

/** @param {Memory} warm once buffers have their final size @param {Memory} end */
export function assertFlat(warm, end) {
  assert.ok(warm.webassembly > 0, 'the worker has no WebAssembly memory');
  assert.equal(end.webassembly, warm.webassembly, 'the WebAssembly memory grew');
  for (const heap of /** @type {const} */ (['page', 'worker'])) {
    const growth = end[heap] - warm[heap];
    assert.ok(growth < SLACK_BYTES, `the objects of the ${heap} grew by ${growth} bytes`);
  }
}

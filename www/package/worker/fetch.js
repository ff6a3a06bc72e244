/**
 * Fetches files. Errors give the address, what was expected, and what the server sent: many servers send a web page in place of a missing
 * file.
 */

import { WorkerError, sentence } from './errors.js';

/**
 * A file to fetch.
 * @typedef {object} Wanted
 * @property {URL} url
 * @property {string} expected such as `an ONNX file`
 * @property {'engine-fetch' | 'model-fetch'} code of the error
 * @property {boolean} ours whether it is a file of this package, which `assetBase` places
 */

/** What a server answered. @typedef {{ status: number, type: string | null, url: string }} Answer `url` after all redirects */

/** The server did not answer; the network may be down. */
export class NoAnswer extends WorkerError {}

/** @param {Wanted} wanted @param {RequestInit} [init] */
export async function fetchFile(wanted, init) {
  let response;
  try {
    response = await fetch(wanted.url, init);
  } catch {
    throw new NoAnswer(wanted.code, `${wanted.url.href} could not be fetched: ${whyNoAnswer(wanted.url)}`);
  }
  if (!response.ok) throw refused(wanted, answerOf(response));
  return response;
}

/** @param {Response} response @returns {Answer} */
export function answerOf({ status, headers, url }) {
  return { status, type: headers.get('Content-Type'), url };
}

/** @param {Wanted} wanted @param {Answer} answer @returns {WorkerError} the error for an answer without the file */
export function refused(wanted, answer) {
  const { code, url } = wanted;
  return new WorkerError(
    code,
    `${url.href} could not be fetched: the server answered with ${inWords(wanted, answer)}, expected 200.${advice(wanted)}`,
  );
}

/** Throws if the server sent a web page instead of the file. @param {Wanted} wanted @param {Answer} answer @param {Uint8Array} bytes */
export function checkContent(wanted, answer, bytes) {
  if (isWebPage(bytes)) throw unexpected(wanted, answer, 'It is a web page');
}

/**
 * The error for a file that is not what was expected.
 * @param {Wanted} wanted @param {Answer} answer @param {string} problem without a full stop
 */
export function unexpected(wanted, answer, problem) {
  const { url, expected, code } = wanted;
  return new WorkerError(
    code,
    `${url.href} is not ${expected}. ${sentence(problem)} The server answered with ${inWords(wanted, answer)}.${advice(wanted)}`,
  );
}

/**
 * Returns a sentence that explains why a worker did not start; the browser says only that it did not.
 * @param {URL | null} url of its script; null if it is in a bundle
 * @param {string} [message] the browser's message
 */
export async function whyNotStarted(url, message) {
  const reason = message ? ` ${sentence(message)}` : '';
  if (!url) return `The scoring engine’s worker did not start.${reason} Check that the bundle contains it; else set assetBase.`;
  return (
    (await whyNoModule(url)) ??
    `${url.href} is there, but did not start.${reason} A module that it imports may be missing, or the page's content security policy may ` +
      'forbid it (worker-src). Check assetBase, and the console.'
  );
}

/**
 * Returns why the browser did not get a JavaScript module from this address, which it does not say; null if the server sends one.
 * @param {URL} url
 * @returns {Promise<string | null>}
 */
export async function whyNoModule(url) {
  /** @type {Wanted} */
  const wanted = { url, expected: 'a JavaScript module', code: 'engine-fetch', ours: true };
  try {
    const response = await fetchFile(wanted);
    const answer = answerOf(response);
    checkContent(wanted, answer, new Uint8Array(await response.arrayBuffer()));
    if (!/^(text|application)\/(x-)?(java|ecma)script\b/i.test(answer.type ?? '')) {
      throw unexpected(wanted, answer, 'Its content type is not that of JavaScript, text/javascript');
    }
    return null;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

/** @param {Wanted} wanted */
function advice({ ours }) {
  return ours ? ' Check assetBase, and that the server has this file.' : '';
}

/** @param {Wanted} wanted @param {Answer} answer */
function inWords({ url }, { status, type, url: last }) {
  const redirected = last && last !== url.href ? `, after a redirect to ${last}` : '';
  return `HTTP status ${status} (${type ? `content type ${type}` : 'no content type'}${redirected})`;
}

/** Whether these bytes are the start of a web page; none of the engine's files begins with a tag. @param {Uint8Array} bytes */
function isWebPage(bytes) {
  return /^\s*<(!doctype|!--|\?xml|html|head|body)/i.test(new TextDecoder().decode(bytes.subarray(0, 512)));
}

/** Lists the possible causes, because the browser does not reveal which it was. @param {URL} url */
function whyNoAnswer({ origin }) {
  if (origin === self.origin) return 'the server did not answer. Check the connection and try again.';
  return (
    `${origin} did not answer, or does not allow this page to read its files (Access-Control-Allow-Origin), or the page's content ` +
    'security policy does not name it (connect-src).'
  );
}

/**
 * @param {Response} response
 * @param {(bytes: number) => void} onBytes called with the number of bytes so far
 */
export async function readAll(response, onBytes) {
  if (!response.body) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    onBytes(bytes.length);
    return bytes;
  }
  const reader = response.body.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    chunks.push(chunk.value);
    length += chunk.value.length;
    onBytes(length);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** Returns the body's length, or null if unknown: a compressed body is longer than its header says. @param {Response} response */
export function bodyLength(response) {
  const length = Number(response.headers.get('content-length'));
  return length > 0 && !response.headers.has('content-encoding') ? length : null;
}

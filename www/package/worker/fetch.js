import { WorkerError } from './errors.js';

/**
 * @param {URL} url
 * @param {string} file the name to give in errors
 * @param {string} code of the error
 * @param {RequestInit} [init]
 */
export async function fetchFile(url, file, code, init) {
  let response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new WorkerError(code, `${file} could not be fetched: ${whyNoAnswer(url)}`);
  }
  if (!response.ok) {
    throw new WorkerError(code, `${file} could not be fetched: the server answered with HTTP status ${response.status}, expected 200.`);
  }
  return response;
}

/** The browser does not reveal which cause it was. @param {URL} url */
function whyNoAnswer({ origin }) {
  if (origin === self.location.origin) return 'the server did not answer. Check the connection and try again.';
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

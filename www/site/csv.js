/** The checked photos as a CSV file, with the columns of `serfiq score --format csv` in the same order. */

import { DEFAULT_SEED } from './serfiq/index.js';

/** @import { EngineInfo, MethodName, Scored } from './serfiq/types.js' */

/** @typedef {string | number | null} Cell */

export const COLUMNS = [
  'path', 'status', 'model', 'model_sha256', 'method', 'passes', 'seed', 'dropout', 'threshold', 'face', 'x', 'y', 'width', 'height',
  'confidence', 'raw', 'quality', 'percentile', 'std_error', 'accepted', 'issues', 'error',
];

/** How scores are made and judged. @typedef {Pick<Scored, 'model' | 'model_sha256' | 'method' | 'passes' | 'seed' | 'dropout' | 'threshold'>} Run */

/** Returns how an engine would have scored a picture that it could not read. @param {EngineInfo} info @param {{ method: MethodName, passes: number }} inUse @returns {Run} */
export function runOf({ model, modelSha256, dropout, guide }, { method, passes }) {
  const random = method === 'mc' ? { passes, seed: DEFAULT_SEED } : { passes: null, seed: null };
  return { model, model_sha256: modelSha256, method, ...random, dropout, threshold: guide.ofPhoto.score?.limit ?? null };
}

/** Returns the row of one face, or of a picture without one. @param {string} path @param {Scored} result @param {number} index of the face @returns {Cell[]} */
export function rowOf(path, result, index) {
  const face = result.faces[index];
  return [
    path, result.status, ...cellsOf(result), face ? index + 1 : null, ...(face?.box ?? [null, null, null, null]), face?.confidence ?? null,
    face?.raw ?? null, face?.quality ?? null, face?.percentile ?? null, face?.std_error ?? null, String(result.accepted), result.issues.join(' '), '',
  ];
}

/** Returns the row of a picture that could not be scored. @param {string} path @param {'unreadable' | 'failed'} status @param {Run | null} run @param {string} error @returns {Cell[]} */
export function failedRow(path, status, run, error) {
  return [path, status, ...cellsOf(run), ...Array(12).fill(null), error];
}

/** @param {Run | null} run @returns {Cell[]} */
function cellsOf(run) {
  if (!run) return Array(7).fill(null);
  return [run.model, run.model_sha256, run.method, run.passes, run.seed, run.dropout, run.threshold];
}

/**
 * Writes a table as in RFC 4180: CRLF, quotes where needed, quotes doubled inside.
 * @param {Cell[][]} rows
 * @returns {string}
 */
export function toCsv(rows) {
  return rows.map((row) => row.map(toField).join(',') + '\r\n').join('');
}

/** @param {Cell} cell */
function toField(cell) {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // A file may be called "=HYPERLINK(...)": the apostrophe keeps a spreadsheet from running it.
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Downloads text as a file, made in the page.
 * @param {string} name
 * @param {string} text
 */
export function offerDownload(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the file after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

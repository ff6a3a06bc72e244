/** @typedef {string | number | null} Cell */

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

/** The table of browsers in docs/capture.md: its lines are tests, its columns engines, and its cells what the run found. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';

const DOCUMENT = new URL('../../../docs/capture.md', import.meta.url);
const [BEGIN, END] = ['<!-- browsers: written by tests/browser/engines.test.mjs -->', '<!-- end of browsers -->'];
const REWRITE = 'SERFIQ_WRITE_DOCS=1 cargo xtask test';
const UNKNOWN = 'not tested';

export class BrowserTable {
  /** Headings such as `Firefox 153`, by engine. @type {Map<string, string>} */
  #headings = new Map();
  /** Cells by line and engine. @type {Map<string, Map<string, string>>} */
  #lines = new Map();

  /** @param {string} engine @param {string} version such as `Firefox 153.2.0`: the minor one changes too often for a document */
  head(engine, version) {
    const [name, number] = version.split(/ (?=\d)/);
    this.#headings.set(engine, `${name} ${number.split('.').slice(0, name === 'WebKitGTK' ? 2 : 1).join('.')}`);
  }

  /** Adds a line, even if no engine will run it this time. @param {string} line */
  add(line) {
    if (!this.#lines.has(line)) this.#lines.set(line, new Map());
  }

  /** @param {string} line @param {string} engine @param {string} cell */
  tell(line, engine, cell) {
    this.#lines.get(line)?.set(engine, cell);
  }

  /** @returns {string} Markdown */
  toString() {
    const engines = [...this.#headings.keys()];
    const rows = [...this.#lines].map(([line, cells]) => [line, ...engines.map((engine) => cells.get(engine) ?? UNKNOWN)]);
    return [['', ...this.#headings.values()], ['', ...engines].map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
  }

  /**
   * Compares what this run found with the document; with `SERFIQ_WRITE_DOCS`, rewrites the document instead. Versions are not compared:
   * they say only with which one the table was written.
   * @param {number} engines how many there are, installed or not
   */
  async check(engines) {
    const document = await readFile(DOCUMENT, 'utf8');
    const [start, end] = [document.indexOf(BEGIN) + BEGIN.length, document.indexOf(END)];
    assert.ok(document.includes(BEGIN) && end > start, `docs/capture.md lacks "${BEGIN}" and "${END}"`);
    if (process.env.SERFIQ_WRITE_DOCS) {
      const isWhole = this.#headings.size === engines && [...this.#lines.values()].every((cells) => cells.size === engines);
      assert.ok(isWhole, `docs/capture.md is rewritten only by a run in all ${engines} engines; this one found:\n${this}`);
      await writeFile(DOCUMENT, `${document.slice(0, start)}\n\n${this}\n${document.slice(end)}`);
      return;
    }
    const [head = [], , ...rows] = cellsOf(document.slice(start, end));
    assert.deepEqual(rows.map(([line]) => line), [...this.#lines.keys()], `the lines of the table in docs/capture.md. ${REWRITE} rewrites it.`);
    for (const [engine, heading] of this.#headings) {
      const column = head.findIndex((one) => nameOf(one) === nameOf(heading));
      assert.ok(column > 0, `the table in docs/capture.md has no column for ${nameOf(heading)}. ${REWRITE} rewrites it.`);
      for (const row of rows) {
        const found = this.#lines.get(row[0])?.get(engine);
        if (found !== undefined) assert.equal(row[column], found, `${row[0]}, ${heading}, in docs/capture.md. ${REWRITE} rewrites it.`);
      }
    }
  }
}

/** @param {string} table in Markdown */
function cellsOf(table) {
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()));
}

/** @param {string} heading */
function nameOf(heading) {
  return heading.replace(/ [\d.]+$/, '');
}

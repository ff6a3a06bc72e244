import { COLUMNS, failedRow, offerDownload, rowOf, runOf, toCsv } from './csv.js';
import { byId, make, makeTrack, takeDrops } from './dom.js';
import { makeExplanation } from './explanation-view.js';
import { reasonOf } from './reasons.js';
import { makeStandard } from './standard-view.js';
import { around, drawThumbnail, wholeOf } from './thumbnail.js';
import { betterThan, verdictOf } from './verdict.js';
import { fill, issuesText, number, rawText, words } from './words.js';

/** @import { PageEngine } from './page-engine.js' */
/** @import { Announcer } from './serfiq/capture/index.js' */
/** @import { Cell, Run } from './csv.js' */
/** @import { Engine, SerfiqError } from './serfiq/index.js' */
/** @import { Explained, Percentiles, Scored, ScoredFace } from './serfiq/types.js' */
/** @import { Settings } from './settings.js' */

/**
 * One row of the list: a face, or a photo without one.
 * @typedef {object} Entry
 * @property {File} file
 * @property {'ok' | 'no_face' | 'unreadable' | 'failed'} status
 * @property {string} reason why there is no score, in words; empty if there is one
 * @property {Scored | null} result
 * @property {number} faceIndex
 * @property {Percentiles | null} percentiles of the recogniser
 * @property {Cell[]} cells its row of the CSV file
 * @property {OnDemand | null} onDemand null unless it is the largest face of a photo
 * @property {HTMLElement} row
 */

/**
 * What is computed for the largest face on request.
 * @typedef {object} OnDemand
 * @property {() => Promise<Explained>} explain
 * @property {() => Promise<Scored>} measure takes the standard's measures
 */

/** Scores photos one at a time, and lists scores and faults, worst first. */
export class PhotosView {
  #root = byId('photos', HTMLElement);
  #input = byId('photo-input', HTMLInputElement);
  #list = byId('photo-results', HTMLElement);
  #empty = byId('photos-empty', HTMLElement);
  #summary = byId('photos-summary', HTMLElement);
  #progress = byId('photos-progress', HTMLElement);
  #bar = byId('photos-bar', HTMLProgressElement);
  #count = byId('photos-count', HTMLElement);
  #download = byId('download-csv', HTMLButtonElement);
  #clear = byId('clear-photos', HTMLButtonElement);
  #settings;
  #announcer;
  #engine;
  #onReport;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {File[]} */
  #waiting = [];
  /** @type {File | null} */
  #underWay = null;
  #done = 0;
  #photos = 0;
  /** Aborts the photos in progress; null when there are none. @type {AbortController | null} */
  #running = null;
  /** Settles when no photo is in progress. */
  #settled = Promise.resolve();

  /**
   * @param {object} parts
   * @param {PageEngine} parts.engine
   * @param {Settings} parts.settings
   * @param {Announcer} parts.announcer
   * @param {(report: Scored) => void} parts.onReport
   */
  constructor({ engine, settings, announcer, onReport }) {
    this.#engine = engine;
    this.#settings = settings;
    this.#announcer = announcer;
    this.#onReport = onReport;
    this.#input.addEventListener('change', () => {
      this.#add([...(this.#input.files ?? [])]);
      // So that the same files can be chosen again.
      this.#input.value = '';
    });
    byId('cancel-photos', HTMLButtonElement).addEventListener('click', () => this.#running?.abort());
    this.#download.addEventListener('click', () => offerDownload('serfiq.csv', toCsv([COLUMNS, ...this.#entries.map(({ cells }) => cells)])));
    this.#clear.addEventListener('click', () => {
      this.#forget();
      this.#input.focus();
    });
    takeDrops(this.#root, (files) => this.#add(files));
    this.#refresh();
  }

  /** Scores all photos again, with the current recogniser. */
  async repeat() {
    const photos = new Set(this.#entries.map(({ file }) => file));
    for (const file of [this.#underWay, ...this.#waiting]) if (file) photos.add(file);
    this.#forget();
    await this.#settled;
    if (photos.size > 0) this.#add([...photos]);
  }

  /** @param {File[]} files */
  #add(files) {
    this.#waiting.push(...files);
    if (this.#running) this.#refresh();
    else this.#settled = this.#scoreWaiting();
  }

  async #scoreWaiting() {
    this.#running = new AbortController();
    this.#done = 0;
    const { signal } = this.#running;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    for (let file = this.#waiting.shift(); file && !signal.aborted; file = this.#waiting.shift()) {
      this.#underWay = file;
      this.#refresh();
      // The engine may still be loading, which no signal ends: others may wait for it, too.
      await Promise.race([this.#score(file, signal), aborted]);
      this.#underWay = null;
    }
    this.#waiting = [];
    this.#running = null;
    this.#refresh();
    this.#announcer.say(this.#summary.textContent ?? '');
  }

  /** @param {File} file @param {AbortSignal} signal */
  async #score(file, signal) {
    /** @type {Engine | null} */
    let engine = null;
    try {
      engine = await this.#engine.get();
      const result = await engine.score(file, { ...this.#settings.options, signal });
      this.#onReport(result);
      const { percentiles } = engine.info;
      const cells = (/** @type {number} */ faceIndex) => rowOf(file.name, result, faceIndex);
      const onDemand = {
        explain: async () => (await this.#engine.get()).explain(file, this.#settings.options),
        measure: async () => (await this.#engine.get()).score(file, { ...this.#settings.options, standardMeasures: true }),
      };
      if (result.faces.length === 0) this.#insert({ file, status: 'no_face', reason: words.photos.noFaceHint, result, faceIndex: 0, percentiles, cells: cells(0), onDemand: null });
      result.faces.forEach((face, faceIndex) => {
        const scored = face.raw !== null;
        this.#insert({
          file, result, faceIndex, percentiles, status: scored ? 'ok' : 'failed', reason: scored ? '' : words.photos.unscored, cells: cells(faceIndex),
          onDemand: faceIndex === 0 ? onDemand : null,
        });
      });
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = /** @type {SerfiqError} */ (error);
      const status = code === 'unreadable-image' ? 'unreadable' : 'failed';
      /** @type {Run | null} */
      const run = engine && runOf(engine.info, this.#settings.inUse(engine.info));
      this.#insert({
        file, status, reason: reasonOf(error), result: null, faceIndex: 0, percentiles: null, cells: failedRow(file.name, status, run, message), onDemand: null,
      });
    }
    this.#done += 1;
    this.#photos += 1;
  }

  /** Inserts an entry in order: lowest score first, those without a score last. @param {Omit<Entry, 'row'>} facts */
  #insert(facts) {
    const entry = { ...facts, row: makeRow(facts) };
    const place = this.#entries.findIndex((other) => rank(other) > rank(entry));
    const at = place < 0 ? this.#entries.length : place;
    this.#list.insertBefore(entry.row, this.#entries[at]?.row ?? null);
    this.#entries.splice(at, 0, entry);
  }

  #forget() {
    this.#running?.abort();
    this.#entries = [];
    this.#photos = 0;
    this.#list.replaceChildren();
    this.#refresh();
  }

  #refresh() {
    const total = this.#done + (this.#underWay ? 1 : 0) + this.#waiting.length;
    this.#progress.hidden = this.#running === null;
    this.#bar.max = Math.max(total, 1);
    this.#bar.value = this.#done;
    this.#count.textContent = fill(words.photos.progress, { done: number(this.#done), total: number(total) });
    const any = this.#entries.length > 0;
    this.#download.disabled = this.#clear.disabled = !any;
    this.#empty.hidden = any;
    const faces = this.#entries.filter((entry) => entry.status === 'ok').length;
    this.#summary.textContent = any ? fill(words.photos.summary, { faces: number(faces), photos: number(this.#photos) }) : '';
  }
}

/** @param {Pick<Entry, 'result' | 'faceIndex'>} entry */
function rank({ result, faceIndex }) {
  return result?.faces[faceIndex]?.raw ?? Infinity;
}

/** @param {Omit<Entry, 'row'>} entry */
function makeRow({ file, status, reason, result, faceIndex, percentiles, onDemand }) {
  const face = result?.faces[faceIndex];
  const issues = status === 'ok' && faceIndex === 0 ? (result?.issues ?? null) : null;
  const row = make('li', 'photo-row');
  Object.assign(row.dataset, { file: file.name, status, raw: face?.raw ?? '', quality: face?.quality ?? '', issues: issues?.join(' ') ?? '' });

  const picture = make('canvas', 'thumbnail');
  picture.setAttribute('aria-hidden', 'true');
  if (result) drawThumbnail(picture, file, face ? around(face.box, result) : wholeOf(result));

  const name = make('span', 'photo-name', file.name);
  name.dir = 'auto';
  const about = make('div', 'photo-words');
  about.append(name);
  if (issues) about.append(make('span', issues.length === 0 ? 'photo-fault none' : 'photo-fault', issuesText(issues)));
  about.append(make('span', 'photo-detail', detail(face, result, faceIndex, percentiles, reason)));
  // The verdict is on the whole picture: further faces have only their scores.
  row.append(picture, about, makeScore(face, status, faceIndex === 0 && result ? result.accepted : null));
  if (onDemand && status === 'ok') row.append(makeExplanation(file, onDemand.explain));
  if (onDemand) row.append(makeStandard(file, onDemand.measure));
  return row;
}

/**
 * @param {ScoredFace | undefined} face @param {Scored | null} result @param {number} faceIndex
 * @param {Percentiles | null} percentiles @param {string} reason
 */
function detail(face, result, faceIndex, percentiles, reason) {
  const values = { number: number(faceIndex + 1), count: number(result?.faces.length ?? 0) };
  const which = result && result.faces.length > 1 ? fill(words.photos.face, values) : '';
  const score = face && face.raw !== null ? rawText(face) : '';
  return [which, score, betterThan(face?.percentile, percentiles), reason].filter(Boolean).join(' · ');
}

/** @param {ScoredFace | undefined} face @param {Entry['status']} status @param {boolean | null} accepted null for no verdict */
function makeScore(face, status, accepted) {
  const box = make('div', 'photo-score');
  if (!face || face.raw === null) {
    box.append(make('span', 'photo-status', words.photos.status[status]));
    return box;
  }
  if (face.quality === null) {
    // Without a calibration no word fits the score.
    box.append(make('span', 'photo-number photo-raw', number(face.raw, 3)));
    return box;
  }
  const verdict = accepted === null ? null : verdictOf(face.quality, accepted);
  box.dataset.band = verdict?.band ?? '';
  box.append(make('span', 'photo-number', number(face.quality)), make('span', 'photo-word', verdict?.word ?? ''), makeTrack(face.quality));
  return box;
}

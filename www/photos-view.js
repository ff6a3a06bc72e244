import { offerDownload, toCsv } from './csv.js';
import { byId, make } from './dom.js';
import { bandOf } from './quality-bands.js';
import { strings } from './strings.js';
import { around, drawThumbnail, wholeOf } from './thumbnail.js';

/** @import { Announcer } from './announcer.js' */
/** @import { Serfiq, SerfiqError } from './client.js' */
/** @import { Settings } from './settings.js' */
/** @import { Result, ScoredFace } from './types.js' */

/**
 * One line of the list: a face, or a photo without any.
 * @typedef {object} Entry
 * @property {File} file
 * @property {'ok' | 'no_face' | 'unreadable' | 'failed'} status
 * @property {string} reason why there is no score; empty where there is one
 * @property {Result | null} result
 * @property {number} faceIndex
 * @property {HTMLElement} row
 */

const CSV_COLUMNS = [
  'file', 'face', 'x', 'y', 'width', 'height', 'confidence', 'raw', 'quality', 'std_error', 'model', 'method', 'passes', 'status',
];

/** Photos in, scores out: worst first, one photo at a time. */
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
  #onResult;
  /** @type {Serfiq | null} */
  #engine = null;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {File[]} */
  #waiting = [];
  #underWay = 0;
  #done = 0;
  #photos = 0;
  /** Aborts the photos that are under way; null when none is. @type {AbortController | null} */
  #running = null;

  /** @param {{ settings: Settings, announcer: Announcer, onResult: (result: Result) => void }} parts */
  constructor({ settings, announcer, onResult }) {
    this.#settings = settings;
    this.#announcer = announcer;
    this.#onResult = onResult;
    this.#input.addEventListener('change', () => {
      this.#add([...(this.#input.files ?? [])]);
      // So that the same files can be chosen again.
      this.#input.value = '';
    });
    byId('cancel-photos', HTMLButtonElement).addEventListener('click', () => this.#running?.abort());
    this.#download.addEventListener('click', () => offerDownload('serfiq.csv', toCsv(this.#table())));
    this.#clear.addEventListener('click', () => this.#forget());
    this.#takeDrops();
    this.#refresh();
  }

  /** @param {Serfiq} engine */
  use(engine) {
    this.#engine = engine;
  }

  #takeDrops() {
    // A photo that misses the field must not replace the page.
    for (const name of /** @type {const} */ (['dragover', 'drop'])) document.addEventListener(name, (event) => event.preventDefault());
    this.#root.addEventListener('dragover', () => this.#root.classList.add('dropping'));
    this.#root.addEventListener('dragleave', (event) => {
      if (!this.#root.contains(/** @type {Node | null} */ (event.relatedTarget))) this.#root.classList.remove('dropping');
    });
    this.#root.addEventListener('drop', (event) => {
      this.#root.classList.remove('dropping');
      this.#add([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** @param {File[]} files */
  async #add(files) {
    this.#waiting.push(...files);
    if (this.#running) return this.#refresh();
    this.#running = new AbortController();
    this.#done = 0;
    const { signal } = this.#running;
    for (let file = this.#waiting.shift(); file && !signal.aborted; file = this.#waiting.shift()) {
      this.#underWay = 1;
      this.#refresh();
      await this.#score(file, signal);
      this.#underWay = 0;
    }
    this.#waiting = [];
    this.#running = null;
    this.#refresh();
    this.#announcer.say(this.#summary.textContent ?? '');
  }

  /** @param {File} file @param {AbortSignal} signal */
  async #score(file, signal) {
    if (!this.#engine) return;
    try {
      const result = await this.#engine.scorePhoto(file, { ...this.#settings.options, signal });
      this.#onResult(result);
      if (result.faces.length === 0) this.#insert({ file, status: 'no_face', reason: strings.photos.noFaceHint, result, faceIndex: 0 });
      result.faces.forEach((face, faceIndex) => {
        const scored = face.raw !== null && face.quality !== null;
        this.#insert({
          file, result, faceIndex, status: scored ? 'ok' : 'failed', reason: scored ? '' : strings.photos.unscored,
        });
      });
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = /** @type {SerfiqError} */ (error);
      const status = code === 'unreadable-image' ? 'unreadable' : 'failed';
      this.#insert({ file, status, reason: message, result: null, faceIndex: 0 });
    }
    this.#done += 1;
    this.#photos += 1;
  }

  /** Puts an entry at its place: lowest score first, those without a score last. @param {Omit<Entry, 'row'>} facts */
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
    this.#input.focus();
  }

  #refresh() {
    const total = this.#done + this.#underWay + this.#waiting.length;
    this.#progress.hidden = this.#running === null;
    this.#bar.max = Math.max(total, 1);
    this.#bar.value = this.#done;
    this.#count.textContent = strings.photos.progress(this.#done, total);
    const any = this.#entries.length > 0;
    this.#download.disabled = this.#clear.disabled = !any;
    this.#empty.hidden = any;
    const faces = this.#entries.filter((entry) => entry.status === 'ok').length;
    this.#summary.textContent = any ? strings.photos.summary(faces, this.#photos) : '';
  }

  #table() {
    return [
      CSV_COLUMNS,
      ...this.#entries.map(({ file, status, result, faceIndex }) => {
        const face = result?.faces[faceIndex];
        return [
          file.name, face ? faceIndex + 1 : null, ...(face?.box ?? [null, null, null, null]), face?.confidence ?? null,
          face?.raw ?? null, face?.quality ?? null, face?.std_error ?? null,
          result?.model ?? null, result?.method ?? null, result?.passes ?? null, status,
        ];
      }),
    ];
  }
}

/** @param {Pick<Entry, 'result' | 'faceIndex'>} entry */
function rank({ result, faceIndex }) {
  return result?.faces[faceIndex]?.raw ?? Infinity;
}

/** @param {Omit<Entry, 'row'>} entry */
function makeRow({ file, status, reason, result, faceIndex }) {
  const face = result?.faces[faceIndex];
  const row = make('li', 'photo-row');
  Object.assign(row.dataset, { file: file.name, status, raw: face?.raw ?? '', quality: face?.quality ?? '' });

  const picture = make('canvas', 'thumbnail');
  picture.setAttribute('aria-hidden', 'true');
  if (result) drawThumbnail(picture, file, face ? around(face.box, result) : wholeOf(result));

  const words = make('div', 'photo-words');
  words.append(make('span', 'photo-name', file.name), make('span', 'photo-detail', detail(face, result, faceIndex, reason)));
  row.append(picture, words, makeScore(face, status));
  return row;
}

/** @param {ScoredFace | undefined} face @param {Result | null} result @param {number} faceIndex @param {string} reason */
function detail(face, result, faceIndex, reason) {
  const which = result && result.faces.length > 1 ? strings.photos.face(faceIndex + 1, result.faces.length) : '';
  const score = face && face.raw !== null ? strings.meter.raw(face.raw, face.std_error) : '';
  return [which, score, reason].filter(Boolean).join(' · ');
}

/** @param {ScoredFace | undefined} face @param {Entry['status']} status */
function makeScore(face, status) {
  const box = make('div', 'photo-score');
  if (!face || face.quality === null) {
    box.append(make('span', 'photo-status', strings.photos.status[status]));
    return box;
  }
  const band = bandOf(face.quality);
  box.dataset.band = band;
  const number = make('span', 'photo-number', String(Math.round(face.quality)));
  const track = make('span', 'photo-track');
  const fill = make('span', 'photo-fill');
  fill.style.inlineSize = `${face.quality}%`;
  track.append(fill);
  track.setAttribute('aria-hidden', 'true');
  box.append(number, make('span', 'photo-word', strings.bands[band]), track);
  return box;
}

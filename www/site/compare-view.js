import { byId, make, takeDrops } from './dom.js';
import { drawClouds, explainClouds } from './jitter-plot.js';
import { MEASURES, betterOf } from './measures.js';
import { reasonOf } from './reasons.js';
import { examine, makeScore } from './specimen.js';
import { fill, issuesText, number, words } from './words.js';

/** @import { PageEngine } from './page-engine.js' */
/** @import { Announcer } from './serfiq/capture/index.js' */
/** @import { SerfiqError } from './serfiq/index.js' */
/** @import { Jitter, Scored } from './serfiq/types.js' */
/** @import { Specimen } from './specimen.js' */

/** A difference of more standard errors than this is almost never due to chance. */
const SIGNIFICANT = 2;

/** Compares two photos side by side: which one is better, by how much, and in which measures. */
export class CompareView {
  #slots;
  #verdict = byId('verdict', HTMLElement);
  #title = byId('verdict-title', HTMLElement);
  #text = byId('verdict-text', HTMLElement);
  #note = byId('compare-note', HTMLElement);
  #measures = byId('compare-measures', HTMLElement);
  #rows = byId('measure-rows', HTMLElement);
  #announcer;

  /** @param {{ engine: PageEngine, announcer: Announcer, onReport: (report: Scored) => void }} parts */
  constructor({ engine, announcer, onReport }) {
    this.#announcer = announcer;
    const onChange = () => this.#refresh();
    this.#slots = [words.compare.first, words.compare.second].map((title, i) => new Slot({ id: i, title, engine, onReport, onChange }));
    byId('compare-slots', HTMLElement).append(...this.#slots.map(({ root }) => root));
    this.#note.textContent = explainClouds();
    this.#refresh();
  }

  /** Puts a photo into the first free slot, else into the second. @param {Blob} photo */
  put(photo) {
    (this.#slots.find(({ free }) => free) ?? this.#slots[1]).examine(photo);
  }

  /** Examines both photos again, with the current recogniser. */
  repeat() {
    for (const slot of this.#slots) slot.repeat();
  }

  #refresh() {
    const specimens = this.#slots.flatMap(({ specimen }) => specimen ?? []);
    const clouds = specimens.length > 0 ? drawClouds(specimens.map(({ jitter }) => jitter)) : [];
    for (const slot of this.#slots) slot.showCloud(slot.specimen ? (clouds[specimens.indexOf(slot.specimen)] ?? null) : null);
    const [first, second] = this.#slots.map(({ specimen }) => specimen);
    const both = first && second;
    this.#measures.hidden = !both;
    this.#note.hidden = specimens.length === 0;
    this.#verdict.dataset.state = both ? 'told' : 'waiting';
    this.#verdict.dataset.better = '';
    this.#title.hidden = !both;
    for (const slot of this.#slots) slot.mark(false);
    if (both) this.#judge(first, second);
    else this.#text.textContent = words.compare.waiting;
  }

  /** @param {Specimen} first @param {Specimen} second */
  #judge(first, second) {
    const difference = first.jitter.raw - second.jitter.raw;
    const noise = SIGNIFICANT * Math.hypot(first.jitter.std_error ?? 0, second.jitter.std_error ?? 0);
    const values = { difference: number(Math.abs(difference), 4), noise: number(noise, 4) };
    const counts = Math.abs(difference) > noise;
    const better = difference > 0 ? 'first' : 'second';
    this.#verdict.dataset.better = counts ? better : 'none';
    this.#title.textContent = counts ? words.compare[`${better}Better`] : words.compare.noDifference;
    this.#text.textContent = [
      counts ? howMuchBetter(first.jitter, second.jitter, values) : fill(words.compare.withinNoise, values),
      fill(words.compare.method, { passes: first.jitter.points.length }),
    ].join(' ');
    if (counts) this.#slots[difference > 0 ? 0 : 1].mark(true);
    this.#rows.replaceChildren(...MEASURES.flatMap((measure) => makeRow(measure, first, second)));
    this.#announcer.say(`${this.#title.textContent}. ${this.#text.textContent}`);
  }
}

/** @param {Jitter} first @param {Jitter} second @param {{ difference: string, noise: string }} values */
function howMuchBetter(first, second, values) {
  if (first.quality === null || second.quality === null) return fill(words.compare.byRaw, values);
  const points = number(Math.abs(first.quality - second.quality), 1);
  return fill(words.compare.byPoints, { ...values, points, first: number(first.quality, 1), second: number(second.quality, 1) });
}

/** One of the two photos. */
class Slot {
  root = make('section', 'card slot');
  /** @type {Specimen | null} */
  specimen = null;
  #engine;
  #onReport;
  #onChange;
  #input = make('input');
  #label = make('label');
  #badge = make('p', 'better slot-badge');
  #image = make('img', 'slot-image');
  #status = make('p', 'quiet slot-status');
  #facts = make('div', 'slot-facts');
  #cloud = make('div', 'slot-cloud');
  #underWay = new AbortController();
  #busy = false;
  /** @type {Blob | null} */
  #photo = null;

  /**
   * @param {object} parts
   * @param {number} parts.id
   * @param {string} parts.title
   * @param {PageEngine} parts.engine
   * @param {(report: Scored) => void} parts.onReport
   * @param {() => void} parts.onChange
   */
  constructor({ id, title, engine, onReport, onChange }) {
    this.#engine = engine;
    this.#onReport = onReport;
    this.#onChange = onChange;
    const heading = make('h3', '', title);
    heading.id = `slot-title-${id}`;
    this.root.setAttribute('aria-labelledby', heading.id);
    this.root.id = `slot-${id}`;
    Object.assign(this.#input, { type: 'file', accept: 'image/jpeg,image/png,image/webp', id: `slot-input-${id}` });
    this.#input.setAttribute('aria-describedby', heading.id);
    this.#label.htmlFor = this.#input.id;
    this.#input.addEventListener('change', () => {
      const [file] = this.#input.files ?? [];
      // So that the same file can be chosen again.
      this.#input.value = '';
      if (file) this.examine(file);
    });
    takeDrops(this.root, ([file]) => file && this.examine(file));
    this.#badge.textContent = `✓ ${words.compare.better}`;
    this.#status.setAttribute('role', 'status');
    this.#image.alt = '';
    const head = make('div', 'slot-head');
    head.append(heading, this.#badge);
    const drop = make('div', 'drop');
    drop.append(this.#image, this.#input, this.#label);
    this.root.append(head, drop, this.#status, this.#facts, this.#cloud);
    this.#setState('empty', '');
  }

  get free() {
    return !this.specimen && !this.#busy;
  }

  repeat() {
    if (this.#photo) this.examine(this.#photo);
  }

  /** @param {Blob} photo */
  async examine(photo) {
    this.#photo = photo;
    this.#underWay.abort();
    this.#underWay = new AbortController();
    const { signal } = this.#underWay;
    this.specimen = null;
    this.#busy = true;
    this.#showImage(photo);
    this.#setState('working', words.compare.working);
    this.#onChange();
    try {
      const engine = await this.#engine.get();
      const specimen = await examine(engine, photo, signal);
      if (signal.aborted) return;
      this.specimen = specimen;
      this.#setState(specimen ? 'ok' : 'no_face', specimen ? '' : words.compare.noFace);
    } catch (error) {
      if (signal.aborted) return;
      const unreadable = /** @type {SerfiqError} */ (error).code === 'unreadable-image';
      const reason = reasonOf(error);
      this.#setState(unreadable ? 'unreadable' : 'failed', unreadable ? reason : fill(words.compare.failed, { reason }));
    }
    this.#busy = false;
    if (this.specimen) this.#onReport(this.specimen.report);
    this.#onChange();
  }

  /** @param {HTMLElement | null} cloud */
  showCloud(cloud) {
    this.#cloud.replaceChildren(...(cloud ? [cloud] : []));
  }

  /** @param {boolean} better */
  mark(better) {
    this.#badge.hidden = !better;
  }

  /** @param {Blob} photo */
  #showImage(photo) {
    URL.revokeObjectURL(this.#image.src);
    this.#image.src = URL.createObjectURL(photo);
  }

  /** @param {'empty' | 'working' | 'ok' | 'no_face' | 'unreadable' | 'failed'} state @param {string} text */
  #setState(state, text) {
    Object.assign(this.root.dataset, { state, raw: this.specimen?.jitter.raw ?? '', quality: this.specimen?.jitter.quality ?? '' });
    this.#label.textContent = state === 'empty' ? words.compare.choose : words.compare.change;
    // An unreadable file has nothing to show.
    this.#image.hidden = state === 'empty' || state === 'unreadable';
    this.#status.textContent = text;
    const facts = this.specimen ? [makeScore(this.specimen, this.specimen.report.accepted), makeFault(this.specimen)] : [];
    this.#facts.replaceChildren(...facts);
  }
}

/** @param {Specimen} specimen */
function makeFault({ report: { issues } }) {
  return make('p', issues.length === 0 ? 'photo-fault none' : 'photo-fault', issuesText(issues));
}

/**
 * Makes a row of the table, if both photos have the measure.
 * @param {import('./measures.js').Measure} measure
 * @param {Specimen} first
 * @param {Specimen} second
 * @returns {HTMLElement[]}
 */
function makeRow(measure, first, second) {
  const values = [measure.of(first.report), measure.of(second.report)];
  if (!values.every((value) => typeof value === 'number')) return [];
  const better = betterOf(measure, values[0], values[1], first.thresholds);
  const row = make('tr');
  row.dataset.measure = measure.name;
  const head = make('th', '', words.measures[measure.name]);
  head.scope = 'row';
  row.append(head, ...values.map((value, i) => makeCell(measure.show(value), i === better)));
  return [row];
}

/** @param {string} text @param {boolean} better */
function makeCell(text, better) {
  const cell = make('td');
  cell.append(make('span', 'cell-value', text));
  if (better) cell.append(' ', make('span', 'better', `✓ ${words.compare.better}`));
  return cell;
}

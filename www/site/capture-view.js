import { byId, make } from './dom.js';
import { MEASURES, SPEED } from './measures.js';
import { SerfiqCaptureElement } from './serfiq/capture/index.js';
import { bandOf, percentileOf } from './serfiq/index.js';
import { betterThan, verdictOf } from './verdict.js';
import { LANGUAGES, fill, issuesText, language, modelName, number, rawNumber, rawText, words } from './words.js';

/** @import { Announcer } from './serfiq/capture/index.js' */
/** @import { BackendChoice, EngineInfo, OwnRecogniser, Percentiles, Picture, WatchedFrame } from './serfiq/types.js' */
/** @import { Settings } from './settings.js' */

/** Minimum interval between updates of the facts, in milliseconds: at a shorter one they would flicker. */
const READABLE_MS = 250;
/** Maximum number of pictures kept; the oldest one is dropped. */
const MAX_TAKEN = 6;
/** In these states the camera is in use or about to be. */
const ACTIVE = new Set(['asking', 'loading', 'running', 'frozen', 'hidden']);
/** In these states a picture is shown, and the element still holds its engine. */
const SHOWS_A_PICTURE = new Set(['review', 'captured']);

/**
 * The camera element, its options, its measurements, and the pictures taken.
 *
 * Events, with the picture as `detail`: `taken`; `compare` and `explain` request another view of it.
 */
export class CaptureView extends EventTarget {
  camera = byId('camera', SerfiqCaptureElement);
  #threshold = byId('threshold', HTMLInputElement);
  #language = byId('guidance-language', HTMLSelectElement);
  #facts = byId('facts', HTMLElement);
  #factsHint = byId('facts-hint', HTMLElement);
  #taken = byId('taken', HTMLElement);
  #takenHint = byId('taken-hint', HTMLElement);
  #announcer;
  /** Rows by name of the fact. @type {Map<string, { row: HTMLElement, value: HTMLElement }>} */
  #rows = new Map();
  #frames = 0;
  #scoredFrames = 0;
  #shownAt = -Infinity;
  /** The last score of the face in view: on a slow machine not every frame is scored. @type {WatchedFrame['faces'][number] | null} */
  #scored = null;
  /** Of the recogniser in use; null until it is known, and if its card has none. @type {Percentiles | null} */
  #percentiles = null;
  /** Stopped because another view came to the front; starts again on return. */
  #setAside = false;

  /** The picture taken last. @type {Picture | null} */
  latest = null;

  /** @param {{ announcer: Announcer, settings: Settings, backend: BackendChoice }} parts */
  constructor({ announcer, settings, backend }) {
    super();
    this.#announcer = announcer;
    this.camera.backend = backend;
    settings.addEventListener('change', () => this.#useMethod(settings));
    this.#useMethod(settings);
    this.#setUpOptions();
    for (const name of ['quality', 'raw', ...MEASURES.map((measure) => measure.name), SPEED.name, 'frames']) this.#addRow(name);
    this.camera.addEventListener('serfiq-frame', (event) => this.#see(event.detail));
    this.camera.addEventListener('serfiq-capture', (event) => this.#keep(event.detail));
    this.camera.addEventListener('serfiq-state', ({ detail: { state } }) => {
      if (state !== 'running') this.#forgetFacts();
    });
  }

  /** Releases the camera when another view comes to the front. */
  setAside() {
    this.#setAside = ACTIVE.has(this.camera.state);
    if (this.#setAside) this.camera.stop();
  }

  /** Restarts the camera when this view is in front again. */
  takeUp() {
    // The element reports errors itself.
    if (this.#setAside) this.camera.start().catch(() => {});
    this.#setAside = false;
  }

  /** Explains thresholds and scores by the percentiles of the engine in use. @param {EngineInfo} info */
  explainBy({ percentiles }) {
    this.#percentiles = percentiles;
    this.#explainThreshold();
  }

  /** Switches to another recogniser: a running camera restarts with it. @param {OwnRecogniser | undefined} recogniser @param {EngineInfo} info */
  use(recogniser, { calibrated }) {
    const active = ACTIVE.has(this.camera.state);
    if (active || SHOWS_A_PICTURE.has(this.camera.state)) this.camera.stop();
    this.camera.recogniser = recogniser ?? null;
    // Without a calibration there is no quality for a threshold.
    this.#threshold.disabled = !calibrated;
    byId('threshold-field', HTMLElement).classList.toggle('off', !calibrated);
    this.#useThreshold();
    if (active) this.camera.start().catch(() => {});
  }

  /** @param {Settings} settings */
  #useMethod({ options: { method, passes } }) {
    setAttribute(this.camera, 'method', method);
    setAttribute(this.camera, 'passes', passes);
  }

  #setUpOptions() {
    for (const trigger of ['auto', 'shutter']) {
      byId(`trigger-${trigger}`, HTMLInputElement).addEventListener('change', () => {
        this.camera.autoCapture = trigger === 'auto';
      });
    }
    // A browser may restore the choice made before a reload.
    this.camera.autoCapture = byId('trigger-auto', HTMLInputElement).checked;
    this.#threshold.addEventListener('input', () => this.#useThreshold());
    this.#useThreshold();
    this.#language.add(new Option(words.capture.sameAsPage, ''));
    for (const [tag, { name }] of Object.entries(LANGUAGES)) {
      const option = new Option(name, tag);
      option.lang = tag;
      this.#language.add(option);
    }
    this.#language.addEventListener('change', () => this.#useLanguage());
    this.#useLanguage();
  }

  #useThreshold() {
    const { value, disabled } = this.#threshold;
    byId('threshold-value', HTMLOutputElement).value = disabled ? words.status.none : value;
    this.camera.threshold = disabled ? null : Number(value);
    this.#explainThreshold();
  }

  /** Says what the threshold means, for a visitor who knows no error rates. */
  #explainThreshold() {
    const { value, disabled } = this.#threshold;
    const percentile = disabled ? null : percentileOf(Number(value), this.#percentiles);
    byId('threshold-meaning', HTMLElement).textContent = betterThan(percentile, this.#percentiles);
  }

  #useLanguage() {
    this.camera.language = this.#language.value || language;
  }

  /** @param {string} name */
  #addRow(name) {
    const row = make('div', 'fact');
    const value = make('dd', '', words.status.none);
    row.dataset.fact = name;
    row.append(make('dt', '', labelOf(name)), value);
    this.#rows.set(name, { row, value });
    this.#facts.append(row);
  }

  /** @param {WatchedFrame} frame */
  #see(frame) {
    this.#frames += 1;
    const [face] = frame.faces;
    if (!face) {
      this.#scored = null;
    } else if (face.raw !== null) {
      this.#scored = face;
      this.#scoredFrames += 1;
    }
    Object.assign(this.#facts.dataset, {
      frames: this.#frames,
      scored: this.#scoredFrames,
      raw: this.#scored?.raw ?? '',
      quality: this.#scored?.quality ?? '',
      instruction: frame.instruction,
    });
    const time = performance.now();
    if (time - this.#shownAt < READABLE_MS) return;
    this.#shownAt = time;
    this.#showFacts(frame);
  }

  /** @param {WatchedFrame} frame */
  #showFacts(frame) {
    this.#facts.hidden = false;
    this.#factsHint.hidden = true;
    const quality = this.#scored?.quality ?? null;
    this.#facts.dataset.band = quality === null ? '' : bandOf(quality);
    this.#show('quality', quality === null ? null : `${number(quality)} · ${words.bands[bandOf(quality)]}`);
    this.#show('raw', this.#scored && rawNumber(this.#scored));
    for (const { name, of, show } of [...MEASURES, SPEED]) {
      const value = of(frame);
      this.#show(name, value === null || value === undefined ? null : show(value));
    }
    this.#show('frames', number(this.#frames));
  }

  /** @param {string} name @param {string | null} text */
  #show(name, text) {
    const found = this.#rows.get(name);
    if (found && found.value.textContent !== (text ?? words.status.none)) found.value.textContent = text ?? words.status.none;
  }

  #forgetFacts() {
    this.#scored = null;
    this.#shownAt = -Infinity;
    this.#facts.hidden = true;
    this.#factsHint.hidden = false;
    Object.assign(this.#facts.dataset, { raw: '', quality: '', band: '' });
  }

  /** @param {Picture} picture */
  #keep(picture) {
    this.latest = picture;
    this.#takenHint.hidden = true;
    this.#taken.prepend(this.#makeCard(picture));
    for (const card of [...this.#taken.children].slice(MAX_TAKEN)) this.#drop(card);
    this.#announcer.say(scoreOf(picture, words.capture.announceTaken, words.capture.announceTakenRaw));
    this.dispatchEvent(new CustomEvent('taken', { detail: picture }));
  }

  /** @param {Picture} picture */
  #makeCard(picture) {
    const { blob, report } = picture;
    const [face] = report.faces;
    const card = make('li', 'taken-picture');
    const image = make('img');
    image.src = URL.createObjectURL(blob);
    image.alt = scoreOf(picture, words.capture.pictureOf, words.capture.pictureOfRaw);
    image.decoding = 'async';
    const score = make('p', 'taken-score');
    if (face?.quality !== null && face?.quality !== undefined) {
      const { band, word } = verdictOf(face.quality, report.accepted);
      card.dataset.band = band;
      score.append(make('strong', '', number(face.quality)), ' ', make('span', 'band-word', word));
    }
    const download = make('a', 'button', words.capture.download);
    download.href = image.src;
    download.download = `serfiq.${blob.type.split('/')[1]?.replace('jpeg', 'jpg') ?? 'jpg'}`;
    const actions = make('div', 'taken-actions');
    actions.append(
      download,
      this.#makeButton(words.capture.compare, () => this.dispatchEvent(new CustomEvent('compare', { detail: picture }))),
      this.#makeButton(words.capture.explain, () => this.dispatchEvent(new CustomEvent('explain', { detail: picture }))),
      this.#makeButton(words.capture.remove, () => {
        this.#drop(card);
        byId('taken-title', HTMLElement).focus();
      }),
    );
    const about = make('div', 'taken-about');
    about.append(score);
    const better = betterThan(face?.percentile, this.#percentiles);
    if (better) about.append(make('p', 'quiet', better));
    if (face) about.append(make('p', 'quiet', `${rawText(face)} · ${modelName(report.model)}`));
    about.append(make('p', 'quiet', issuesText(report.issues)), actions);
    card.append(image, about);
    return card;
  }

  /** @param {string} text @param {() => void} action */
  #makeButton(text, action) {
    const button = make('button', '', text);
    button.type = 'button';
    button.addEventListener('click', action);
    return button;
  }

  /** @param {Element} card */
  #drop(card) {
    const image = card.querySelector('img');
    if (image) URL.revokeObjectURL(image.src);
    card.remove();
    this.#takenHint.hidden = this.#taken.children.length > 0;
  }
}

/** @param {string} name of a fact */
function labelOf(name) {
  switch (name) {
    case 'quality':
      return words.score.quality;
    case 'raw':
      return words.score.raw;
    case 'frames':
      return words.capture.frames;
    default:
      return words.measures[/** @type {keyof typeof words.measures} */ (name)];
  }
}

/**
 * Returns a sentence with the picture's quality or, if the recogniser gives none, its raw score.
 * @param {Picture} picture
 * @param {string} sentence
 * @param {string} rawSentence
 */
function scoreOf({ report: { faces: [face] } }, sentence, rawSentence) {
  if (typeof face?.quality === 'number') return fill(sentence, { quality: number(face.quality) });
  return face && face.raw !== null ? fill(rawSentence, { raw: rawNumber(face) }) : fill(sentence, { quality: words.score.none });
}

/** @param {HTMLElement} element @param {string} name @param {string | number | undefined} value undefined removes it */
function setAttribute(element, name, value) {
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, String(value));
}

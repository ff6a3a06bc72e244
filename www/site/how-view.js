import { byId, make, takeDrops } from './dom.js';
import { drawClouds, explainClouds } from './jitter-plot.js';
import { reasonOf } from './reasons.js';
import { examine, makeScore } from './specimen.js';
import { EYE_DISTANCES, worsen } from './worsen.js';
import { fill, number, words } from './words.js';

/** @import { PageEngine } from './page-engine.js' */
/** @import { Announcer } from './serfiq/capture/index.js' */
/** @import { Engine, SerfiqError } from './serfiq/index.js' */
/** @import { Jitter } from './serfiq/types.js' */
/** @import { Specimen } from './specimen.js' */

/** Shows how it works with the visitor's own photo, as it is and worsened. Until then there is a schematic drawing. */
export class HowView {
  #root = byId('experiment', HTMLElement);
  #input = byId('experiment-input', HTMLInputElement);
  #takenButton = byId('experiment-taken', HTMLButtonElement);
  #status = byId('experiment-status', HTMLElement);
  #schematic = byId('schematic', HTMLElement);
  #specimens = byId('specimens', HTMLElement);
  #note = byId('experiment-note', HTMLElement);
  #engine;
  #announcer;
  #underWay = new AbortController();
  /** The picture taken last. @type {Blob | null} */
  #taken = null;
  /** The photo shown, or last attempted. @type {Blob | null} */
  #photo = null;

  /** @param {{ engine: PageEngine, announcer: Announcer }} parts */
  constructor({ engine, announcer }) {
    this.#engine = engine;
    this.#announcer = announcer;
    this.#input.addEventListener('change', () => {
      const [file] = this.#input.files ?? [];
      this.#input.value = '';
      if (file) this.show(file);
    });
    this.#takenButton.addEventListener('click', () => {
      if (this.#taken) this.show(this.#taken);
    });
    takeDrops(this.#root, ([file]) => file && this.show(file));
  }

  /** @param {Blob} picture */
  offer(picture) {
    this.#taken = picture;
    this.#takenButton.hidden = false;
  }

  /** Examines the photo again, with the current recogniser. */
  repeat() {
    if (this.#photo) this.show(this.#photo);
  }

  /** Examines a photo and a worse copy of it. @param {Blob} photo */
  async show(photo) {
    this.#photo = photo;
    this.#underWay.abort();
    this.#underWay = new AbortController();
    const { signal } = this.#underWay;
    this.#say('working', words.how.working);
    try {
      const engine = await this.#engine.get();
      const original = await examine(engine, photo, signal);
      if (signal.aborted) return;
      if (!original) return this.#say('no_face', words.how.noFace);
      const worse = await worsened(engine, original, signal);
      if (signal.aborted) return;
      if (!worse) return this.#say('no_face', words.how.tooGood);
      this.#draw(original, worse);
    } catch (error) {
      if (signal.aborted) return;
      const unreadable = /** @type {SerfiqError} */ (error).code === 'unreadable-image';
      const reason = reasonOf(error);
      this.#say('failed', unreadable ? reason : fill(words.compare.failed, { reason }));
    }
  }

  /** @param {Specimen} original @param {Specimen} worse */
  #draw(original, worse) {
    for (const image of this.#specimens.querySelectorAll('img')) URL.revokeObjectURL(image.src);
    const clouds = drawClouds([original.jitter, worse.jitter]);
    this.#specimens.replaceChildren(
      makeFigure(original, words.how.original, clouds[0]),
      makeFigure(worse, words.how.worse, clouds[1]),
    );
    this.#schematic.hidden = true;
    this.#specimens.hidden = this.#note.hidden = false;
    this.#note.textContent = explainClouds();
    this.#say('ok', outcome(original.jitter, worse.jitter));
  }

  /** @param {'working' | 'ok' | 'no_face' | 'failed'} state @param {string} text */
  #say(state, text) {
    this.#root.dataset.state = state;
    this.#status.textContent = text;
    this.#announcer.say(text);
  }
}

/** @param {Jitter} first @param {Jitter} second */
function outcome(first, second) {
  if (first.quality !== null && second.quality !== null) {
    return fill(words.how.result, { first: number(first.quality), second: number(second.quality) });
  }
  return fill(words.how.resultRaw, { first: number(first.raw, 3), second: number(second.raw, 3) });
}

/**
 * Returns a worse copy in which the face is still found, or null.
 * @param {Engine} engine @param {Specimen} original @param {AbortSignal} signal
 */
async function worsened(engine, { photo, report }, signal) {
  for (const eyeDistance of EYE_DISTANCES) {
    const worse = await examine(engine, await worsen(photo, report, eyeDistance), signal);
    if (worse) return worse;
  }
  return null;
}

/** @param {Specimen} specimen @param {string} title @param {HTMLElement} cloud */
function makeFigure(specimen, title, cloud) {
  const figure = make('figure', 'specimen');
  Object.assign(figure.dataset, { raw: specimen.jitter.raw, quality: specimen.jitter.quality ?? '' });
  const image = make('img', 'slot-image');
  image.src = URL.createObjectURL(specimen.photo);
  image.alt = '';
  image.decoding = 'async';
  const caption = make('figcaption', '', title);
  figure.append(caption, image, makeScore(specimen), cloud);
  return figure;
}

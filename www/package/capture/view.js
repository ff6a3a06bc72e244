import { Announcer } from './announcer.js';
import { CameraPicker } from './camera-picker.js';
import { html, svg } from './dom.js';
import { Intro } from './intro.js';
import { ENGLISH } from './language.js';
import { tableIn } from './measures-table.js';
import { Meter } from './meter.js';
import { Outline } from './outline.js';
import { ShownExplanation } from './shown-explanation.js';
import { ShownPicture } from './shown-picture.js';
import { styleSheets } from './style.js';

/** @import { Camera } from './camera-names.js' */
/** @import { Language } from './language.js' */
/** @import { State } from './machine.js' */
/** @import { SerfiqError } from '../errors.js' */
/** @import { ElementProperties } from './properties.js' */
/** @import { Instruction, Picture, Progress, StandardMeasures, WatchedFrame } from '../types.js' */

/**
 * What to draw.
 * @typedef {object} Scene
 * @property {State} name
 * @property {string | null} errorCode in state `error`
 * @property {SerfiqError['reason']} errorReason in state `error`
 * @property {Instruction | null} instruction
 * @property {boolean} mirrored whether the camera's picture is a mirror
 * @property {ElementProperties['meter']} meter
 * @property {boolean} shutter whether there is a shutter button
 * @property {boolean} canTake whether the shutter can be pressed
 * @property {readonly Camera[]} cameras to choose from
 * @property {string} deviceId of the camera in use
 * @property {boolean} upload whether a photo may be chosen instead
 * @property {boolean} disabled whether all buttons are disabled
 */
/** @typedef {'start' | 'stop' | 'shutter' | 'use' | 'upload'} Action what a button asks for */

/** States in which the video is displayed, if only behind a message: some browsers give no frames of a hidden video. */
const SHOWS_CAMERA = new Set(['loading', 'running', 'frozen']);
/** States with nothing but a message. */
const RESTS = new Set(['idle', 'error']);
/** States that do not last, so that no button in them is worth the focus. */
const PASSES = new Set(['asking', 'loading', 'judging']);
/** Errors of a photo. The camera was not tried before, so the button does not say "again". @type {Set<string | null>} */
const OF_A_PHOTO = new Set(['photo-refused', 'photo-unreadable']);
/** States in which the picture taken is displayed. */
const SHOWS_PICTURE = new Set(['review', 'captured']);
/** A picture narrower than this leaves room above the oval for the hint. */
const TALL = 0.62;

/** How long a notice of a change is shown, in milliseconds. */
const NOTICE_MS = 8000;

/** How long a score is shown if no newer one follows, in milliseconds; an old score does not describe the current picture. */
const SCORE_LASTS_MS = 2000;

/** Arrow directions, for instructions where an arrow helps. @type {Partial<Record<Instruction, 'left' | 'right' | 'up' | 'down'>>} */
const ARROWS = {
  move_left: 'left',
  move_right: 'right',
  move_up: 'up',
  move_down: 'down',
  turn_left: 'left',
  turn_right: 'right',
  look_up: 'up',
  look_down: 'down',
};

/** @typedef {'' | 'restarting' | 'on_cpu' | 'slow' | 'not_shown'} Notice */

/** What the user sees and hears. Knows the texts, but not the camera or engine; `machine.js` keeps the state. */
export class View {
  video = html('video', { part: 'video', playsinline: '', muted: '' });
  #root;
  #outline = new Outline();
  #explanation = new ShownExplanation();
  #picture = new ShownPicture(this.#explanation.veil);
  #arrow = svg('svg', { class: 'arrow', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path'));
  #hintText = html('span');
  #hint = html('p', { class: 'hint', part: 'hint' }, this.#arrow, this.#hintText);
  #notice = html('p', { class: 'notice', hidden: '' });
  /** @type {ReturnType<typeof setTimeout> | 0} */
  #noticeEnds = 0;
  #title = html('h2', { class: 'title', part: 'title' });
  #text = html('p', { class: 'text', part: 'text' });
  #loaded = html('span');
  #progress = html('progress', { max: '1' });
  #loading = html('div', { class: 'loading' }, this.#progress, this.#loaded);
  #start = button('start', 'primary');
  #upload = button('upload');
  #advice = new Intro();
  #intro = html('slot', { name: 'idle' }, this.#advice.example, this.#title, this.#text, this.#advice.tips);
  #promise = html('p', { class: 'text' });
  #privacy = html('slot', { name: 'privacy' }, this.#promise);
  #message = html('div', { class: 'message', part: 'message' }, this.#intro, this.#privacy, this.#loading, this.#start, this.#upload);
  /** Shaped like the camera's picture, whatever the space available, so that the user sees exactly what is judged. */
  #camera = html('div', { class: 'camera' }, this.video, this.#outline.element, this.#picture.element, this.#explanation.veil);
  #top = html('div', { class: 'top' }, this.#hint, this.#notice);
  #stage = html('div', { class: 'stage', part: 'stage' }, this.#camera, this.#message);
  #meter = new Meter();
  #captured = html('slot', { name: 'captured' });
  #closer = html('button', { type: 'button', part: 'button' });
  #retake = button('start');
  #use = button('use', 'primary');
  #shutterText = html('span');
  #shutter = button('shutter', 'primary shutter', shutterIcon(), this.#shutterText);
  #picker;
  #stop = button('stop');
  #bar = html(
    'div',
    { class: 'bar', part: 'status' },
    this.#meter.element,
    this.#captured,
    html('div', { class: 'buttons' }, this.#closer, this.#stop, this.#retake, this.#use, this.#shutter),
  );
  #explained = html('slot', { name: 'explanation', hidden: '' }, this.#explanation.element);
  #measuresTitle = html('summary');
  #measures = html('details', { part: 'measures' }, this.#measuresTitle);
  #measured = html('slot', { name: 'measures', hidden: '' }, this.#measures);
  /** The measures on display. @type {StandardMeasures | null} */
  #standard = null;
  #live = html('p', { class: 'unseen', 'aria-live': 'polite' });
  #below = [this.#explained, this.#measured, html('slot', { name: 'footer' })];
  #frame = html('div', { class: 'frame' }, this.#top, this.#stage, this.#bar, ...this.#below, this.#live);
  #announcer = new Announcer(this.#live);
  #language = ENGLISH;
  #scoredAt = -Infinity;
  /** Whether the person started the camera here, so that it may scroll into view. */
  #wanted = false;
  /** What had the focus and disappeared: it takes the focus if it appears again first, otherwise the next button does. @type {Element | null} */
  #owesFocus = null;

  /** @param {ShadowRoot} root @param {(action: Action) => void} onAction @param {(deviceId: string) => void} onCamera the person chose a camera */
  constructor(root, onAction, onCamera) {
    this.#root = root;
    this.#picker = new CameraPicker(onCamera);
    this.#stop.before(this.#picker.element);
    root.adoptedStyleSheets = styleSheets();
    root.append(this.#frame);
    this.video.muted = true;
    this.video.addEventListener('resize', () => this.#fit());
    for (const one of this.#buttons) {
      if (one.dataset.action) one.addEventListener('click', () => onAction(/** @type {Action} */ (one.dataset.action)));
    }
    for (const one of [this.#start, this.#retake]) {
      one.addEventListener('click', () => {
        this.#wanted = true;
      });
    }
    for (const one of [this.#closer, this.#picture.element]) one.addEventListener('click', () => this.#lookCloser(!this.#picture.isClose));
    this.#followSize();
    this.speak(ENGLISH);
  }

  /** Every button, the most important first. */
  get #buttons() {
    return [this.#use, this.#shutter, this.#start, this.#retake, this.#stop, this.#closer, this.#upload];
  }

  /** The button that a person needs first, if there is one. */
  get mainButton() {
    return this.#buttons.find(isVisible);
  }

  /** The form's message when a required picture is missing. */
  get missing() {
    return this.#language.words.required;
  }

  /** Sets the language; `draw` shows its texts. @param {Language} language */
  speak(language) {
    this.#language = language;
    const { words } = language;
    this.#frame.lang = language.tag;
    this.#frame.dir = words.direction;
    this.#shutterText.textContent = words.shutter;
    this.#use.textContent = words.use;
    this.#stop.textContent = words.stop;
    this.#upload.textContent = words.upload;
    this.#promise.textContent = words.privacy;
    this.#promise.hidden = words.privacy === '';
    this.video.setAttribute('aria-label', words.preview);
    this.#picture.element.setAttribute('aria-label', words.picture);
    this.#advice.speak(words);
    this.#lookCloser(this.#picture.isClose);
    this.#meter.clear(language);
    this.#explanation.speak(language);
    this.#drawMeasures();
  }

  /** @param {Scene} scene */
  draw({ name, errorCode, errorReason, instruction, mirrored, meter, shutter, canTake, cameras, deviceId, upload, disabled }) {
    const { words } = this.#language;
    const focused = this.#root.activeElement;
    const { title, text } = this.#wordsOf({ name, errorCode, errorReason });
    const running = name === 'running';
    const pictured = SHOWS_PICTURE.has(name);
    this.#title.textContent = title;
    this.#text.textContent = text;
    this.#start.textContent = name === 'error' && !OF_A_PHOTO.has(errorCode) ? words.retry : words.start;
    this.#start.hidden = name !== 'idle' && name !== 'error';
    // The page's content replaces the introduction, not an error: an unfilled slot shows our own content.
    this.#intro.name = name === 'idle' ? 'idle' : 'none';
    this.#privacy.hidden = name !== 'idle';
    this.#message.hidden = running || pictured;
    this.#message.classList.toggle('whole', RESTS.has(name));
    this.#loading.hidden = name !== 'loading' && name !== 'judging';
    this.#upload.hidden = !upload;
    this.video.hidden = !SHOWS_CAMERA.has(name);
    this.#camera.classList.toggle('mirrored', mirrored);
    this.#outline.element.toggleAttribute('hidden', !running);
    this.#picture.element.hidden = !pictured;
    this.#captured.hidden = !pictured;
    this.#explained.hidden = !pictured || !this.#explanation.isThere;
    this.#explanation.mirror(mirrored);
    if (!pictured) this.#explanation.close();
    this.#measured.hidden = !pictured || this.#standard === null;
    this.#retake.hidden = !pictured;
    this.#retake.textContent = name === 'review' ? words.again : words.retake;
    this.#retake.classList.toggle('primary', name === 'captured');
    this.#use.hidden = name !== 'review';
    this.#closer.hidden = name !== 'review' || !this.#picture.canBeCloser;
    this.#frame.classList.toggle('pictured', pictured);
    this.#message.classList.toggle('intro', name === 'idle');
    this.#advice.example.toggleAttribute('hidden', name !== 'idle');
    this.#advice.tips.hidden = name !== 'idle';
    this.#meter.display(meter);
    if (name === 'idle') this.#wanted = false;
    this.#shutter.hidden = !running || !shutter;
    // Not `disabled`: the shutter would lose keyboard focus at every bad frame.
    this.#shutter.setAttribute('aria-disabled', String(!canTake));
    this.#picker.show(running || name === 'frozen', cameras, deviceId, this.#language);
    this.#picker.element.disabled = disabled;
    this.#stop.hidden = RESTS.has(name) || pictured;
    // The bar keeps its space, so that the page does not move when the camera starts.
    this.#bar.classList.toggle('away', RESTS.has(name));
    for (const one of this.#buttons) one.disabled = disabled;
    if (!running) {
      this.#outline.show(false, 0);
      if (!pictured) this.#meter.clear(this.#language);
    }
    this.#drawInstruction(instruction, mirrored);
    if (name === 'review') this.#drawQuestion();
    this.#comeIntoView();
    this.#passFocusOn(focused, name);
  }

  /** Draws what changes with every frame. @param {WatchedFrame} frame @param {number} time in milliseconds */
  showFrame({ instruction, capture, faces }, time) {
    const quality = faces[0]?.quality;
    if (typeof quality === 'number') {
      this.#scoredAt = time;
      this.#meter.show(quality, time, this.#language);
    } else if (faces.length === 0 || time - this.#scoredAt > SCORE_LASTS_MS) {
      this.#meter.clear(this.#language);
    }
    this.#outline.show(instruction === 'hold_still', capture.state === 'waiting' ? capture.progress : 0);
  }

  /** Clears what was shown for the last frame. */
  clearScore() {
    this.#meter.clear(this.#language);
    this.#outline.show(false, 0);
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.mainButton?.focus(options);
  }

  /** @param {Pick<Scene, 'name' | 'errorCode' | 'errorReason'>} scene */
  announceState(scene) {
    const { title, text } = this.#wordsOf(scene);
    this.#announcer.say(text ? `${title}. ${text}` : title);
  }

  /** @param {Instruction} instruction */
  announceHint(instruction) {
    this.#announcer.say(this.hintOf(instruction));
  }

  /** Returns the text of an instruction. @param {Instruction} instruction */
  hintOf(instruction) {
    return this.#language.words.hints[instruction];
  }

  /** Returns title and text of an error. @param {string} code @param {SerfiqError['reason']} reason */
  errorOf(code, reason) {
    return this.#language.errorOf(code, reason);
  }

  /** Shows a notice; an empty key removes it. @param {Notice} key */
  notice(key) {
    const text = key && this.#language.words.notices[key];
    clearTimeout(this.#noticeEnds);
    this.#notice.textContent = text;
    this.#notice.hidden = !text;
    if (!text) return;
    this.#announcer.say(text);
    // A notice of a past event need not stay on screen.
    if (key === 'on_cpu') this.#noticeEnds = setTimeout(() => this.notice(''), NOTICE_MS);
  }

  /** Shows the bytes of the models, which are most of the download; otherwise only activity. @param {Progress} progress */
  showProgress({ what, loaded, total }) {
    if (what === 'models' && total) {
      this.#progress.max = total;
      this.#progress.value = loaded;
      const megabytes = (/** @type {number} */ bytes) => this.#language.number(bytes / 1e6);
      this.#loaded.textContent = this.#language.fill(this.#language.words.progress, { loaded: megabytes(loaded), total: megabytes(total) });
    } else {
      this.#progress.removeAttribute('value');
      this.#loaded.textContent = '';
    }
  }

  /** Shows a picture that was taken, and its score. @param {Picture} picture */
  async showPicture(picture) {
    const quality = picture.report.faces[0]?.quality;
    this.#meter.clear(this.#language);
    if (typeof quality === 'number') this.#meter.show(quality, performance.now(), this.#language);
    this.#explanation.show(picture.report);
    this.#standard = picture.report.standard_measures ?? null;
    this.#measures.open = false;
    this.#drawMeasures();
    if (!(await this.#picture.show(picture))) this.notice('not_shown');
  }

  #drawMeasures() {
    const { words } = this.#language;
    this.#measuresTitle.textContent = words.measures.summary;
    this.#measures.replaceChildren(this.#measuresTitle, ...(this.#standard ? [tableIn(this.#language, this.#standard)] : []));
  }

  /** Removes the picture. */
  clearPicture() {
    this.#explanation.clear();
    this.#standard = null;
    this.#picture.clear();
    this.notice('');
  }

  /** Makes the element a lamp: everything but the face turns white. @param {boolean} lit */
  light(lit) {
    this.#frame.classList.toggle('light', lit);
  }

  /** Cancels waiting announcements. */
  hush() {
    this.#announcer.hush();
  }

  #fit() {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || !videoHeight) return;
    const ratio = videoWidth / videoHeight;
    this.#frame.style.setProperty('--_ratio', String(ratio));
    this.#frame.classList.toggle('tall', ratio < TALL);
    this.#frame.classList.toggle('wide', ratio >= TALL);
    this.#outline.fit(videoWidth, videoHeight);
    this.#comeIntoView();
  }

  /** Reserves the height that the bar needs, which changes when a phone is turned. */
  #followSize() {
    // Test environments have no layout.
    if (!globalThis.ResizeObserver) return;
    // Not the frame: its height follows from the bar's, so the browser would report a loop to the page.
    new ResizeObserver(() => {
      this.#frame.style.setProperty('--_measured', `${this.#bar.offsetHeight}px`);
      this.#comeIntoView();
    }).observe(this.#bar);
  }

  /** Scrolls as little as possible until everything is visible, if the person started the camera here. */
  #comeIntoView() {
    if (this.#wanted && !this.#bar.classList.contains('away')) this.#frame.scrollIntoView?.({ block: 'nearest' });
  }

  /** @param {boolean} close */
  #lookCloser(close) {
    this.#picture.look(close);
    this.#closer.textContent = this.#picture.isClose ? this.#language.words.whole : this.#language.words.closer;
  }

  /** @param {Pick<Scene, 'name' | 'errorCode' | 'errorReason'>} scene */
  #wordsOf({ name, errorCode, errorReason }) {
    const { words } = this.#language;
    return name === 'error' ? this.errorOf(errorCode ?? 'other', errorReason) : words.states[name];
  }

  /** @param {Instruction | null} instruction @param {boolean} mirrored */
  #drawInstruction(instruction, mirrored) {
    this.#hint.hidden = instruction === null;
    if (instruction === null) return;
    this.#hintText.textContent = this.hintOf(instruction);
    this.#hint.dataset.instruction = instruction;
    const [icon, way] = instruction === 'hold_still' ? [CHECK, 'still'] : [ARROW, wayOf(instruction, mirrored)];
    this.#arrow.setAttribute('class', `arrow ${way}`);
    this.#arrow.toggleAttribute('hidden', way === '');
    this.#arrow.firstElementChild?.setAttribute('d', icon);
  }

  /** Asks what to do with the picture, in the place of an instruction. */
  #drawQuestion() {
    this.#hint.hidden = false;
    this.#hintText.textContent = this.#language.words.states.review.title;
    delete this.#hint.dataset.instruction;
    this.#arrow.toggleAttribute('hidden', true);
  }

  /** @param {Element | null} before the focused element before the buttons changed @param {State} name */
  #passFocusOn(before, name) {
    if (before?.matches('button, select') && !isVisible(before)) this.#owesFocus = before;
    else if (before) this.#owesFocus = null;
    if (!this.#owesFocus || PASSES.has(name)) return;
    const next = isVisible(this.#owesFocus) ? this.#owesFocus : this.mainButton;
    if (!next) return;
    /** @type {HTMLElement} */ (next).focus();
    this.#owesFocus = null;
  }
}

/** @param {Element} element */
function isVisible(element) {
  // Test environments have no layout, so they lack this method.
  return element.checkVisibility?.() ?? element.closest('[hidden]') === null;
}

const ARROW = 'M4 12h15M13 6l6 6-6 6';
const CHECK = 'M5 12.5l5 5 9-10';

/**
 * Left and right are from the person's point of view; they match the screen only if the preview is mirrored.
 * @param {Instruction} instruction
 * @param {boolean} mirrored
 */
function wayOf(instruction, mirrored) {
  const way = ARROWS[instruction] ?? '';
  if (mirrored) return way;
  return way === 'left' ? 'right' : way === 'right' ? 'left' : way;
}

/** @param {Action} action @param {string} [kind] @param {Node[]} content */
function button(action, kind = '', ...content) {
  return html('button', { type: 'button', class: kind, part: action === 'shutter' ? 'button shutter' : 'button', 'data-action': action }, ...content);
}

function shutterIcon() {
  return svg('svg', { class: 'lens', viewBox: '0 0 32 32', 'aria-hidden': 'true' }, svg('circle', { cx: '16', cy: '16', r: '14' }), svg('circle', { cx: '16', cy: '16', r: '9.5' }));
}

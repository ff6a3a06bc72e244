import { Announcer } from './announcer.js';
import { html, svg } from './dom.js';
import { ENGLISH } from './language.js';
import { Meter } from './meter.js';
import { Outline } from './outline.js';
import { styleSheets } from './style.js';

/** @import { Language } from './language.js' */
/** @import { State } from './machine.js' */
/** @import { SerfiqError } from '../errors.js' */
/** @import { Instruction, Picture, Progress, WatchedFrame } from '../types.js' */

/**
 * What to draw.
 * @typedef {object} Scene
 * @property {State} name
 * @property {string | null} errorCode in state `error`
 * @property {SerfiqError['reason']} errorReason in state `error`
 * @property {Instruction | null} instruction
 * @property {boolean} mirrored whether the camera's picture is a mirror
 * @property {boolean} shutter whether there is a shutter button
 * @property {boolean} canTake whether the shutter can be pressed
 * @property {boolean} otherCamera whether there is another camera to switch to
 * @property {boolean} disabled whether all buttons are disabled
 */
/** @typedef {'start' | 'stop' | 'shutter' | 'switchCamera'} Action what a button asks for */

/** States in which the video is displayed, if only behind a message: some browsers give no frames of a hidden video. */
const SHOWS_CAMERA = new Set(['loading', 'running', 'frozen']);
/** States with nothing but a message. */
const RESTS = new Set(['idle', 'error']);

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

/** @typedef {'' | 'restarting' | 'on_cpu' | 'slow'} Notice */

/** What the user sees and hears. Knows the texts, but not the camera or engine; `machine.js` keeps the state. */
export class View {
  video = html('video', { part: 'video', playsinline: '', muted: '' });
  #root;
  #outline = new Outline();
  #picture = html('canvas', { part: 'picture', role: 'img' });
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
  #intro = html('slot', { name: 'idle' }, mark(), this.#title, this.#text);
  #promise = html('p', { class: 'text' });
  #privacy = html('slot', { name: 'privacy' }, this.#promise);
  #message = html('div', { class: 'message', part: 'message' }, this.#intro, this.#privacy, this.#loading, this.#start);
  /** Shaped like the camera's picture, whatever the space available, so that the user sees exactly what is judged. */
  #camera = html('div', { class: 'camera' }, this.video, this.#outline.element, this.#picture);
  #stage = html(
    'div',
    { class: 'stage', part: 'stage' },
    this.#camera,
    html('div', { class: 'top' }, this.#hint, this.#notice),
    this.#message,
  );
  #meter = new Meter();
  #captured = html('slot', { name: 'captured' });
  #retake = button('start', 'primary');
  #shutter = button('shutter', 'primary');
  #switchCamera = button('switchCamera');
  #stop = button('stop');
  #bar = html(
    'div',
    { class: 'bar', part: 'status' },
    this.#meter.element,
    this.#captured,
    html('div', { class: 'buttons' }, this.#switchCamera, this.#stop, this.#shutter, this.#retake),
  );
  #live = html('p', { class: 'unseen', 'aria-live': 'polite' });
  #frame = html('div', { class: 'frame' }, this.#stage, this.#bar, html('slot', { name: 'footer' }), this.#live);
  #announcer = new Announcer(this.#live);
  #language = ENGLISH;
  #scoredAt = -Infinity;
  /** Counts the pictures shown and cleared: a picture decoded late must not replace a newer one. */
  #pictures = 0;
  /** Whether the focused button has disappeared; the next button to appear takes the focus. */
  #owesFocus = false;

  /** @param {ShadowRoot} root @param {(action: Action) => void} onAction */
  constructor(root, onAction) {
    this.#root = root;
    root.adoptedStyleSheets = styleSheets();
    root.append(this.#frame);
    this.video.muted = true;
    this.video.addEventListener('resize', () => this.#fit());
    for (const one of this.#buttons) {
      one.addEventListener('click', () => onAction(/** @type {Action} */ (one.dataset.action)));
    }
    this.speak(ENGLISH);
  }

  /** Every button, the most important first. */
  get #buttons() {
    return [this.#retake, this.#shutter, this.#start, this.#stop, this.#switchCamera];
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
    this.#shutter.textContent = words.shutter;
    this.#stop.textContent = words.stop;
    this.#switchCamera.textContent = words.switchCamera;
    this.#retake.textContent = words.retake;
    this.#promise.textContent = words.privacy;
    this.#promise.hidden = words.privacy === '';
    this.video.setAttribute('aria-label', words.preview);
    this.#picture.setAttribute('aria-label', words.picture);
    this.#meter.clear(language);
  }

  /** @param {Scene} scene */
  draw({ name, errorCode, errorReason, instruction, mirrored, shutter, canTake, otherCamera, disabled }) {
    const { words } = this.#language;
    const focused = this.#root.activeElement;
    const { title, text } = this.#wordsOf({ name, errorCode, errorReason });
    const running = name === 'running';
    this.#title.textContent = title;
    this.#text.textContent = text;
    this.#start.textContent = name === 'error' ? words.retry : words.start;
    this.#start.hidden = name !== 'idle' && name !== 'error';
    // The page's content replaces the introduction, not an error: an unfilled slot shows our own content.
    this.#intro.name = name === 'idle' ? 'idle' : 'none';
    this.#privacy.hidden = name !== 'idle';
    this.#message.hidden = running || name === 'captured';
    this.#message.classList.toggle('whole', RESTS.has(name));
    this.#loading.hidden = name !== 'loading';
    this.video.hidden = !SHOWS_CAMERA.has(name);
    this.#camera.classList.toggle('mirrored', mirrored);
    this.#outline.element.toggleAttribute('hidden', !running);
    this.#picture.hidden = name !== 'captured';
    this.#captured.hidden = name !== 'captured';
    this.#retake.hidden = name !== 'captured';
    this.#shutter.hidden = !running || !shutter;
    // Not `disabled`: the shutter would lose keyboard focus at every bad frame.
    this.#shutter.setAttribute('aria-disabled', String(!canTake));
    this.#switchCamera.hidden = !(running || name === 'frozen') || !otherCamera;
    this.#stop.hidden = RESTS.has(name) || name === 'captured';
    // The bar keeps its space, so that the page does not move when the camera starts.
    this.#bar.classList.toggle('away', RESTS.has(name));
    for (const one of this.#buttons) one.disabled = disabled;
    if (!running) {
      this.#outline.show(false, 0);
      if (name !== 'captured') this.#meter.clear(this.#language);
    }
    this.#drawInstruction(instruction, mirrored);
    this.#passFocusOn(focused, name);
  }

  /** @param {boolean} shown whether the recogniser gives qualities */
  showMeter(shown) {
    this.#meter.element.hidden = !shown;
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

  /** Shows the captured picture, at the camera's resolution, and its score. @param {Picture} picture */
  async showPicture({ blob, report }) {
    const turn = ++this.#pictures;
    const quality = report.faces[0]?.quality;
    this.#meter.clear(this.#language);
    if (typeof quality === 'number') this.#meter.show(quality, performance.now(), this.#language);
    const bitmap = await createImageBitmap(blob);
    if (turn === this.#pictures) {
      this.#picture.width = bitmap.width;
      this.#picture.height = bitmap.height;
      // Drawn, not linked: the page's policy on images need not allow blobs.
      this.#picture.getContext('2d')?.drawImage(bitmap, 0, 0);
    }
    bitmap.close();
  }

  /** Removes the picture. */
  clearPicture() {
    this.#pictures += 1;
    this.#picture.width = this.#picture.height = 0;
  }

  /** Cancels waiting announcements. */
  hush() {
    this.#announcer.hush();
  }

  #fit() {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || !videoHeight) return;
    this.#camera.style.setProperty('--_ratio', String(videoWidth / videoHeight));
    this.#outline.fit(videoWidth, videoHeight);
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

  /** @param {Element | null} before the focused element before the buttons changed @param {State} name */
  #passFocusOn(before, name) {
    if (before instanceof HTMLButtonElement && !isVisible(before)) this.#owesFocus = true;
    else if (before) this.#owesFocus = false;
    const next = this.mainButton;
    // In these states, no button stays visible for long.
    if (!this.#owesFocus || !next || name === 'asking' || name === 'loading') return;
    next.focus();
    this.#owesFocus = false;
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

/** @param {Action} action @param {string} [kind] */
function button(action, kind = '') {
  return html('button', { type: 'button', class: kind, part: action === 'shutter' ? 'button shutter' : 'button', 'data-action': action });
}

/** Draws a head within the corners of a picture. */
function mark() {
  return svg(
    'svg',
    { class: 'mark', viewBox: '0 0 64 64', 'aria-hidden': 'true' },
    svg('path', { d: 'M6 20v-6a8 8 0 0 1 8-8h6M44 6h6a8 8 0 0 1 8 8v6M58 44v6a8 8 0 0 1-8 8h-6M20 58h-6a8 8 0 0 1-8-8v-6' }),
    svg('circle', { cx: '32', cy: '27', r: '8' }),
    svg('path', { d: 'M18 48a14 12 0 0 1 28 0' }),
  );
}

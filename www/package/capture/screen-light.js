/** @import { MachineState } from './machine.js' */

/** How long it must be too dark, without interruption: a hand in front of the lens or a closing door is no reason for light. */
const DARK_MS = 1000;
/** States in which the camera is on, if only paused. */
const ON = new Set(['running', 'frozen', 'hidden']);

/**
 * Decides when the screen lights the face. Once on, the light stays until the camera ends, because the face would be dark again without it.
 * If the light makes it too bright, it goes off and stays off until the next start: it must never blink.
 */
export class ScreenLight {
  #onChange;
  #lit = false;
  #tooMuch = false;
  /** @type {ReturnType<typeof setTimeout> | 0} */
  #timer = 0;

  /** @param {(lit: boolean) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** @param {MachineState} state @param {boolean} facesUser whether the camera looks where the screen shines */
  follow({ name, instruction }, facesUser) {
    if (!ON.has(name) || !facesUser) {
      this.#tooMuch = false;
      this.#set(false);
    } else if (this.#lit && instruction === 'too_bright') {
      this.#tooMuch = true;
      this.#set(false);
    }
    const wanted = instruction === 'too_dark' && name === 'running' && facesUser && !this.#lit && !this.#tooMuch;
    if (!wanted) this.#wait(0);
    else if (this.#timer === 0) this.#wait(setTimeout(() => this.#set(true), DARK_MS));
  }

  /** @param {boolean} lit */
  #set(lit) {
    this.#wait(0);
    if (lit === this.#lit) return;
    this.#lit = lit;
    this.#onChange(lit);
  }

  /** @param {ReturnType<typeof setTimeout> | 0} timer */
  #wait(timer) {
    clearTimeout(this.#timer);
    this.#timer = timer;
  }
}

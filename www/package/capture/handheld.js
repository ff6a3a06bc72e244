import { vibrate, vibrationOf } from './haptics.js';
import { ScreenLight } from './screen-light.js';
import { WakeLock } from './wake-lock.js';

/** @import { MachineState } from './machine.js' */

/** States in which the screen stays on. */
const IN_USE = new Set(['loading', 'running', 'frozen']);

/** What a phone in the hand can also do: keep its screen on, vibrate, and light the face. Any of these may be missing. */
export class Handheld {
  #wakeLock = new WakeLock();
  #light;

  /** @param {(lit: boolean) => void} onLight the screen should, or should no longer, light the face */
  constructor(onLight) {
    this.#light = new ScreenLight(onLight);
  }

  /** @param {MachineState} before @param {MachineState} state @param {boolean} facesUser whether the camera faces the user */
  follow(before, state, facesUser) {
    if (state.name !== before.name) this.#wakeLock.hold(IN_USE.has(state.name));
    vibrate(vibrationOf(before, state));
    this.#light.follow(state, facesUser);
  }
}

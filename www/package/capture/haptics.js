/** @import { MachineState } from './machine.js' */

/** A picture was taken: as long as a key press of a phone's keyboard. */
const TAKEN_MS = 40;
/** The instruction is now to hold still: barely felt, so that it does not move the phone. */
const HOLD_STILL_MS = 12;

/** States in which the camera may take a picture. */
const WATCHING = new Set(['running', 'frozen']);
/** States that a session ends in without one. */
const WITHOUT_PICTURE = new Set(['idle', 'error']);

/** Returns how long the phone should vibrate, in milliseconds; 0 for not at all. @param {MachineState} before @param {MachineState} state */
export function vibrationOf(before, state) {
  const hasEnded = WATCHING.has(before.name) && before.session !== 0 && state.session === 0;
  if (hasEnded && !WITHOUT_PICTURE.has(state.name)) return TAKEN_MS;
  return state.instruction === 'hold_still' && before.instruction !== 'hold_still' ? HOLD_STILL_MS : 0;
}

/** Vibrates where a device can and the person has not asked for less motion. @param {number} ms */
export function vibrate(ms) {
  if (ms === 0 || globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches) return;
  // Before the first touch, Chromium refuses with an error in the console.
  if (navigator.userActivation?.hasBeenActive === false) return;
  navigator.vibrate?.(ms);
}

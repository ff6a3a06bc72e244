import { namesOf } from './camera-names.js';
import { html } from './dom.js';

/** @import { Camera } from './camera-names.js' */
/** @import { Language } from './language.js' */

/** A list of the cameras, by name, where there is more than one. */
export class CameraPicker {
  element = html('select', { class: 'picker', part: 'camera-picker' });
  /** What the list shows now. It is rewritten only when it changes, because a rewritten list closes under the person's finger. */
  #shown = '';

  /** @param {(deviceId: string) => void} onChoose */
  constructor(onChoose) {
    this.element.addEventListener('change', () => onChoose(this.element.value));
  }

  /**
   * @param {boolean} usable whether a camera may be chosen now
   * @param {readonly Camera[]} all
   * @param {string} deviceId of the camera in use
   * @param {Language} language
   */
  show(usable, all, deviceId, language) {
    // Without permission, cameras have no identifiers.
    const cameras = all.filter((camera) => camera.deviceId !== '');
    this.element.hidden = !usable || cameras.length < 2;
    this.element.setAttribute('aria-label', language.words.cameras.label);
    const names = namesOf(cameras, language);
    const shown = JSON.stringify([names, cameras.map((camera) => camera.deviceId)]);
    if (shown !== this.#shown) {
      this.element.replaceChildren(...cameras.map((camera, i) => html('option', { value: camera.deviceId }, names[i])));
      this.#shown = shown;
    }
    this.element.value = deviceId;
  }
}

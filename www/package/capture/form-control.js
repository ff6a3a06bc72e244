/** @import { Picture } from '../types.js' */
/** @import { State } from './machine.js' */

/**
 * What the element tells its form.
 * @typedef {object} FormState
 * @property {Picture | null} picture the value
 * @property {boolean} required
 * @property {string} missing the message shown when a required picture is missing
 * @property {HTMLElement | undefined} anchor where the message is shown
 */

/**
 * The element's interface to forms, labels and style sheets. It also works where `ElementInternals`, or parts of it, are missing, as in
 * test environments.
 */
export class FormControl {
  #internals;
  /** @type {Picture | null} */
  #picture = null;
  /** The picture in a form's data. @type {File | null} */
  value = null;
  /** The state that style sheets see; none yet. */
  #state = '';
  /** The message of `setCustomValidity`. */
  #custom = '';
  /** @type {FormState} */
  #last = { picture: null, required: false, missing: '', anchor: undefined };

  /** @param {HTMLElement} element */
  constructor(element) {
    /** @type {Partial<ElementInternals>} */
    this.#internals = element.attachInternals?.() ?? {};
    // A label then names the element as a whole.
    this.#internals.role = 'group';
  }

  get form() {
    return this.#internals.form ?? null;
  }

  get labels() {
    return this.#internals.labels ?? null;
  }

  get validity() {
    return this.#internals.validity ?? null;
  }

  get validationMessage() {
    return this.#internals.validationMessage ?? '';
  }

  get willValidate() {
    return this.#internals.willValidate ?? false;
  }

  checkValidity() {
    return this.#internals.checkValidity?.() ?? true;
  }

  reportValidity() {
    return this.#internals.reportValidity?.() ?? true;
  }

  /** @param {string} message empty for none */
  setCustomValidity(message) {
    this.#custom = String(message);
    this.update(this.#last);
  }

  /** @param {FormState} state */
  update(state) {
    const { picture, required, missing, anchor } = (this.#last = state);
    if (picture !== this.#picture) {
      this.#picture = picture;
      this.value = picture && fileOf(picture);
      // No state to restore: the browser's history must not keep a picture of a person.
      this.#internals.setFormValue?.(this.value, null);
    }
    const valueMissing = required && !picture;
    const message = this.#custom || (valueMissing ? missing : '');
    this.#internals.setValidity?.(message ? { customError: this.#custom !== '', valueMissing } : {}, message, anchor);
  }

  /** Exposes the state to style sheets as `:state(...)`; frameworks do not expect an attribute they did not write. @param {State} state */
  showState(state) {
    this.#internals.states?.delete(this.#state);
    this.#internals.states?.add(state);
    this.#state = state;
  }

  /** Exposes as `:state(light)` that the screen lights the face. @param {boolean} lit */
  showLight(lit) {
    if (lit) this.#internals.states?.add('light');
    else this.#internals.states?.delete('light');
  }
}

/** @param {Picture} picture */
function fileOf({ blob }) {
  // A photo that the person chose has a name.
  if (blob instanceof File) return blob;
  return new File([blob], `picture.${blob.type.replace('image/', '').replace('jpeg', 'jpg')}`, { type: blob.type });
}

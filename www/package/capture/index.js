/** Defines `<serfiq-capture>`. Importing it where there are no custom elements, as on a server, does nothing. */
import { SerfiqCaptureElement } from './element.js';

if (globalThis.customElements && !customElements.get('serfiq-capture')) {
  customElements.define('serfiq-capture', SerfiqCaptureElement);
}

export { SerfiqCaptureElement };

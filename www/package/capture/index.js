/** Defines `<serfiq-capture>`. Importing it does nothing where custom elements are missing, as on a server. */
import { SerfiqCaptureElement } from './element.js';
import { measuresTable } from './measures-table.js';

if (globalThis.customElements && !customElements.get('serfiq-capture')) {
  customElements.define('serfiq-capture', SerfiqCaptureElement);
}

export { SerfiqCaptureElement, measuresTable };

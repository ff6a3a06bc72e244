/** Defines `<serfiq-capture>`. Importing it does nothing where custom elements are missing, as on a server. */
import { Announcer } from './announcer.js';
import { SerfiqCaptureElement } from './element.js';
import { measuresTable } from './measures-table.js';
import { EngineLoan } from './shared-engine.js';

if (globalThis.customElements && !customElements.get('serfiq-capture')) {
  customElements.define('serfiq-capture', SerfiqCaptureElement);
}

export { Announcer, EngineLoan, SerfiqCaptureElement, measuresTable };

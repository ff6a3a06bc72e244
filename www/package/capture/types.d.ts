/** What TypeScript cannot read from the modules: the element's name, and its events. */
import type { SerfiqCaptureElement, SerfiqCaptureEvents } from './element.js';

export * from './index.js';
export type { SerfiqCaptureEvents } from './element.js';
export type { OwnMessages } from './language.js';
export type { State } from './view.js';

declare global {
  interface HTMLElementTagNameMap {
    'serfiq-capture': SerfiqCaptureElement;
  }
  interface HTMLElementEventMap extends SerfiqCaptureEvents {}
}

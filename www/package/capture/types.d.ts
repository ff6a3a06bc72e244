/** Declares what TypeScript cannot infer from the modules: the element's name and its events. */
import type { SerfiqCaptureElement, SerfiqCaptureEvents } from './element.js';
import type { ElementProperties } from './properties.js';

export * from './index.js';
export type { SerfiqCaptureEvents } from './element.js';
export type { OwnMessages } from './language.js';
export type { State } from './machine.js';
export type { ElementProperties } from './properties.js';

/** The accessors are defined at run time from the table of properties, so TypeScript does not see them. */
declare module './element.js' {
  interface SerfiqCaptureElement extends ElementProperties {}
}

declare global {
  interface HTMLElementTagNameMap {
    'serfiq-capture': SerfiqCaptureElement;
  }
  interface HTMLElementEventMap extends SerfiqCaptureEvents {}
}

/** Makes jsdom global, as the environments of Jest and Vitest do. */

import { JSDOM, VirtualConsole } from 'jsdom';

/** Waits until a condition holds, for half a minute at most: the output then shows what is wrong. @param {() => boolean} holds */
export async function until(holds) {
  for (const end = Date.now() + 30_000; !holds() && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** What jsdom complains about. @type {string[]} */
export const complaints = [];
const virtualConsole = new VirtualConsole().on('jsdomError', ({ message }) => complaints.push(message));
export const { window } = new JSDOM('<!doctype html><html lang="de"><body><form></form></body></html>', { url: 'https://app.example/', virtualConsole });
// What the jsdom environments of Jest and Vitest make global.
const names = ['window', 'document', 'navigator', 'customElements', 'Node', 'Element', 'HTMLElement', 'HTMLButtonElement', 'HTMLVideoElement',
  'ShadowRoot', 'MutationObserver', 'CSSStyleSheet', 'Event', 'CustomEvent', 'EventTarget', 'AbortController', 'AbortSignal', 'File', 'Blob', 'FormData'];
for (const name of names) Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });

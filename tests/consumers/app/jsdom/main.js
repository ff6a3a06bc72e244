/** A component test as developers write it: the element in jsdom, which has neither layout nor cameras. Prints what it saw. */

import { complaints, until, window } from './environment.js';

const { SerfiqCaptureElement } = await import('serfiq/capture');
const { document } = window;
const form = document.querySelector('form');
const element = document.createElement('serfiq-capture');
Object.assign(element, { autoCapture: true, threshold: 60, name: 'selfie', required: true, messages: { stop: 'Ende' } });
const states = [];
element.addEventListener('serfiq-state', ({ detail }) => states.push(detail.state));
form.append(element);
const start = element.shadowRoot.querySelector('[data-action="start"]');
await until(() => start.textContent !== 'Start camera');
const words = start.textContent;
const error = await element.start().catch(({ code }) => code);
element.focus();
element.disabled = true;
element.disabled = false;
element.checkValidity();
element.stop();
element.remove();
await new Promise((resolve) => setTimeout(resolve, 0));
form.innerHTML = '<serfiq-capture autostart></serfiq-capture>';
await until(() => form.firstElementChild.state === 'error');
console.log(JSON.stringify({
  isElement: element instanceof SerfiqCaptureElement,
  html: element.outerHTML,
  words,
  error,
  states,
  parsed: form.firstElementChild.state,
  complaints,
}));
process.exit();

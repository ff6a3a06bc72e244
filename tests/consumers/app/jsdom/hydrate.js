/** A page that React renders on a server, and hydrates once the element is defined. Prints React's complaints, and what arrived. */

import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { window } from './environment.js';

/** @returns {import('react').ReactElement} */
const page = () =>
  createElement('serfiq-capture', { autoCapture: true, autostart: true, threshold: 20, timeLimit: 7, cameraFacing: 'environment', backend: 'cpu' });

const { document } = window;
const html = renderToString(page());
document.body.innerHTML = `<div id="root">${html}</div>`;
await import('serfiq/capture');
const { hydrateRoot } = await import('react-dom/client');
const complaints = [];
console.error = (...words) => complaints.push(words.join(' '));
hydrateRoot(document.getElementById('root'), page(), { onRecoverableError: ({ message }) => complaints.push(message) });
await new Promise((resolve) => setTimeout(resolve, 300));
const { autoCapture, timeLimit, cameraFacing, state } = document.querySelector('serfiq-capture');
console.log(JSON.stringify({ html, complaints, autoCapture, timeLimit, cameraFacing, state }));
process.exit();

/** A page that React renders on a server, and hydrates once the element is defined. Prints React's complaints, and what arrived. */

import { createElement, useEffect } from 'react';
import { renderToString } from 'react-dom/server';
import { until, window } from './environment.js';

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
let hydrated = false;
/** The page, which notes when it is hydrated. */
const Hydrated = () => {
  useEffect(() => void (hydrated = true));
  return page();
};
hydrateRoot(document.getElementById('root'), createElement(Hydrated), { onRecoverableError: ({ message }) => complaints.push(message) });
await until(() => hydrated && document.querySelector('serfiq-capture').state === 'error');
// Whatever React complains about afterwards.
await new Promise((resolve) => setTimeout(resolve, 300));
const { autoCapture, timeLimit, cameraFacing, state } = document.querySelector('serfiq-capture');
console.log(JSON.stringify({ html, complaints, autoCapture, timeLimit, cameraFacing, state }));
process.exit();

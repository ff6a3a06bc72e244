/** Runs in a frame: tells the page around it which error the element reports, or that it runs. */

import '/serfiq/capture/index.js';

const element = /** @type {any} */ (document.createElement('serfiq-capture'));
Object.assign(element, { backend: 'cpu', assetBase: '/scripted/good/' });
element.addEventListener('serfiq-error', (/** @type {CustomEvent} */ { detail }) => window.parent.postMessage(detail.code, '*'));
document.body.append(element);
element.start().then(
  () => window.parent.postMessage('running', '*'),
  () => {},
);

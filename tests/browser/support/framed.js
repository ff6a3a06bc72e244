/** Runs in a frame: tells the page around it which error the element reports, or that it runs. */

const tell = (/** @type {unknown} */ code) => window.parent.postMessage(code, '*');
document.addEventListener('serfiq-error', (event) => tell(/** @type {CustomEvent} */ (event).detail.code));
document.addEventListener('serfiq-frame', () => tell('running'), { once: true });
await import('/serfiq/capture/index.js');
const element = Object.assign(document.createElement('serfiq-capture'), { backend: 'cpu', assetBase: '/scripted/good/' });
document.body.append(element);
element.start().catch(() => {});

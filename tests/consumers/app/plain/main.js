import '/static/x/capture/index.js';

document.addEventListener('serfiq-capture', ({ detail }) => {
  const [face] = detail.report.faces;
  document.querySelector('output').textContent = JSON.stringify({ bytes: detail.blob.size, quality: face.quality });
});
document.addEventListener('serfiq-error', ({ detail }) => {
  document.querySelector('output').textContent = JSON.stringify({ error: detail });
});

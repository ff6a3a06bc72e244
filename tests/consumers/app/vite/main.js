import 'serfiq/capture';
import { bandOf } from 'serfiq';

const output = document.querySelector('output');
document.addEventListener('serfiq-capture', ({ detail }) => {
  const { quality } = detail.report.faces[0];
  output.textContent = JSON.stringify({ bytes: detail.blob.size, quality, band: bandOf(quality) });
});
document.addEventListener('serfiq-error', ({ detail }) => {
  output.textContent = JSON.stringify({ error: detail });
});

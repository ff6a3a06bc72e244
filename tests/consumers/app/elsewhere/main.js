import { createEngine } from '/serfiq/index.js';

const output = document.querySelector('output');
try {
  const assetBase = new URLSearchParams(location.search).get('assets');
  const engine = await createEngine({ backend: 'cpu', assetBase });
  const photo = await fetch('/photos/astronaut.png').then((response) => response.blob());
  const { faces } = await engine.score(photo);
  output.textContent = JSON.stringify({ quality: faces[0].quality });
} catch (error) {
  output.textContent = JSON.stringify({ error: String(error) });
}

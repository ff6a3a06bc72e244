/** A page with nothing but the engine: loads it, scores a photo, and reports the time since navigation. */
import { createEngine } from '/serfiq/index.js';

/** @type {{ milliseconds?: number, error?: string }} */
let answer;
try {
  const backend = /** @type {'cpu' | 'webgpu'} */ (new URLSearchParams(location.search).get('backend'));
  const photo = fetch('/bench/portraits/astronaut.png').then((response) => response.blob());
  const engine = await createEngine({ backend });
  const { faces } = await engine.score(await photo);
  answer = { milliseconds: performance.now() };
  if (typeof faces[0]?.raw !== 'number') answer = { error: 'no face was found' };
  if (engine.info.backend !== backend) answer = { error: `it ran on ${engine.info.backend}: ${engine.info.fallbackReason}` };
} catch (error) {
  answer = { error: String(error) };
}
Object.assign(window, { answer });

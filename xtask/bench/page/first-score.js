/** A page with nothing but the client: loads the engine, scores a photo, and says how long after the navigation that was. */
import { Serfiq } from '/client.js';

/** @type {{ milliseconds?: number, error?: string }} */
let answer;
try {
  const backend = /** @type {'cpu' | 'webgpu'} */ (new URLSearchParams(location.search).get('backend'));
  const photo = fetch('/bench/portraits/astronaut.png').then((response) => response.blob());
  const serfiq = await Serfiq.load({ backend });
  const { faces } = await serfiq.scorePhoto(await photo);
  answer = { milliseconds: performance.now() };
  if (typeof faces[0]?.raw !== 'number') answer = { error: 'no face was found' };
  if (serfiq.info.backend !== backend) answer = { error: `it ran on ${serfiq.info.backend}: ${serfiq.info.fallbackReason}` };
} catch (error) {
  answer = { error: String(error) };
}
Object.assign(window, { answer });

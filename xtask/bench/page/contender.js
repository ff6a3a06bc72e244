/** Shared by both workers: answers `load`, then times one job after the other; `count-JOB` counts what a job asks of the GPU instead. */

import { countedDuring } from './gpu-counts.js';

const asked = new URLSearchParams(location.search);
export const backend = asked.get('backend');
export const threads = Number(asked.get('threads'));

/** @param {string} path @returns {Promise<Uint8Array>} */
export async function bytesOf(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * @param {() => Promise<{ about: object, jobs: Record<string, () => Promise<ArrayLike<number>>> }>} load
 */
export function answerWith(load) {
  let loaded;
  self.addEventListener('message', async ({ data: job }) => {
    // Any other message is the contender's own.
    if (typeof job !== 'string') return;
    try {
      loaded ??= load();
      const { about, jobs } = await loaded;
      if (job === 'load') return self.postMessage(about);
      if (job.startsWith('count-')) return self.postMessage(await countedDuring(jobs[job.slice('count-'.length)]));
      const start = performance.now();
      const values = await jobs[job]();
      const milliseconds = performance.now() - start;
      self.postMessage({ milliseconds, values: Array.from(values) });
    } catch (error) {
      self.postMessage({ error: String(error) });
    }
  });
}

/** @import { Browser, Page } from 'playwright-core' */

/** A task of a page's main thread, in milliseconds: wall time and CPU time. @typedef {{ wall: number, cpu: number }} Task */

/**
 * Returns every task of the page's main thread while `action` runs, as recorded by the browser's tracing.
 * @param {Browser} browser
 * @param {Page} page
 * @param {() => Promise<void>} action
 * @returns {Promise<Task[]>}
 */
export async function tasksDuring(browser, page, action) {
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
  let recording;
  try {
    await action();
  } finally {
    recording = await browser.stopTracing();
  }
  /** @type {{ traceEvents: TraceEvent[] }} */
  const { traceEvents } = JSON.parse(recording.toString());
  const pages = new Set(traceEvents.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain').map(thread));
  return traceEvents
    // A task cut off by the start or end of the recording has no length.
    .filter(({ name, dur, tdur }) => name === 'RunTask' && dur !== undefined && tdur !== undefined)
    .filter((event) => pages.has(thread(event)))
    .map(({ dur = NaN, tdur = NaN }) => ({ wall: dur / 1000, cpu: tdur / 1000 }));
}

/**
 * Times in microseconds.
 * @typedef {{ name: string, pid: number, tid: number, dur?: number, tdur?: number, args?: { name?: string } }} TraceEvent
 */

/** @param {TraceEvent} event */
function thread({ pid, tid }) {
  return `${pid}/${tid}`;
}

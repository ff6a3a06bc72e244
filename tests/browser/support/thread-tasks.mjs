/** @import { Browser, Page } from 'playwright-core' */

/** A task of a page's own thread, in milliseconds: on the clock, and of computing. @typedef {{ wall: number, cpu: number }} Task */

/**
 * Every task of the page's own thread while `action` runs, as the browser's performance recorder sees it.
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
    // The recording may begin or end within a task, which then has no length.
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

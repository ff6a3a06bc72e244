/**
 * Measures how many threads pay off. Browsers hide the number of processors: some claim four where there are two, and there four threads
 * take twice as long as one. So all threads count at the same time, and their total is compared with what one reaches alone, before and
 * after.
 */

const WAITING = 0;
const COUNTING = 1;
const STOPPED = 2;
/** The shared numbers: the state, the numbers of threads that are ready and done, and their total count. */
const [STATE, ARRIVED, DONE, SUM] = [0, 1, 2, 3];

/** How long they count, in milliseconds. */
const COUNTING_MS = 30;
/** How long to wait for the other threads, in milliseconds. */
const PATIENCE_MS = 1000;
/** Enough counts for the browser to compile the loop. */
const WARM_UP = 1_000_000;
/** How far short of a whole processor a thread may fall when something else is running. */
const SLACK = 0.25;

/**
 * Returns how many threads can run at the same time at full speed.
 * @param {number} others how many threads there are besides this one
 * @param {(memory: SharedArrayBuffer) => void} begin makes them all count
 */
export async function measureParallelism(others, begin) {
  const memory = new SharedArrayBuffer(16);
  const shared = new Int32Array(memory);
  begin(memory);
  countTo(shared, WAITING, WARM_UP);
  await reached(shared, ARRIVED, others);
  const before = countFor(shared, WAITING);
  Atomics.store(shared, STATE, COUNTING);
  Atomics.notify(shared, STATE);
  const own = countFor(shared, COUNTING);
  Atomics.store(shared, STATE, STOPPED);
  Atomics.notify(shared, STATE);
  await reached(shared, DONE, others);
  // Alone once more: other load during the first count would make the threads look better than they are.
  const alone = Math.max(before, countFor(shared, STOPPED));
  return Math.floor((own + Atomics.load(shared, SUM)) / alone + SLACK);
}

/** Counts in another thread, until the first thread stops it. @param {SharedArrayBuffer} memory */
export function countTogether(memory) {
  const shared = new Int32Array(memory);
  countTo(shared, Atomics.load(shared, STATE), WARM_UP);
  Atomics.add(shared, ARRIVED, 1);
  Atomics.wait(shared, STATE, WAITING, 2 * PATIENCE_MS);
  Atomics.add(shared, SUM, countTo(shared, COUNTING, Infinity));
  Atomics.add(shared, DONE, 1);
}

/** Counts in the first thread, for a fixed time. @param {Int32Array} shared @param {number} state */
function countFor(shared, state) {
  const end = nextTick() + COUNTING_MS;
  let counted = 0;
  while (performance.now() < end) counted += countTo(shared, state, 1000);
  return counted;
}

/** All threads run this same loop, so its cost does not matter. @param {Int32Array} shared @param {number} state @param {number} most */
function countTo(shared, state, most) {
  let counted = 0;
  while (counted < most && Atomics.load(shared, STATE) === state) counted += 1;
  return counted;
}

/** Returns the time just after the clock has ticked; some browsers round it to many milliseconds. */
function nextTick() {
  const before = performance.now();
  let now = before;
  while (now === before) now = performance.now();
  return now;
}

/** Waits, up to a limit, until a shared number is large enough. @param {Int32Array} shared @param {number} index @param {number} wanted */
async function reached(shared, index, wanted) {
  const deadline = performance.now() + PATIENCE_MS;
  while (Atomics.load(shared, index) < wanted && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
}

import { SerfiqError, isFatal } from './errors.js';
import { checkPasses } from './methods.js';
import { grab } from './pictures.js';
import { abortable } from './promises.js';

/** @import { Engine } from './engine.js' */
/** @import { Picture, TakeOptions, WatchOptions, WatchedFrame } from './types.js' */

let nextId = 1;

/** A single frame may have no picture yet or no finite score. After this many in a row, the device is at fault. */
const MAX_UNUSABLE = 10;

/**
 * A camera being watched, one frame at a time. The next frame is read only when requested, so frames are dropped, never queued.
 * Create it with `engine.watch(video)`, and iterate:
 *
 *     const watch = engine.watch(video);
 *     for await (const frame of watch) {
 *       show(frame.instruction, frame.faces[0]?.quality);
 *       if (frame.picture) break;
 *     }
 *
 * Leaving the loop or aborting the signal ends it. A lost GPU does not: frames resume once the engine is replaced.
 */
export class Watch {
  #engine;
  #video;
  #id = nextId++;
  #generation = 0;
  #ended = new AbortController();
  #signal;
  /** @type {Request[]} */
  #requests = [];
  /** Method, passes and seed of the next frame; may be changed at any time. */
  options;
  /** Settings of the guide; a change takes effect on `restart()`. @type {WatchOptions['guide']} */
  guide;
  /** @type {{ type: string, quality: number, crop: boolean, standardMeasures: boolean, explain: boolean }} */
  #output;

  /** @typedef {{ belowThreshold: boolean, resolve: (picture: Picture) => void, reject: (reason: unknown) => void }} Request */

  /**
   * For `engine.watch` only.
   * @internal
   * @param {Engine} engine
   * @param {HTMLVideoElement} video
   * @param {WatchOptions} [options]
   */
  constructor(engine, video, { signal, guide, ...rest } = {}) {
    const { pictureType = 'image/jpeg', pictureQuality = 0.95, crop = false, standardMeasures = false, explain = false, ...options } = rest;
    this.#engine = engine;
    this.#video = video;
    this.#signal = signal ? AbortSignal.any([signal, this.#ended.signal]) : this.#ended.signal;
    this.#output = { type: pictureType, quality: pictureQuality, crop, standardMeasures, explain };
    this.guide = guide;
    this.options = options;
  }

  /** Restarts the guide for the next picture, without memory of earlier frames. */
  restart() {
    this.#generation += 1;
  }

  /** Ends the iteration, and frees what the engine holds for it. */
  stop() {
    this.#ended.abort(new SerfiqError('closed', 'This camera is no longer watched.'));
  }

  /**
   * Returns the next suitable frame, at full resolution: an accepted one or, with `belowThreshold`, any with a scored face.
   * Frames arrive only while the watch is iterated.
   * @param {TakeOptions} [options]
   * @returns {Promise<Picture>}
   */
  take({ belowThreshold = false, signal } = {}) {
    return new Promise((resolve, reject) => {
      const either = signal ? AbortSignal.any([signal, this.#signal]) : this.#signal;
      /** @type {Request} */
      const request = { belowThreshold, resolve, reject };
      const abandon = () => {
        this.#requests = this.#requests.filter((other) => other !== request);
        reject(either.reason);
      };
      if (either.aborted) return abandon();
      either.addEventListener('abort', abandon, { once: true });
      this.#requests.push(request);
    });
  }

  /** @returns {AsyncGenerator<WatchedFrame, void, void>} */
  async *[Symbol.asyncIterator]() {
    let unusable = 0;
    try {
      while (!this.#signal.aborted) {
        try {
          await nextPicture(this.#video, this.#signal);
          const frame = await abortable(this.#look(), this.#signal);
          unusable = 0;
          yield frame;
        } catch (error) {
          if (this.#signal.aborted) return;
          unusable += 1;
          const passes = isOf(error, 'not-finite') || isOf(error, 'unreadable-image');
          if (!isFatal(error) && !(passes && unusable < MAX_UNUSABLE)) throw error;
        }
      }
    } finally {
      this.stop();
      // A closed engine holds nothing, so its error is ignored.
      this.#engine.submit({ kind: 'unwatch', watch: this.#id }, [], 1).catch(() => {});
    }
  }

  /** @returns {Promise<WatchedFrame>} */
  async #look() {
    checkPasses(this.options);
    const time = performance.now();
    const picture = await grab(this.#video);
    const requests = this.#requests;
    /** @type {{ frame: WatchedFrame, taken: Picture | null }} */
    const { frame, taken } = await this.#engine.submit(
      {
        kind: 'frame',
        watch: this.#id,
        generation: this.#generation,
        guide: this.guide,
        picture,
        time,
        take: requests.length === 0 ? undefined : requests.some((request) => request.belowThreshold) ? 'scored' : 'accepted',
        options: this.options,
        output: this.#output,
      },
      [picture],
      1,
      this.#signal,
    );
    if (taken) {
      const served = requests.filter((request) => request.belowThreshold || frame.accepted);
      this.#requests = this.#requests.filter((request) => !served.includes(request));
      for (const { resolve } of served) resolve(taken);
    }
    return frame;
  }
}

/** @param {unknown} error @param {string} code */
function isOf(error, code) {
  return error instanceof SerfiqError && error.code === code;
}

/**
 * Resolves at the video's next picture; rejects when the signal aborts.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function nextPicture(video, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const byVideo = 'requestVideoFrameCallback' in video;
    const arrived = () => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    const handle = byVideo ? video.requestVideoFrameCallback(arrived) : requestAnimationFrame(arrived);
    const abort = () => {
      if (byVideo) video.cancelVideoFrameCallback(handle);
      else cancelAnimationFrame(handle);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}

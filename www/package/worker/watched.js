import { explainedIfPossible } from '../explained.js';
import { checkCanvas } from './canvas-check.js';
import { bitmapOf, encode, readable, sizeOf } from './pictures.js';

/** @import { Explained, ExplanationPart, GuideSettings, Picture, ScoreSettings, StandardPart, WatchedFrame } from '../types.js' */

/** The report on a frame, also delivered with a picture taken from it. @typedef {Omit<WatchedFrame, 'picture'>} FrameReport */

/**
 * A camera, with the frames that may still become the picture.
 * @typedef {object} Watched
 * @property {number} generation
 * @property {any} watch the wasm-bindgen `Watch`
 * @property {Map<number, { bitmap: ImageBitmap, report: FrameReport }>} kept by the frame's number
 * @property {boolean} given whether the guide's picture has been delivered
 */

/** @type {Map<number, Watched>} */
const watches = new Map();

/**
 * @typedef {object} FrameRequest
 * @property {number} watch
 * @property {number} generation a new one restarts the guide
 * @property {GuideSettings} [guide]
 * @property {ImageBitmap | VideoFrame} picture
 * @property {number} time
 * @property {'scored' | 'accepted'} [take] which frames the pending requests accept
 * @property {ScoreSettings} options
 * @property {{ type: string, quality: number, crop: boolean, standardMeasures: boolean, explain: boolean }} output
 */

/**
 * @param {any} wasm
 * @param {any} engine
 * @param {FrameRequest} request
 * @returns {Promise<{ frame: WatchedFrame, taken: Picture | null }>}
 */
export async function watchFrame(wasm, engine, request) {
  const [width, height] = sizeOf(request.picture);
  /** @type {ImageBitmap | null} */
  let bitmap = null;
  let kept = false;
  try {
    const watched = find(wasm, engine, request);
    const pixels = await readable(request.picture);
    if (!(pixels instanceof Uint8Array)) checkCanvas();
    // Frame numbers and the list of frames to keep are internal, and not sent to the page.
    const { frame, keep, taken, ...report } = await watched.watch.next(engine, pixels, width, height, request.time, request.take, request.options);
    kept = keep.includes(frame);
    // Copies only frames that may be taken, because the camera is waiting for its buffers.
    if (kept || taken) bitmap = await bitmapOf(request.picture);
    if (kept && bitmap) watched.kept.set(frame, { bitmap, report });
    forget(watched, keep);
    const picture = report.capture.state === 'taken' ? await give(engine, watched, report.capture.frame, request) : null;
    const asked = taken && bitmap ? await pictureOf(engine, { bitmap, report }, request) : null;
    return { frame: { ...report, picture }, taken: asked };
  } finally {
    if (request.picture !== bitmap) request.picture.close();
    if (!kept) bitmap?.close();
  }
}

/** @param {number} watch */
export function endWatch(watch) {
  const watched = watches.get(watch);
  watches.delete(watch);
  if (!watched) return;
  forget(watched, []);
  watched.watch.free();
}

/** @param {any} wasm @param {any} engine @param {FrameRequest} request @returns {Watched} */
function find(wasm, engine, { watch, generation, guide }) {
  const found = watches.get(watch);
  if (found?.generation === generation) return found;
  // Creates the new watch first: if its settings are rejected, the old one continues.
  const watched = { generation, watch: new wasm.Watch(engine, guide), kept: new Map(), given: false };
  endWatch(watch);
  watches.set(watch, watched);
  return watched;
}

/** Closes the pictures of all frames except these. @param {Watched} watched @param {(number | null)[]} keep */
function forget({ kept }, keep) {
  for (const [number, { bitmap }] of kept) {
    if (keep.includes(number)) continue;
    bitmap.close();
    kept.delete(number);
  }
}

/** Returns the guide's picture, once. @param {any} engine @param {Watched} watched @param {number} number @param {FrameRequest} request */
async function give(engine, watched, number, request) {
  const shot = watched.kept.get(number);
  if (watched.given || !shot) return null;
  watched.given = true;
  return pictureOf(engine, shot, request);
}

/**
 * @param {any} engine
 * @param {{ bitmap: ImageBitmap, report: FrameReport }} shot
 * @param {FrameRequest} request
 * @returns {Promise<Picture>}
 */
async function pictureOf(engine, { bitmap, report }, request) {
  const { type, quality, crop } = request.output;
  return {
    blob: await encode(bitmap, { type, quality }),
    crop: crop ? await cropOf(engine, bitmap, report) : null,
    report: { ...report, ...(await furtherOf(engine, bitmap, request)) },
  };
}

/**
 * Returns the requested parts of a picture's report that would be too slow for every frame of the camera: the standard's measures, with the
 * landmarks that they are taken from, and the explanation of the score.
 * @param {any} engine @param {ImageBitmap} bitmap @param {FrameRequest} request
 * @returns {Promise<StandardPart & ExplanationPart>}
 */
async function furtherOf(engine, bitmap, { options, guide, output: { standardMeasures, explain } }) {
  if (!standardMeasures && !explain) return {};
  /** @type {(explain: boolean) => Promise<Explained>} */
  const score = (explain) => engine.scorePicture(bitmap, options, guide, standardMeasures, explain);
  // The engine rejects a value that is neither true nor false.
  const { standard_measures, mesh, explanation } = await (explain === true ? explainedIfPossible(score) : score(explain));
  return { ...(standardMeasures && { standard_measures, mesh }), ...(explanation && { explanation }) };
}

/**
 * Returns the largest face, aligned for recognition, as PNG.
 * @param {any} engine @param {ImageBitmap} bitmap @param {Pick<FrameReport, 'faces'>} report of the bitmap
 */
export function cropOf(engine, bitmap, { faces: [face] }) {
  const pixels = engine.alignedCrop(bitmap, Float32Array.from(face.landmarks.flat()));
  return encode(new ImageData(Uint8ClampedArray.from(pixels), Math.sqrt(pixels.length / 4)), { type: 'image/png' });
}

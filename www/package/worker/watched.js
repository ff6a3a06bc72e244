import { bitmapOf, encode, readable, sizeOf } from './pictures.js';

/** @import { GuideSettings, Picture, Report, ScoreSettings, WatchedFrame } from '../types.js' */

/**
 * What is known of a camera: its guide, and the pictures of the frames that may still be taken.
 * @typedef {object} Watched
 * @property {number} generation
 * @property {any} guide the wasm-bindgen `Guide`
 * @property {number} frames so far
 * @property {Map<number, { bitmap: ImageBitmap, report: Report }>} kept by the frame's number
 * @property {boolean} given whether the picture that the guide has taken was handed over
 */

/** @type {Map<number, Watched>} */
const watches = new Map();

/**
 * @typedef {object} FrameRequest
 * @property {number} watch
 * @property {number} generation a higher one starts again
 * @property {GuideSettings} [guide]
 * @property {ImageBitmap | VideoFrame} picture
 * @property {number} time
 * @property {number} longSide
 * @property {'always' | 'if-good' | 'never'} scoring
 * @property {'any' | 'passing'} [take] whether this frame is to be taken, if it will do
 * @property {ScoreSettings} options
 * @property {{ type: string, quality: number, crop: boolean }} output
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
    const watched = find(wasm, request);
    const number = watched.frames++;
    const { keep, ...report } = await engine.watchFrame(
      watched.guide, await readable(request.picture), width, height, number, request.time, request.longSide, request.scoring, request.options,
    );
    kept = keep.includes(number);
    const wanted = request.take === 'any' ? typeof report.faces[0]?.raw === 'number' : request.take && report.passes_checks;
    // A copy only of what may be taken: most frames go as they came, and a camera waits for its buffers.
    if (kept || wanted) bitmap = await bitmapOf(request.picture);
    if (kept && bitmap) watched.kept.set(number, { bitmap, report });
    forget(watched, keep);
    const picture = report.capture.state === 'taken' ? await give(engine, watched, report.capture.frame, request.output) : null;
    const taken = wanted && bitmap ? await pictureOf(engine, { bitmap, report }, request.output) : null;
    return { frame: { ...report, picture }, taken };
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
  watched.guide.free();
}

/** @param {any} wasm @param {FrameRequest} request @returns {Watched} */
function find(wasm, { watch, generation, guide }) {
  const found = watches.get(watch);
  if (found?.generation === generation) return found;
  // First the new guide: its settings may be refused, and then the old one goes on.
  const watched = { generation, guide: new wasm.Guide(guide), frames: 0, kept: new Map(), given: false };
  endWatch(watch);
  watches.set(watch, watched);
  return watched;
}

/** Closes the pictures of all frames but these. @param {Watched} watched @param {(number | null)[]} keep */
function forget({ kept }, keep) {
  for (const [number, { bitmap }] of kept) {
    if (keep.includes(number)) continue;
    bitmap.close();
    kept.delete(number);
  }
}

/** The picture that the guide has taken, once. @param {any} engine @param {Watched} watched @param {number} number @param {FrameRequest['output']} output */
async function give(engine, watched, number, output) {
  const shot = watched.kept.get(number);
  if (watched.given || !shot) return null;
  watched.given = true;
  return pictureOf(engine, shot, output);
}

/**
 * @param {any} engine
 * @param {{ bitmap: ImageBitmap, report: Report }} shot
 * @param {FrameRequest['output']} output
 * @returns {Promise<Picture>}
 */
async function pictureOf(engine, { bitmap, report }, { type, quality, crop }) {
  return {
    blob: await encode(bitmap, { type, quality }),
    crop: crop ? await encode(cropOf(engine, bitmap, report), { type: 'image/png' }) : null,
    report,
  };
}

/** @param {any} engine @param {ImageBitmap} bitmap @param {Report} report */
function cropOf(engine, bitmap, { faces: [face] }) {
  const pixels = engine.alignedCrop(bitmap, Float32Array.from(face.landmarks.flat()));
  return new ImageData(Uint8ClampedArray.from(pixels), Math.sqrt(pixels.length / 4));
}

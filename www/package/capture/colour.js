import { abortable } from '../promises.js';

/** Size of the examined picture, in pixels: enough to find something coloured in any room. */
const [WIDTH, HEIGHT] = [96, 72];
/** A camera is colourless if this many pictures are, one after another. */
const PICTURES = 5;
const PAUSE_MS = 150;
/** A camera that shows too little in this many pictures, such as a covered one, is not judged. */
const TRIES = 10;
/** Pixels as dark or as light as these have no colour in any camera. */
const [DARK, LIGHT] = [24, 232];
/** The least share of a picture's pixels between the two. */
const ENOUGH = 0.05;
/**
 * The greatest difference between red, green and blue, of 255, that is still grey.
 *
 * A camera without colour sends a constant chroma, or only brightness, so the three are equal: of 1549 photos of LFW, examined in this way,
 * 7 are black and white, and none of their pixels has a difference other than 0. 2 allows for browsers and drivers that round differently.
 * In each of the other photos, at least 29 % of the pixels have a greater difference. Even a grey wall has such pixels: a camera with
 * colour has noise of its own in each channel, and its white balance is never exact.
 */
const NOISE = 2;

/**
 * Whether every picture of a camera is grey: it sees infrared light, or depth. A camera with colours shows that in its first picture.
 * @param {HTMLVideoElement} video that plays
 * @param {AbortSignal} signal
 */
export async function isColourless(video, signal) {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return false;
  // A mean of several pixels would hide the noise of each.
  pen.imageSmoothingEnabled = false;
  for (let tries = 0, grey = 0; tries < TRIES; tries += 1) {
    pen.drawImage(video, 0, 0, WIDTH, HEIGHT);
    const seen = seenIn(pen.getImageData(0, 0, WIDTH, HEIGHT).data);
    if (seen === 'colour') return false;
    if (seen === 'grey') grey += 1;
    if (grey === PICTURES) return true;
    await abortable(new Promise((resolve) => setTimeout(resolve, PAUSE_MS)), signal);
  }
  return false;
}

/** @param {Uint8ClampedArray} pixels RGBA @returns {'colour' | 'grey' | 'too little'} */
export function seenIn(pixels) {
  let judged = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue] = [pixels[at], pixels[at + 1], pixels[at + 2]];
    const [least, most] = [Math.min(red, green, blue), Math.max(red, green, blue)];
    if (most < DARK || least > LIGHT) continue;
    if (most - least > NOISE) return 'colour';
    judged += 1;
  }
  return judged >= (ENOUGH * pixels.length) / 4 ? 'grey' : 'too little';
}

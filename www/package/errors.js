/** @import { Instruction } from './types.js' */

/**
 * What went wrong: `code` for programs, `message` for people.
 *
 * | code | what happened | what to do |
 * |---|---|---|
 * | `unreadable-image` | a picture is damaged, of an unknown format, or from another origin; `reason` says which | choose another picture |
 * | `model-fetch`, `engine-fetch` | a file could not be fetched | check `assetBase`, the server, the connection; try again |
 * | `model-hash` | a model file is not the expected one, or your own recogniser's has changed | deploy the files of one version together |
 * | `model-invalid` | a file cannot be used as a recogniser; the message says why | use another file, or a card that adds what the file lacks |
 * | `engine-died` | the engine stopped in an unforeseen way | try again |
 * | `gpu-lost` | the GPU was lost while this frame was scored | nothing: the engine continues on the CPU |
 * | `webgpu-unavailable` | WebGPU was requested but is not available | use `auto` |
 * | `invalid-option` | an option is misspelt or out of range | the message says what was expected |
 * | `not-finite` | the network's output is not a finite number | use another backend |
 * | `internal` | the browser gives a worker no clock or canvas, or no worker here | use another browser |
 * | `pixels-hidden` | the browser gives pages false pixels, to protect against fingerprinting | allow the site to read them, or score files |
 * | `closed` | the engine has been closed | create another one |
 * | `camera-denied`, `camera-none`, `camera-busy`, `camera-unplugged`, `camera-failed` | the camera failed | do as the element says |
 * | `camera-not-allowed-here` | a permissions policy forbids this page or frame the camera | `<iframe allow="camera">`; `camera=(self)` in a header `Permissions-Policy` |
 * | `camera-frozen` | the camera gave no pictures until the time limit of auto-capture had passed | do as the element says |
 * | `no-good-picture` | no frame was good enough within the time limit of auto-capture; `reason` is the instruction that was shown for longest | start again |
 * | `photo-refused` | a photo chosen in place of the camera's picture did not pass the checks; `reason` is what was wrong, null if the page refused it | choose another photo |
 * | `photo-unreadable` | such a photo is an `unreadable-image`, with the same `reason` | choose another photo |
 * | `insecure-context` | the page has no access to cameras | serve it over HTTPS, or from localhost |
 */
export class SerfiqError extends Error {
  /** @param {string} code @param {string} message @param {UnreadableReason | Instruction | null} [reason] */
  constructor(code, message, reason = null) {
    super(message);
    this.name = 'SerfiqError';
    this.code = code;
    /**
     * Why an image cannot be read, why a photo was refused, or what was wrong most of the time before a `no-good-picture`; null if unknown, and
     * for every other code.
     */
    this.reason = reason;
  }
}

/**
 * Why a picture is unreadable. `no-pixels`: it has no size, or no picture yet; `other-origin`: its server does not let this page read it;
 * `gone`: the file was moved or changed or, in Node, is not there or may not be read; `heic`: a HEIC picture or a video; `format`: a format
 * other than JPEG, PNG or WebP.
 * @typedef {'empty-file' | 'format' | 'heic' | 'damaged' | 'cut-short' | 'too-large' | 'no-pixels' | 'other-origin' | 'gone'} UnreadableReason
 */

/** After one of these the worker is unusable. */
const FATAL = new Set(['gpu-lost', 'engine-died']);

/** @param {unknown} error @returns {error is SerfiqError} */
export function isFatal(error) {
  return error instanceof SerfiqError && FATAL.has(error.code);
}

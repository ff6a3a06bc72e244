/**
 * What went wrong: `code` for programs, `message` for people.
 *
 * | code | what happened | what to do |
 * |---|---|---|
 * | `unreadable-image` | a picture is damaged, of a format not known, or from another origin | choose another picture |
 * | `model-fetch`, `engine-fetch` | a file could not be fetched | check `assetBase`, the server, the connection; try again |
 * | `model-hash` | a model file is not the expected one, or your own recogniser's has changed | deploy the files of one version together |
 * | `model-invalid` | a file cannot be used as a recogniser; the message says why | another file, or a card that says what the file does not |
 * | `engine-died` | the engine stopped in an unforeseen way | try again |
 * | `gpu-lost` | the GPU was lost while this frame was scored | nothing: the engine goes on on the CPU |
 * | `webgpu-unavailable` | WebGPU was asked for and is not to be had | ask for `auto` |
 * | `invalid-option` | an option is misspelt or out of range | the message says what was expected |
 * | `not-finite` | the network's answer is no number | another backend |
 * | `internal` | the browser gives a worker no clock, canvas or threads | another browser |
 * | `closed` | the engine has been closed | create another one |
 * | `camera-denied`, `camera-none`, `camera-busy`, `camera-unplugged`, `camera-failed` | the camera | as the element tells the person |
 * | `no-good-picture` | no frame was good enough within the time limit of auto-capture | start again |
 * | `insecure-context` | the page has no access to cameras | serve it over HTTPS, or from localhost |
 */
export class SerfiqError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = 'SerfiqError';
    this.code = code;
  }
}

/** After one of these the worker is of no more use. */
const FATAL = new Set(['gpu-lost', 'engine-died']);

/** @param {unknown} error @returns {error is SerfiqError} */
export function isFatal(error) {
  return error instanceof SerfiqError && FATAL.has(error.code);
}

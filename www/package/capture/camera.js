import { SerfiqError } from '../errors.js';
import { sentence } from '../worker/errors.js';
import { isColourlessByName } from './camera-names.js';

/** Error codes for getUserMedia's errors. @type {Record<string, string>} */
const CODES = {
  NotAllowedError: 'camera-denied',
  SecurityError: 'camera-denied',
  NotFoundError: 'camera-none',
  OverconstrainedError: 'camera-none',
  NotReadableError: 'camera-busy',
  AbortError: 'camera-busy',
};

/** A refusal within this many milliseconds did not come from a person. */
const FASTER_THAN_A_PERSON_MS = 250;

/**
 * @param {{ facing: 'user' | 'environment', deviceId: string }} wanted a device takes precedence over a direction; neither need exist
 * @returns {Promise<MediaStream>}
 * @throws {SerfiqError} with a code `camera-...` or `insecure-context`
 */
export async function openCamera({ facing, deviceId }) {
  // Absent on pages served over plain HTTP.
  if (!navigator.mediaDevices) {
    throw new SerfiqError('insecure-context', 'navigator.mediaDevices is missing: the page is neither served over HTTPS nor from localhost.');
  }
  if (policyAllows() === false) throw notAllowedHere();
  const asked = performance.now();
  // Without `resizeMode`, Chromium crops an upright camera's picture, such as 720 x 1280, to come closer to the size.
  /** @type {MediaTrackConstraints & { resizeMode: 'none' }} */
  const video = { width: { ideal: 1920 }, height: { ideal: 1080 }, resizeMode: 'none' };
  if (deviceId) video.deviceId = { ideal: deviceId };
  else video.facingMode = facing;
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    if (CODES[name] === 'camera-denied' && performance.now() - asked < FASTER_THAN_A_PERSON_MS && mayBeForbidden()) throw notAllowedHere();
    throw new SerfiqError(CODES[name] ?? 'camera-failed', `The camera could not be opened: ${sentence(message || name)}`);
  }
}

/** Whether the page's permissions policy allows the camera; null in browsers that do not report it. @returns {boolean | null} */
function policyAllows() {
  const { permissionsPolicy, featurePolicy } = /** @type {any} */ (document);
  return (permissionsPolicy ?? featurePolicy)?.allowsFeature('camera') ?? null;
}

/** Whether a permissions policy may have caused a refusal: in a cross-origin frame, in a browser that does not report policies. */
function mayBeForbidden() {
  if (policyAllows() !== null) return false;
  try {
    return window.top?.origin !== window.origin;
  } catch {
    return true;
  }
}

function notAllowedHere() {
  return new SerfiqError(
    'camera-not-allowed-here',
    'A permissions policy forbids this page the camera. A frame needs <iframe allow="camera">; a header Permissions-Policy, if there is one, ' +
      'needs camera=(self).',
  );
}

/** @param {MediaStream | null} stream */
export function closeCamera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/**
 * Calls back when the person allows the camera later, for example in the address bar. Some browsers do not report this.
 * @param {() => void} onPermitted
 * @param {AbortSignal} signal
 */
export async function followPermission(onPermitted, signal) {
  try {
    const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ ('camera') });
    status.addEventListener('change', () => status.state === 'granted' && onPermitted(), { signal });
  } catch {
    // Without this event, the person presses the button to retry.
  }
}

/** Lists the cameras that the browser reveals: at most one, unnamed, until the user grants permission. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter((device) => device.kind === 'videoinput');
}

/**
 * Opens a camera that was not tried yet, and whose name does not say that it is colourless.
 * @param {Set<string>} tried their `deviceId`s; those tried now are added
 * @param {AbortSignal} signal after which none is opened any more
 * @returns {Promise<MediaStream | null>} null if there is none that opens
 */
export async function openAnother(tried, signal) {
  for (const { deviceId, label } of await listCameras()) {
    if (signal.aborted) return null;
    if (!deviceId || tried.has(deviceId) || isColourlessByName(label)) continue;
    tried.add(deviceId);
    const stream = await openCamera({ facing: 'user', deviceId }).catch(() => null);
    if (stream) return stream;
  }
  return null;
}

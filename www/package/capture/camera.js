import { SerfiqError } from '../errors.js';
import { sentence } from '../worker/errors.js';

/** Error codes for getUserMedia's errors. @type {Record<string, string>} */
const CODES = {
  NotAllowedError: 'camera-denied',
  SecurityError: 'camera-denied',
  NotFoundError: 'camera-none',
  OverconstrainedError: 'camera-none',
  NotReadableError: 'camera-busy',
  AbortError: 'camera-busy',
};

/**
 * @param {{ facing: 'user' | 'environment', deviceId: string }} wanted a device takes precedence over a direction; neither need exist
 * @returns {Promise<MediaStream>}
 * @throws {SerfiqError} with a code `camera-...` or `insecure-context`
 */
export async function openCamera({ facing, deviceId }) {
  // Absent on pages served over plain HTTP, and where a permissions policy forbids it.
  if (!navigator.mediaDevices) {
    throw new SerfiqError('insecure-context', 'navigator.mediaDevices is missing: the page is neither served over HTTPS nor from localhost.');
  }
  /** @type {MediaTrackConstraints} */
  const video = { width: { ideal: 1920 }, height: { ideal: 1080 } };
  if (deviceId) video.deviceId = { ideal: deviceId };
  else video.facingMode = facing;
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    throw new SerfiqError(CODES[name] ?? 'camera-failed', `The camera could not be opened: ${sentence(message || name)}`);
  }
}

/** @param {MediaStream | null} stream */
export function closeCamera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Lists the cameras that the browser reveals: until the user has agreed, at most one, without a name. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter((device) => device.kind === 'videoinput');
}

/** Returns the next camera, cyclically; empty if there is no other. @param {string} current */
export async function nextCamera(current) {
  const ids = (await listCameras()).map(({ deviceId }) => deviceId).filter(Boolean);
  if (ids.length < 2) return '';
  return ids[(ids.indexOf(current) + 1) % ids.length];
}

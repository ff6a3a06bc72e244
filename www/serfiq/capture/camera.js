/** @typedef {'denied' | 'none' | 'busy' | 'error'} CameraProblem */

/** Why no camera was opened: `problem` for the page, `message` from the browser. */
export class CameraError extends Error {
  /** @param {CameraProblem} problem @param {string} message */
  constructor(problem, message) {
    super(message);
    this.name = 'CameraError';
    this.problem = problem;
  }
}

/** @type {Record<string, CameraProblem>} what getUserMedia's errors mean to a user */
const PROBLEMS = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/**
 * @param {string} deviceId empty for the browser's choice
 * @returns {Promise<MediaStream>}
 * @throws {CameraError}
 */
export async function openCamera(deviceId) {
  // Absent on pages served over plain HTTP.
  if (!navigator.mediaDevices) throw new CameraError('error', 'navigator.mediaDevices is missing');
  /** @type {MediaTrackConstraints} */
  const video = { width: { ideal: 1280 }, height: { ideal: 720 } };
  if (deviceId) video.deviceId = { exact: deviceId };
  else video.facingMode = 'user';
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    throw new CameraError(PROBLEMS[name] ?? 'error', message);
  }
}

/** @param {MediaStream | null} stream */
export function closeCamera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** @returns {Promise<MediaDeviceInfo[]>} */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter((device) => device.kind === 'videoinput');
}

/**
 * Resolves at the video's next picture; rejects when the signal aborts.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function nextPicture(video, signal) {
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

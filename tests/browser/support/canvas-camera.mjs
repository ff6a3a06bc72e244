/**
 * A camera for engines whose fake camera cannot play a video: the frames of the same video, drawn on a canvas. It replaces only
 * `getUserMedia` and `enumerateDevices`; stream, track and video element are the browser's own.
 */

import { readFile } from 'node:fs/promises';

import { settings } from './settings.mjs';

/** @import { Browser } from 'playwright-core' */
/** @import { Camera } from './browser.mjs' */

/** The path at which {@link Site} serves the camera's video. */
export const CAMERA_PATH = '/__camera';

/**
 * Gives every context of the browser a camera, which contexts with the permission `camera` may use.
 * @param {Browser} browser
 * @param {Camera} camera
 */
export function withCanvasCamera(browser, camera) {
  const open = browser.newContext.bind(browser);
  browser.newContext = async ({ permissions = [], ...options } = {}) => {
    const context = await open(options);
    const isAllowed = permissions.includes('camera');
    await context.addInitScript(install, { path: `${CAMERA_PATH}/${camera}`, exists: camera !== 'none', isAllowed });
    const tell = (/** @type {boolean} */ allowed) =>
      Promise.all(context.pages().map((page) => page.evaluate((now) => /** @type {any} */ (window).allowCamera(now), allowed)));
    context.grantPermissions = async (granted) => void (await tell(granted.includes('camera')));
    context.clearPermissions = async () => void (await tell(false));
    return context;
  };
  return browser;
}

/** Reads a camera's video, if `path` names one. @param {string} path @returns {Promise<Buffer | null>} */
export async function cameraVideo(path) {
  const name = path.startsWith(`${CAMERA_PATH}/`) && path.slice(CAMERA_PATH.length + 1);
  return name && name in settings.cameras ? readFile(settings.cameras[/** @type {keyof typeof settings.cameras} */ (name)]) : null;
}

/** Runs in the page, before the camera is requested. @param {{ path: string, exists: boolean, isAllowed: boolean }} camera */
export function install({ path, exists, isAllowed }) {
  if (!navigator.mediaDevices) return;
  const MILLISECONDS = 50;
  /** @type {Promise<ImageBitmap[]> | undefined} */
  let frames;
  /** @type {Set<MediaStreamTrack>} */
  const running = new Set();

  Object.assign(window, {
    // Revoking the permission ends running tracks.
    allowCamera: (/** @type {boolean} */ now) => {
      isAllowed = now;
      if (now) return;
      for (const track of running) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
    },
  });

  navigator.mediaDevices.enumerateDevices = async () => {
    const device = { kind: 'videoinput', deviceId: 'canvas', groupId: '', label: isAllowed ? 'canvas' : '', toJSON() {} };
    return exists ? [/** @type {MediaDeviceInfo} */ (device)] : [];
  };

  navigator.mediaDevices.getUserMedia = async () => {
    if (!exists) throw new DOMException('There is no camera.', 'NotFoundError');
    if (!isAllowed) throw new DOMException('The camera is not allowed.', 'NotAllowedError');
    const all = await (frames ??= fetch(path).then((response) => response.arrayBuffer()).then(decode));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [all[0].width, all[0].height];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    let next = 0;
    const draw = () => context.drawImage(all[next++ % all.length], 0, 0, canvas.width, canvas.height);
    draw();
    const timer = setInterval(draw, MILLISECONDS);
    const stream = canvas.captureStream(1000 / MILLISECONDS);
    const [track] = stream.getVideoTracks();
    running.add(track);
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      running.delete(track);
      stop();
    };
    track.applyConstraints = async ({ width, height } = {}) => {
      [canvas.width, canvas.height] = [Number(width) || canvas.width, Number(height) || canvas.height];
    };
    const settings = track.getSettings.bind(track);
    track.getSettings = () => ({ ...settings(), deviceId: 'canvas', width: canvas.width, height: canvas.height });
    return stream;
  };

  /** Decodes the frames of a `.y4m` video with 4:2:0 colours. @param {ArrayBuffer} buffer */
  async function decode(buffer) {
    const bytes = new Uint8Array(buffer);
    const header = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(10)));
    const [width, height] = ['W', 'H'].map((letter) => Number(new RegExp(` ${letter}(\\d+)`).exec(header)?.[1]));
    const [luma, chroma] = [width * height, (width * height) / 4];
    /** @type {ImageBitmap[]} */
    const decoded = [];
    for (let at = header.length + 1; at < bytes.length; at += luma + 2 * chroma) {
      at += 'FRAME\n'.length;
      const rgba = new Uint8ClampedArray(4 * luma);
      for (let pixel = 0; pixel < luma; pixel += 1) {
        const [x, y] = [pixel % width, Math.floor(pixel / width)];
        const colour = (y >> 1) * (width >> 1) + (x >> 1);
        const light = (255 / 219) * (bytes[at + pixel] - 16);
        const blue = bytes[at + luma + colour] - 128;
        const red = bytes[at + luma + chroma + colour] - 128;
        rgba.set([light + 1.596 * red, light - 0.392 * blue - 0.813 * red, light + 2.017 * blue, 255], 4 * pixel);
      }
      decoded.push(await createImageBitmap(new ImageData(rgba, width, height)));
    }
    return decoded;
  }
}

/** Functions that run in the page before its own scripts, and replace its camera by one that the test controls: `window.camera`. */

/**
 * @typedef {object} TestCamera
 * @property {number} asked how often the page asked for a camera
 * @property {MediaStreamTrack[]} tracks that it was given
 * @property {boolean} frozen whether the camera gives no more pictures
 * @property {boolean} muted the value that its tracks report
 * @property {string} filter through which its pictures go, such as `brightness(0.1)`
 */

/** The fake camera itself, with a count of requests. */
export function countingCamera() {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const use = devices.getUserMedia.bind(devices);
  const camera = { asked: 0, tracks: /** @type {MediaStreamTrack[]} */ ([]) };
  Object.assign(window, { camera });
  devices.getUserMedia = async (wanted) => {
    camera.asked += 1;
    const stream = await use(wanted);
    camera.tracks.push(...stream.getTracks());
    return stream;
  };
}

/** The fake camera, redrawn picture by picture, through a filter, until it is frozen. */
export function freezingCamera() {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const use = devices.getUserMedia.bind(devices);
  const camera = { asked: 0, tracks: /** @type {MediaStreamTrack[]} */ ([]), frozen: false, muted: false, filter: 'none' };
  Object.assign(window, { camera });
  devices.getUserMedia = async (wanted) => {
    camera.asked += 1;
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: await use(wanted) });
    await video.play();
    const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const stream = canvas.captureStream(0);
    const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
    const draw = () => {
      if (!camera.frozen) {
        pen.filter = camera.filter;
        pen.drawImage(video, 0, 0);
        track.requestFrame();
      }
      if (track.readyState === 'live') setTimeout(draw, 60);
    };
    draw();
    Object.defineProperty(track, 'muted', { get: () => camera.muted });
    camera.tracks.push(track);
    return stream;
  };
}

/** A camera that gives no picture until `camera.begin()`. */
export function silentCamera() {
  if (!navigator.mediaDevices) return;
  const camera = { begin: () => {} };
  Object.assign(window, { camera });
  navigator.mediaDevices.getUserMedia = async () => {
    const track = new /** @type {any} */ (window).MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    const canvas = new OffscreenCanvas(640, 480);
    canvas.getContext('2d')?.fillRect(0, 0, 640, 480);
    camera.begin = () => {
      setInterval(() => writer.write(new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) })), 60);
    };
    return new MediaStream([track]);
  };
}

/** Functions that run in the page before its own scripts, and give it several cameras: `window.cameras`. */

/**
 * A camera that the test draws.
 * @typedef {object} DrawnCamera
 * @property {string} deviceId
 * @property {string} label
 * @property {'colour' | 'grey' | 'grey wall' | 'black'} picture `grey`: as from infrared light; `grey wall`: the colours of a grey thing,
 *   with the noise of a sensor; `colour`: the browser's own camera
 * @property {boolean} [busy] whether another program uses it
 * @property {number} [delay] until the browser knows whether it opens, in milliseconds
 */

/** Plays these cameras, the first one by default. @param {DrawnCamera[]} drawn */
export function drawnCameras(drawn) {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return;
  const use = mediaDevices.getUserMedia.bind(mediaDevices);
  const seen = { asked: /** @type {string[]} */ ([]), opened: /** @type {string[]} */ ([]), live: /** @type {string[]} */ ([]), plugged: drawn };
  Object.assign(window, { cameras: seen });

  mediaDevices.enumerateDevices = async () =>
    seen.plugged.map(({ deviceId, label }) => /** @type {any} */ ({ kind: 'videoinput', groupId: '', deviceId, label }));

  mediaDevices.getUserMedia = async (wanted) => {
    const id = /** @type {any} */ (wanted?.video).deviceId?.ideal ?? '';
    seen.asked.push(id);
    const camera = seen.plugged.find(({ deviceId }) => deviceId === id) ?? seen.plugged[0];
    await new Promise((resolve) => setTimeout(resolve, camera.delay ?? 0));
    if (camera.busy) throw new DOMException('In use.', 'NotReadableError');
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: await use({ video: true }) });
    await video.play();
    const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const stream = canvas.captureStream(20);
    const [track] = stream.getVideoTracks();
    const noise = () => 128 + 4 * (Math.random() + Math.random() + Math.random() - 1.5);
    const draw = () => {
      pen.drawImage(video, 0, 0);
      if (camera.picture === 'grey') {
        // Without saturation. WebKit's canvas has no filters.
        pen.globalCompositeOperation = 'saturation';
        pen.fillStyle = 'grey';
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.globalCompositeOperation = 'source-over';
      }
      if (camera.picture === 'black') {
        pen.fillStyle = 'black';
        pen.fillRect(0, 0, canvas.width, canvas.height);
      }
      if (camera.picture === 'grey wall') {
        const wall = pen.createImageData(canvas.width, canvas.height);
        for (let at = 0; at < wall.data.length; at += 1) wall.data[at] = at % 4 === 3 ? 255 : noise();
        pen.putImageData(wall, 0, 0);
      }
      if (track.readyState === 'live') setTimeout(draw, 50);
    };
    draw();
    seen.opened.push(camera.deviceId);
    seen.live.push(camera.deviceId);
    const stop = track.stop.bind(track);
    track.stop = () => {
      if (track.readyState === 'live') seen.live.splice(seen.live.indexOf(camera.deviceId), 1);
      stop();
    };
    const settings = track.getSettings.bind(track);
    track.getSettings = () => ({ ...settings(), deviceId: camera.deviceId });
    Object.defineProperty(track, 'label', { value: camera.label });
    return stream;
  };
}

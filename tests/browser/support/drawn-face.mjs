/** Runs in the page: gives it a camera that shows the drawing of a face, or one that is denied. @param {boolean} [denied] */
export function drawnFace(denied = false) {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return;
  mediaDevices.enumerateDevices = async () => [];
  mediaDevices.getUserMedia = async () => {
    if (denied) throw new DOMException('Denied.', 'NotAllowedError');
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const oval = (/** @type {string} */ colour, /** @type {number[]} */ ...[x, y, across, down]) => {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.ellipse(x, y, across, down, 0, 0, 2 * Math.PI);
      pen.fill();
    };
    const stream = canvas.captureStream(20);
    const [track] = stream.getVideoTracks();
    const draw = () => {
      pen.fillStyle = '#9fb4c0';
      pen.fillRect(0, 0, 640, 480);
      oval('#4a6a8a', 320, 520, 210, 150);
      oval('#5a3d2b', 320, 215, 128, 165);
      oval('#d9a07a', 320, 240, 108, 145);
      // A lock of hair on one side, so that a mirror shows.
      oval('#8a5a3a', 255, 90, 60, 30);
      for (const x of [280, 360]) oval('#2b1d14', x, 220, 12, 8);
      oval('#a5523f', 320, 315, 34, 9);
      if (track.readyState === 'live') setTimeout(draw, 50);
    };
    draw();
    return stream;
  };
}

/** @import { ScoredFace } from './types.js' */

/** Length of a corner's arm and radius of its bend, as shares of the face's shorter side. */
const ARM = 0.22;
const BEND = 0.1;

/** Outlines the faces on a canvas that lies over the video and is mirrored with it. */
export class FaceOverlay {
  #canvas;
  #context;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  /**
   * @param {ScoredFace[]} faces largest, the scored one, first
   * @param {number} width of the frame in pixels
   * @param {number} height of the frame in pixels
   */
  draw(faces, width, height) {
    const { clientWidth, clientHeight } = this.#canvas;
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.clear();
    if (!this.#context || !clientWidth) return;
    // One CSS pixel, in pixels of the frame: the canvas covers its place as the video does.
    const unit = 1 / Math.max(clientWidth / width, clientHeight / height);
    const colour = getComputedStyle(this.#canvas).color;
    faces.forEach((face, i) => {
      const context = /** @type {CanvasRenderingContext2D} */ (this.#context);
      context.lineCap = 'round';
      context.beginPath();
      if (i === 0) corners(context, face.box);
      else context.roundRect(...face.box, BEND * Math.min(face.box[2], face.box[3]));
      context.setLineDash(i === 0 ? [] : [2 * unit, 6 * unit]);
      // A dark line beneath keeps the outline visible on a bright picture.
      context.strokeStyle = 'rgb(0 0 0 / 45%)';
      context.lineWidth = (i === 0 ? 6 : 3.5) * unit;
      context.stroke();
      context.strokeStyle = i === 0 ? colour : 'rgb(255 255 255 / 85%)';
      context.lineWidth = (i === 0 ? 3.5 : 2) * unit;
      context.stroke();
    });
  }

  clear() {
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }
}

/** Four rounded corners. @param {CanvasRenderingContext2D} context @param {ScoredFace['box']} box */
function corners(context, [x, y, width, height]) {
  const side = Math.min(width, height);
  const arm = ARM * side;
  const bend = BEND * side;
  for (const [cornerX, cornerY, toX, toY] of [
    [x, y, 1, 1],
    [x + width, y, -1, 1],
    [x + width, y + height, -1, -1],
    [x, y + height, 1, -1],
  ]) {
    context.moveTo(cornerX, cornerY + arm * toY);
    context.arcTo(cornerX, cornerY, cornerX + arm * toX, cornerY, bend);
    context.lineTo(cornerX + arm * toX, cornerY);
  }
}

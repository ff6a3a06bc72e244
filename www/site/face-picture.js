import { make } from './dom.js';

/** Side of the picture, in pixels. */
const SIDE = 640;
/** Margin around the points, as a fraction of their longer side. */
const MARGIN = 0.2;

/**
 * Makes a square picture of a face in a photo, with a drawing over it.
 * @param {File} photo
 * @param {string} caption also for screen readers
 * @param {readonly (readonly number[])[]} points around the face, x and y in pixels of the photo
 * @param {(context: CanvasRenderingContext2D, scale: number) => void} drawOver draws in pixels of the photo; each is `scale` pixels of the picture
 */
export async function makeFacePicture(photo, caption, points, drawOver) {
  const figure = make('figure', 'face-picture');
  const canvas = make('canvas');
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', caption);
  figure.append(canvas, make('figcaption', '', caption));
  const context = canvas.getContext('2d');
  if (!context) return figure;
  const [across, down] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const [left, right, top, bottom] = [Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)];
  const side = Math.max(right - left, bottom - top) * (1 + 2 * MARGIN);
  const [x, y] = [(left + right - side) / 2, (top + bottom - side) / 2];
  const scale = SIDE / side;
  context.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
  try {
    const bitmap = await createImageBitmap(photo);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
  } catch {
    // Without the photo, the drawing still shows where it applies.
  }
  drawOver(context, scale);
  return figure;
}

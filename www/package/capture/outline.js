import { svg } from './dom.js';

/** Where a face should be, as fractions of the picture's height and width. */
const CENTRE = 0.48;
const HEIGHT = 0.74;
const MAX_WIDTH = 0.8;
/** Width of a head as a fraction of its height. */
const SLIM = 0.76;
/** Length of the ring in its own units (pathLength). */
const RING = 100;

/** An oval over the camera's picture, and around it a ring that fills while the person holds still. */
export class Outline {
  #scrim = svg('path', { class: 'scrim', 'fill-rule': 'evenodd' });
  #oval = svg('path', { class: 'oval' });
  #ring = svg('path', { class: 'ring', pathLength: String(RING) });
  element = svg(
    'svg',
    { class: 'outline', part: 'outline', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true' },
    this.#scrim,
    this.#oval,
    this.#ring,
  );

  constructor() {
    this.fit(4, 3);
    this.show(false, 0);
  }

  /** @param {number} width of the picture @param {number} height */
  fit(width, height) {
    // In thousandths of the height, so that line widths do not depend on the camera's resolution.
    const [across, down] = [(1000 * width) / height, 1000];
    this.element.setAttribute('viewBox', `0 0 ${across} ${down}`);
    const ry = Math.min((HEIGHT * down) / 2, (MAX_WIDTH * across) / 2 / SLIM);
    const rx = SLIM * ry;
    const top = CENTRE * down - ry;
    const oval = `M${across / 2} ${top}a${rx} ${ry} 0 0 1 0 ${2 * ry}a${rx} ${ry} 0 0 1 0 ${-2 * ry}z`;
    this.#scrim.setAttribute('d', `M0 0H${across}V${down}H0z${oval}`);
    this.#oval.setAttribute('d', oval);
    this.#ring.setAttribute('d', oval);
  }

  /** @param {boolean} good whether nothing is wrong @param {number} progress 0 to 1 */
  show(good, progress) {
    this.element.classList.toggle('good', good);
    this.#ring.setAttribute('stroke-dasharray', `${progress * RING} ${2 * RING}`);
    // A round cap would draw a dot at zero length.
    this.#ring.setAttribute('visibility', progress > 0 ? 'visible' : 'hidden');
  }
}

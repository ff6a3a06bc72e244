import { html, svg } from './dom.js';

/** @import { Messages } from './language.js' */

/** Advice shown before the camera starts, in this order. @type {readonly (keyof Messages['tips'])[]} */
const TIPS = ['light', 'look', 'uncovered'];

/** What a person sees before the camera starts: an example, and how to achieve it. */
export class Intro {
  #tips = TIPS.map((name) => ({ name, text: html('span') }));
  example = example();
  tips = html('ul', { class: 'tips', part: 'tips', role: 'list' }, ...this.#tips.map(({ text }) => html('li', {}, check(), text)));

  /** @param {Messages} words */
  speak({ tips }) {
    for (const { name, text } of this.#tips) text.textContent = tips[name];
  }
}

/** A head as it should be: in the oval, from the front, evenly lit. */
function example() {
  return svg(
    'svg',
    { class: 'example', viewBox: '0 0 96 112', 'aria-hidden': 'true' },
    svg('path', { class: 'body', d: 'M14 112c2-16 15-23 34-23s32 7 34 23z' }),
    svg('path', { class: 'skin', d: 'M40 78h16v12a8 8 0 0 1-16 0z' }),
    svg('path', { class: 'skin', d: 'M26 48c0-18 9-27 22-27s22 9 22 27c0 19-10 36-22 36S26 67 26 48z' }),
    svg('path', { class: 'hair', d: 'M24 50C20 26 33 14 48 14s28 12 24 36c-2-10-6-16-10-20-8 4-22 5-30 3-4 4-7 9-8 17z' }),
    svg('path', { class: 'line', d: 'M34 42q4-3 8 0M54 42q4-3 8 0M48 51v9q0 2 3 2M41 70q7 4 14 0' }),
    svg('circle', { class: 'eye', cx: '38.5', cy: '48', r: '2.2' }),
    svg('circle', { class: 'eye', cx: '57.5', cy: '48', r: '2.2' }),
    svg('path', { class: 'ring', d: 'M48 3a37 49 0 0 1 0 98a37 49 0 0 1 0-98z' }),
    svg('circle', { class: 'badge', cx: '78', cy: '90', r: '13' }),
    svg('path', { class: 'tick', d: 'M72 90.5l4.5 4.5 8-9' }),
  );
}

function check() {
  return svg('svg', { class: 'check', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: 'M5 12.5l5 5 9-10' }));
}

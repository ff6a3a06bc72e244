import { portrait } from './portraits.mjs';

/** @import { Page } from 'playwright-core' */

/**
 * Returns a worse copy of a portrait, as PNG, made by a page's canvas.
 * @param {Page} page
 * @param {string} name
 * @param {{ darkness?: number, blur?: number, side?: number }} how `darkness` 0 to 1, `blur` in pixels, `side` of the copy, squared
 * @returns {Promise<Buffer>}
 */
export async function redrawn(page, name, how) {
  const base64 = await page.evaluate(
    async ([text, { darkness = 0, blur = 0, side }]) => {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes]));
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [side ?? picture.width, side ?? picture.height];
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      context.filter = `blur(${blur}px)`;
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
      context.filter = 'none';
      context.fillStyle = `rgb(0 0 0 / ${darkness})`;
      context.fillRect(0, 0, canvas.width, canvas.height);
      return canvas.toDataURL('image/png').split(',')[1];
    },
    /** @type {const} */ ([(await portrait(name)).toString('base64'), how]),
  );
  return Buffer.from(base64, 'base64');
}

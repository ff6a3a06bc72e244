import { crc32, deflateSync } from 'node:zlib';

import { portrait } from './portraits.mjs';

/** Files that cannot be read, each for another reason, and what says so in two languages. */
export async function unreadableFiles() {
  const whole = await portrait('person_a_1.jpg');
  return [
    { name: 'heic.jpg', reason: 'heic', buffer: Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'), de: /HEIC/, en: /HEIC/ },
    { name: 'huge.png', reason: 'too-large', buffer: hugePng(), de: /zu viele Pixel/, en: /too many pixels/ },
    { name: 'torn.jpg', reason: 'cut-short', buffer: whole.subarray(0, whole.length / 2), de: /unvollständig/, en: /cut short/ },
    { name: 'empty.jpg', reason: 'empty-file', buffer: Buffer.alloc(0), de: /leer/, en: /empty/ },
    {
      name: 'text.jpg', reason: 'format', buffer: Buffer.from('This is not a picture.'),
      de: /kein JPEG-, PNG- oder WebP-Bild/, en: /not a JPEG, PNG or WebP/,
    },
  ];
}

/** A PNG that declares 108 megapixels, and lacks most of them. */
function hugePng() {
  const size = Buffer.from('0000000000000000', 'hex');
  size.writeUInt32BE(12_000, 0);
  size.writeUInt32BE(9000, 4);
  const parts = [chunk('IHDR', Buffer.concat([size, Buffer.from('0802000000', 'hex')])), chunk('IDAT', deflateSync(Buffer.alloc(100))), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

/** @param {string} type @param {Buffer} content */
function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

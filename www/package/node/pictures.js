import { SerfiqError } from '../errors.js';
import { WorkerError } from '../worker/errors.js';
import { bytesOf } from '../worker/pictures.js';
import { copyOfBytes, pathOf, readNamed } from './files.js';

/**
 * A JPEG, PNG or WebP file: its path or `file:` URL, or its bytes (a `Buffer`, or a `File` from a form).
 * @typedef {string | URL | Uint8Array | ArrayBuffer | Blob} PictureFile
 */

/**
 * Returns the picture in a form that can be sent to a thread. Bytes are copied, so that the program may use its buffer again.
 * @param {PictureFile} picture
 * @returns {string | Uint8Array | Blob}
 */
export function pictureOf(picture) {
  if (typeof picture === 'string' || picture instanceof URL) return pathOf(picture, 'The picture');
  if (picture instanceof Blob) return picture;
  const bytes = copyOfBytes(picture);
  if (bytes) return bytes;
  const found = picture === null ? 'null' : `of type ${typeof picture}`;
  throw new SerfiqError('invalid-option', `The picture is ${found}; expected a path, a file: URL, a Buffer, an ArrayBuffer or a Blob.`);
}

/** Returns the picture's bytes. For threads, which read files only when their turn has come. @param {string | Uint8Array | Blob} picture */
export async function bytesOfPicture(picture) {
  if (typeof picture === 'string') return readNamed(picture, (message) => new WorkerError('unreadable-image', message, 'gone'));
  return picture instanceof Blob ? bytesOf(picture) : picture;
}

/** An engine's models and the sources of their bytes: this build's models, kept in our own cache, and the page's own recogniser. */

import { assets } from '../assets.js';
import { WorkerError } from './errors.js';
import { answerOf, bodyLength, checkContent, fetchFile, readAll } from './fetch.js';

/** @import { OwnFile, OwnFiles } from '../own-recogniser.js' */
/** @import { EngineInfo, ModelCard, Progress } from '../types.js' */
/** @import { Wanted } from './fetch.js' */

/** Raise the number when the meaning of an entry changes; older caches are then removed. */
const CACHE_NAME = 'serfiq-models-1';
const CACHE_PREFIX = 'serfiq-models-';

/** Returns the recogniser with this name, or the first one. @param {ModelCard[]} models @param {string} [name] */
export function recogniserOf(models, name) {
  const recognisers = models.filter(({ role }) => role === 'recogniser');
  const found = name === undefined ? recognisers[0] : recognisers.find((one) => one.name === name);
  if (found) return found;
  const known = recognisers.map((one) => `'${one.name}'`).join(', ');
  throw new WorkerError('invalid-option', `model is '${name}'; this build has ${known || 'no calibrated recogniser'}.`);
}

/** Returns the only model with this role. @param {ModelCard[]} models @param {'detector' | 'landmarks'} role */
export function modelFor(models, role) {
  const found = models.find((model) => model.role === role);
  if (found) return found;
  throw new WorkerError('invalid-option', `This build has no model for the role '${role}'.`);
}

/**
 * Reads the files of all models concurrently.
 * @param {(BuiltInModel | OwnModel)[]} models
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<Uint8Array[]>} in the same order
 */
export function readModels(models, onProgress) {
  const loaded = models.map(() => 0);
  const totals = models.map(({ bytes }) => bytes);
  const tell = () => {
    const [sum, announced] = [loaded, totals.map((bytes) => bytes ?? NaN)].map((all) => all.reduce((a, b) => a + b, 0));
    // A response from another origin hides its compression; more bytes may then arrive than it announced.
    onProgress({ what: 'models', loaded: sum, total: announced >= sum ? announced : null });
  };
  return Promise.all(
    models.map(async (model, i) => {
      const response = await model.open();
      totals[i] ??= bodyLength(response);
      const bytes = await readAll(response, (bytes) => {
        loaded[i] = bytes;
        tell();
      }).catch(() => {
        throw new WorkerError('model-fetch', model.broken);
      });
      if (model.wanted) checkContent(model.wanted, answerOf(response), bytes);
      return bytes;
    }),
  );
}

/** A model of this build. Its hash is known in advance, and is its key in the cache. */
export class BuiltInModel {
  #card;
  #cache;
  #url;

  /** @param {ModelCard} card @param {string | undefined} assetBase @param {Cache | null} cache */
  constructor(card, assetBase, cache) {
    this.#card = card;
    this.#cache = cache;
    this.#url = assetBase === undefined ? assets.models[card.file]() : new URL(`models/${card.file}`, assetBase);
  }

  /** The engine's name for it. */
  get name() {
    return this.#card.name;
  }

  get bytes() {
    return this.#card.bytes;
  }

  /** The error message if reading is interrupted. */
  get broken() {
    return brokenOff(this.#card.file);
  }

  /** @returns {Wanted} */
  get wanted() {
    return { url: this.#url, expected: `the file of the model ${this.#card.name} (${this.#card.role})`, code: 'model-fetch', ours: true };
  }

  /** Opens the file from the cache, else from the server. @returns {Promise<Response>} */
  async open() {
    // Next to our own cache, the browser's would only store everything twice, and keep wrong bytes for longer.
    const init = /** @type {RequestInit} */ ({ cache: this.#cache ? 'no-store' : 'default' });
    return (await this.#cache?.match(this.#key)) ?? fetchFile(this.wanted, init);
  }

  /** The engine already has this model's card. */
  async card() {
    return undefined;
  }

  /** Describes the model to the page, once the engine runs it. @returns {ModelCard} */
  describe() {
    return this.#card;
  }

  /** @param {Uint8Array} bytes */
  async keep(bytes) {
    try {
      if (!(await this.#cache?.match(this.#key))) await this.#cache?.put(this.#key, new Response(/** @type {BlobPart} */ (bytes)));
    } catch {
      // If the disk is full, the only cost is another download on the next visit.
    }
  }

  async forget() {
    await this.#cache?.delete(this.#key);
  }

  /** Identifies the file by content, not location: a URL that no server answers. */
  get #key() {
    return new URL(`/serfiq-models/${this.#card.file}?sha256=${this.#card.sha256}`, self.location.origin).href;
  }
}

/** The page's own recogniser. Its hash is not known in advance, so only the browser's own cache keeps it. */
export class OwnModel {
  #files;

  /** @param {OwnFiles} files */
  constructor(files) {
    this.#files = files;
  }

  /** The name of its file. */
  get name() {
    return this.#files.onnx.name;
  }

  /** Null for an address: the server's response has the length. */
  get bytes() {
    const { at } = this.#files.onnx;
    return at instanceof Blob ? at.size : null;
  }

  get broken() {
    return brokenOff(this.name);
  }

  /** Null for a file that the visitor has chosen. */
  get wanted() {
    return wantedOf(this.#files.onnx, 'an ONNX or TFLite file');
  }

  /** @returns {Promise<Response>} */
  open() {
    return openFile(this.#files.onnx, this.wanted);
  }

  /** Reads its card, as TOML. */
  async card() {
    const { card } = this.#files;
    if (typeof card === 'string') return card;
    const wanted = wantedOf(card, 'a card in TOML');
    const response = await openFile(card, wanted);
    const bytes = await readAll(response, () => {}).catch(() => {
      throw new WorkerError('model-fetch', brokenOff(card.name));
    });
    if (wanted) checkContent(wanted, answerOf(response), bytes);
    return new TextDecoder().decode(bytes);
  }

  /** @param {EngineInfo} info @param {Uint8Array} bytes @returns {ModelCard} */
  describe({ model, modelSha256 }, { length }) {
    const { licence, author } = this.#files;
    return { name: model, role: 'recogniser', file: this.name, bytes: length, sha256: modelSha256, licence, author, source: 'your own file' };
  }

  async keep() {}

  async forget() {}
}

/** @param {OwnFile} file @param {string} expected @returns {Wanted | null} */
function wantedOf({ at }, expected) {
  return at instanceof Blob ? null : { url: new URL(at), expected, code: 'model-fetch', ours: false };
}

/** @param {OwnFile} file @param {Wanted | null} wanted @returns {Promise<Response>} */
async function openFile({ at }, wanted) {
  return wanted ? fetchFile(wanted) : new Response(at);
}

/** @param {string} file */
function brokenOff(file) {
  return `${file} could not be read to its end: the connection broke, or the file was changed meanwhile. Try again.`;
}

/** Opens the models' cache; null if the browser has none (plain HTTP, some private windows). Loading works without it. */
export async function openCache() {
  try {
    for (const name of await caches.keys()) {
      if (name.startsWith(CACHE_PREFIX) && name !== CACHE_NAME) await caches.delete(name);
    }
    return await caches.open(CACHE_NAME);
  } catch {
    return null;
  }
}

/**
 * A thread of the engine in Node: loads the engine, then scores one picture at a time. Its messages are `{ result }` or
 * `{ error: { code, message, reason } }`: first that of loading, then one for each request.
 */

import './opened-canvas.js';

import { parentPort, workerData } from 'node:worker_threads';

import * as wasm from '../pkg/serfiq_cpu.js';
import { describe } from '../worker/errors.js';
import { readAll } from '../worker/fetch.js';
import { OwnModel, modelFor, recogniserOf } from '../worker/models.js';
import { assets } from '../assets.js';
import { modelFile } from './package-files.js';
import { bytesOfPicture } from './pictures.js';

/** @import { EngineInfo, ModelCard } from '../types.js' */
/** @import { Loaded, Request, Start } from './thread.js' */

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
/** @type {wasm.Engine} */
let engine;

/** @param {() => Promise<unknown>} work */
async function answer(work) {
  try {
    port.postMessage({ result: await work() });
  } catch (error) {
    port.postMessage({ error: describe(error) });
  }
}

/** @param {Start} start @returns {Promise<Loaded>} */
async function load({ module, model, recogniser: own, landmarks }) {
  await wasm.default({ module_or_path: /** @type {WebAssembly.Module} */ (module) });
  /** @type {ModelCard[]} */
  const cards = wasm.models();
  const recogniser = own ? ownModel(new OwnModel(own)) : builtIn(recogniserOf(cards, model));
  const others = landmarks ? [modelFor(cards, 'detector'), modelFor(cards, 'landmarks')] : [modelFor(cards, 'detector')];
  const [bytes, card, detector, mesh] = await Promise.all([recogniser.read(), recogniser.card(), ...others.map((one) => modelFile(one.file))]);
  engine = await wasm.Engine.load(recogniser.name, bytes, card, detector, mesh, 'cpu', () => {});
  /** @type {EngineInfo} */
  const info = { ...engine.info(), threads: 1, module: assets.modules.cpu().href, fallbackReason: null, fallbackCode: null };
  return { info, models: [recogniser.describe(info, bytes), ...others] };
}

/** @param {ModelCard} card */
function builtIn(card) {
  return { name: card.name, read: () => modelFile(card.file), card: async () => undefined, describe: () => card };
}

/** @param {OwnModel} model */
function ownModel(model) {
  const { name } = model;
  return {
    name,
    read: async () => readAll(await model.open(), () => {}),
    card: () => model.card(),
    describe: (/** @type {EngineInfo} */ info, /** @type {Uint8Array} */ bytes) => model.describe(info, bytes),
  };
}

await answer(() => load(workerData));
port.on('message', (/** @type {Request} */ { picture, options, guide, standardMeasures, explain }) => {
  answer(async () => engine.scorePhoto(await bytesOfPicture(picture), options, guide, standardMeasures, explain));
});

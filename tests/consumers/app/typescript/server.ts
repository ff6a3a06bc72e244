/** What the types of `serfiq/node` guarantee, without the types of a page: this file is compiled, and never run. */
import { readFile } from 'node:fs/promises';
import { SerfiqError, bandOf, createEngine, percentileOf } from 'serfiq/node';
import type { Engine, Explanation, GuideSettings, Instruction, NodeEngineOptions, OwnRecogniserFiles, PictureFile, Scored } from 'serfiq/node';

const recogniser: OwnRecogniserFiles = { onnx: await readFile('mine.onnx'), card: { input: { mean: 127.5, scale: 1 / 127.5 } } };
const options: NodeEngineOptions = { recogniser, workers: 2, signal: AbortSignal.timeout(60_000) };
const engine: Engine = await createEngine(options);
const { modelSha256, percentiles } = engine.info;
const guide: GuideSettings = { score: { limit: 60, margin: 0 } };

export async function refusalOf(picture: PictureFile): Promise<Instruction[] | string> {
  try {
    const scored: Scored = await engine.score(picture, { guide, method: 'limit' });
    const quality = scored.faces[0]?.quality ?? 0;
    console.log(bandOf(quality), percentileOf(quality, percentiles), scored.model_sha256 === modelSha256);
    return scored.issues;
  } catch (error) {
    if (error instanceof SerfiqError) return error.reason ?? error.code;
    throw error;
  }
}
await refusalOf('portrait.jpg');
const explanation: Explanation | undefined = (await engine.explain('portrait.jpg')).explanation;
console.log(explanation?.parts?.mouth, explanation?.signal.length);
await refusalOf(new URL('portrait.jpg', import.meta.url));
await refusalOf(new Blob([]));

// @ts-expect-error Node has no backends to choose from
await createEngine({ backend: 'cpu' });
// @ts-expect-error a picture is a file
await engine.score(3);
// @ts-expect-error an unknown method
await engine.score('portrait.jpg', { method: 'best' });

/** What the types guarantee: this file is compiled, and never run. */
import { SerfiqError, bandOf, createEngine, drawExplanation, partsReadLittle } from 'serfiq';
import type { Engine, EngineOptions, GuideSettings, Instruction, Measures, OwnRecogniser, RecogniserCard } from 'serfiq';
import type { Explained, Explanation, Picture, Progress, Scored, WatchedFrame } from 'serfiq';
import { SerfiqCaptureElement } from 'serfiq/capture';
import type { SerfiqCaptureEvents } from 'serfiq/capture';

const options: EngineOptions = {
  backend: 'auto',
  assetBase: new URL('https://static.example/serfiq/'),
  onProgress: ({ what, loaded, total }: Progress) => console.log(what, loaded, total ?? 'unknown'),
  signal: AbortSignal.timeout(60_000),
};
const engine: Engine = await createEngine(options);
const { backend, defaultMethod } = engine.info;
console.log(backend === 'cpu', defaultMethod, engine.models.map(({ licence, author }) => `${author}: ${licence}`));

const card: RecogniserCard = { name: 'mine', input: { colour: 'bgr', mean: 127.5, scale: 1 / 127.5 }, dropout: { probability: 0.4 } };
const recogniser: OwnRecogniser = { onnx: new URL('https://static.example/mine.onnx'), card };
const own: Engine = await createEngine({ recogniser });
const { calibrated, modelSha256 } = own.info;
console.log(calibrated || !own.info.trainedWithDropout, modelSha256);

export async function qualityOf(file: File): Promise<number | null> {
  try {
    const scored: Scored = await engine.score(file, { method: 'mc', passes: 50, seed: 1 });
    const measures: Measures = scored.measures;
    console.log(scored.accepted, scored.issues, measures.light.luminance, scored.milliseconds.total);
    return scored.faces[0]?.quality ?? null;
  } catch (error) {
    if (error instanceof SerfiqError && error.code === 'unreadable-image') return null;
    throw error;
  }
}

export async function explain(picture: ImageBitmap, context: CanvasRenderingContext2D): Promise<number> {
  const { explanation, measures }: Explained = await engine.explain(picture);
  if (!explanation) return 0;
  const { rows, columns, parts, cover }: Explanation = explanation;
  drawExplanation(context, explanation);
  console.log(rows * columns, cover?.mouth ?? measures.face?.cover?.mouth);
  console.log(parts && partsReadLittle(parts).includes('mouth'));
  return parts?.mouth ?? 0;
}

export async function firstPicture(video: HTMLVideoElement): Promise<Picture | null> {
  const guide: GuideSettings = { score: { limit: 60, margin: 5 }, capture: { time_limit_ms: null } };
  for await (const frame of engine.watch(video, { guide, crop: true, explain: true })) {
    const { instruction, capture }: WatchedFrame = frame;
    const hint: Instruction = instruction;
    if (capture.state === 'waiting') console.log(hint, capture.progress);
    if (frame.picture) return frame.picture;
  }
  return null;
}

const made: SerfiqCaptureElement = document.createElement('serfiq-capture');
made.threshold = 60;
made.autoCapture = true;
made.guide = { yaw: { limit: 20, margin: 3 } };
made.recogniser = { onnx: new File([], 'mine.onnx'), card: '/models/mine.toml' };
made.addEventListener('serfiq-capture', ({ detail }) => {
  const bytes: number = detail.blob.size;
  console.log(bytes, bandOf(detail.report.faces[0]?.quality ?? 0));
});
const failed = ({ detail }: SerfiqCaptureEvents['serfiq-error']) => console.error(detail.code, detail.action);
document.querySelector('serfiq-capture')?.addEventListener('serfiq-error', failed);
const picture: Picture = await made.capture({ belowThreshold: true });
made.explain = true;
const why: Explanation | undefined = picture.report.explanation;
console.log(picture.crop, why?.reading);

// @ts-expect-error an unknown backend
await createEngine({ backend: 'gpu' });
// @ts-expect-error an unknown key of a card
await createEngine({ recogniser: { onnx: '/mine.onnx', card: { input: { gamma: 2 } } } });
// @ts-expect-error only pictures are scored
await engine.score('portrait.jpg');
// @ts-expect-error a score alone has no explanation
(await engine.score(new Blob([]))).explanation;
// @ts-expect-error a quality is a number
made.threshold = 'high';
// @ts-expect-error an unknown backend
made.backend = 'gpu';
// @ts-expect-error the state is read-only
made.state = 'idle';

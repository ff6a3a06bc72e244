import { answerWith, backend, bytesOf } from './contender.js';

/** A camera's frame: the portrait as a person holds it before a camera, 640 x 480. */
const FRAME = { width: 640, height: 480 };
/** Of the portrait, in pixels: left, top, width, height. */
const HEAD = [93, 27, 256, 192];
const FRAMES_APART_MS = 50;
const LONG_SIDE = 1280;

answerWith(async () => {
  const name = backend === 'cpu' ? 'serfiq_cpu' : 'serfiq_webgpu';
  const { default: init, Engine, Guide, models } = await import(`/serfiq/pkg/${name}.js`);
  await init({ module_or_path: fetch(`/serfiq/pkg/${name}_bg.wasm`) });
  // The first recogniser, as `createEngine` takes where none is named.
  const cards = ['recogniser', 'detector'].map((role) => models().find((model) => model.role === role));
  const [recogniser, detector] = await Promise.all(cards.map(({ file }) => bytesOf(`/serfiq/models/${file}`)));
  const lost = (message) => console.error(`GPU lost: ${message}`);
  const engine = await Engine.load(cards[0].name, recogniser, detector, backend, lost);
  const crop = await bytesOf('/bench/data/crop.rgb');
  const guide = new Guide();
  const camera = await cameraFrame();
  let frames = 0;
  return {
    about: engine.info(),
    jobs: {
      embed: () => engine.embed(crop),
      limit: async () => [(await engine.scoreCrop(crop, { method: 'limit' })).raw],
      mc: async () => [(await engine.scoreCrop(crop, { method: 'mc', passes: 100, seed: 0 })).raw],
      frame: async () => {
        const [number, time] = [frames, FRAMES_APART_MS * frames++];
        const { width, height } = FRAME;
        const report = await engine.watchFrame(guide, camera, width, height, number, time, LONG_SIDE, 'always', { method: 'limit' });
        return [report.faces[0].raw];
      },
    },
  };
});

async function cameraFrame() {
  const portrait = await createImageBitmap(new Blob([await bytesOf('/bench/portraits/astronaut.png')]));
  const canvas = new OffscreenCanvas(FRAME.width, FRAME.height);
  canvas.getContext('2d').drawImage(portrait, ...HEAD, 0, 0, FRAME.width, FRAME.height);
  return new VideoFrame(canvas, { timestamp: 0 });
}

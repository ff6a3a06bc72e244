import init, { Engine, models } from '/pkg/serfiq.js';

import { answerWith, backend, bytesOf } from './contender.js';

answerWith(async () => {
  await init({ module_or_path: fetch('/pkg/serfiq_bg.wasm') });
  const [recogniser, detector] = await Promise.all(
    ['recogniser', 'detector'].map((role) => bytesOf(`/models/${models().find((model) => model.role === role).file}`)),
  );
  const engine = await Engine.load(recogniser, detector, backend, (message) => console.error(`GPU lost: ${message}`));
  const crop = await bytesOf('/bench/data/crop.rgb');
  return {
    about: engine.info(),
    jobs: {
      embed: () => engine.embed(crop),
      limit: async () => [(await engine.scoreCrop(crop, { method: 'limit' })).raw],
      mc: async () => [(await engine.scoreCrop(crop, { method: 'mc', passes: 100, seed: 0 })).raw],
    },
  };
});

import init, { Engine, models } from '/serfiq/pkg/serfiq.js';

import { answerWith, backend, bytesOf } from './contender.js';

answerWith(async () => {
  await init({ module_or_path: fetch('/serfiq/pkg/serfiq_bg.wasm') });
  // The first recogniser, as `createEngine` takes where none is named.
  const cards = ['recogniser', 'detector'].map((role) => models().find((model) => model.role === role));
  const [recogniser, detector] = await Promise.all(cards.map(({ file }) => bytesOf(`/serfiq/models/${file}`)));
  const lost = (message) => console.error(`GPU lost: ${message}`);
  const engine = await Engine.load(cards[0].name, recogniser, detector, backend, lost);
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

import { answerWith, backend, bytesOf, threads } from './contender.js';

answerWith(async () => {
  const folder = '/bench/onnxruntime-web/';
  const ort = await import(`${folder}ort.${backend === 'webgpu' ? 'webgpu' : 'wasm'}.bundle.min.mjs`);
  ort.env.wasm.wasmPaths = folder;
  ort.env.wasm.numThreads = threads;
  const options = { executionProviders: [backend === 'webgpu' ? 'webgpu' : 'wasm'] };
  const open = async (file) => ort.InferenceSession.create(await bytesOf(`/bench/data/${file}`), options);
  const embed = await open('embed.onnx');
  const passes = await open('passes.onnx');
  const feed = { [embed.inputNames[0]]: new ort.Tensor('float32', planes(await bytesOf('/bench/data/crop.rgb')), [1, 3, 112, 112]) };
  return {
    about: {},
    jobs: {
      embed: async () => (await embed.run(feed)).embedding.data,
      mc: async () => (await passes.run(feed)).embedding.data,
    },
  };
});

/** Converts interleaved RGB to planes. @param {Uint8Array} rgb */
function planes(rgb) {
  const pixels = rgb.length / 3;
  return Float32Array.from(rgb, (_, i) => rgb[(i % pixels) * 3 + Math.floor(i / pixels)]);
}

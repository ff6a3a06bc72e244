/**
 * At the start, the engine opens a canvas to read pictures that the browser has decoded. There are none in Node, where the engine decodes
 * files itself, so this canvas is opened but never used.
 */
Object.assign(globalThis, {
  OffscreenCanvas: class {
    getContext() {
      return {};
    }
  },
});

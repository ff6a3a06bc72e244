/**
 * When it starts, the engine opens a canvas, through which it reads pictures that the browser has decoded. There are none in Node: files are
 * decoded in the engine. So this canvas is opened, and never used.
 */
Object.assign(globalThis, {
  OffscreenCanvas: class {
    getContext() {
      return {};
    }
  },
});

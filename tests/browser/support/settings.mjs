/** The settings that `cargo xtask test` passes to the tests in environment variables. */

/** @param {string} name @param {string} meaning */
function path(name, meaning) {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: expected ${meaning}. \`cargo xtask test\` sets it; README.md says how to do without.`);
}

export const settings = {
  /** The built page. */
  get dist() {
    return path('SERFIQ_DIST', 'the folder of the built page');
  },
  /** The engine that runs the tests. @returns {import('./browser.mjs').EngineName} */
  get engine() {
    const engine = process.env.SERFIQ_ENGINE ?? 'chromium';
    if (engine === 'chromium' || engine === 'firefox') return engine;
    throw new Error(`SERFIQ_ENGINE is ${engine}: expected chromium or firefox`);
  },
  /** Firefox; null where there is none. */
  get firefox() {
    return process.env.SERFIQ_FIREFOX || null;
  },
  /** WebKitGTK's MiniBrowser; null where there is none. */
  get webkit() {
    return process.env.SERFIQ_WEBKIT || null;
  },
  /** Chrome or Chromium. */
  get chrome() {
    return path('SERFIQ_CHROME', 'the path of Chrome or Chromium');
  },
  /** The native command line. */
  get cli() {
    return path('SERFIQ_CLI', 'the path of the native `serfiq`');
  },
  /** Test pictures. */
  get portraits() {
    return path('SERFIQ_PORTRAITS', 'the folder of the portraits');
  },
  /** Recognisers of a different kind from ours. */
  get recognisers() {
    return path('SERFIQ_RECOGNISERS', 'the folder of the recognisers that the tests bring along');
  },
  /** The fake camera's videos. */
  cameras: {
    get face() {
      return path('SERFIQ_CAMERA_FACE', 'a .y4m or .mjpeg video of one face');
    },
    get twoFaces() {
      return path('SERFIQ_CAMERA_TWO_FACES', 'a .y4m or .mjpeg video of two faces');
    },
    get empty() {
      return path('SERFIQ_CAMERA_EMPTY', 'a .y4m or .mjpeg video without a face');
    },
  },
};

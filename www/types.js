/**
 * The shapes that cross the border between the engine, the worker, the client and the page.
 * @module types
 */

/** @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice */
/** @typedef {'mc' | 'limit'} MethodName Monte Carlo dropout passes, or their closed-form limit. */

/**
 * @typedef {object} EngineInfo
 * @property {'webgpu' | 'cpu'} backend
 * @property {string | null} adapter the GPU's own name, where it tells
 * @property {string | null} fallbackReason why WebGPU does not run; null when it does or was not asked for
 * @property {string} model
 * @property {MethodName[]} methods
 * @property {MethodName} defaultMethod
 * @property {number} dropout probability that a feature is dropped
 * @property {string} version
 */

/**
 * @typedef {object} ModelCard
 * @property {string} name
 * @property {'recogniser' | 'detector'} role
 * @property {string} file base name under `models/`
 * @property {number} bytes
 * @property {string} sha256
 * @property {string} licence
 * @property {string} author
 * @property {string} source
 */

/**
 * @typedef {object} ScoredFace
 * @property {[number, number, number, number]} box x, y, width, height in pixels of the frame
 * @property {[number, number][]} landmarks
 * @property {number} confidence
 * @property {number | null} raw robustness in (0, 1]; null when this face was not scored
 * @property {number | null} quality 0..100
 * @property {number | null} std_error of `raw`; Monte Carlo only
 */

/**
 * @typedef {object} Result
 * @property {'ok' | 'no_face'} status
 * @property {string} model
 * @property {MethodName} method
 * @property {number | null} passes Monte Carlo only
 * @property {number | null} seed Monte Carlo only
 * @property {number} dropout probability
 * @property {ScoredFace[]} faces largest first
 * @property {number} width
 * @property {number} height
 * @property {{ detect: number, score: number, total: number }} milliseconds
 */

/**
 * @typedef {object} ScoreOptions
 * @property {MethodName} [method]
 * @property {number} [passes]
 * @property {number} [seed]
 */

/**
 * @typedef {object} Progress
 * @property {'engine' | 'models' | 'starting'} what the WebAssembly module, the model files, or the engine's own start
 * @property {number} loaded bytes
 * @property {number | null} total bytes; null where the server does not tell
 */

export {};

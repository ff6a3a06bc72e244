/** The generated JavaScript of the WebAssembly module, by one name. */
import init, * as wasm from '../pkg/serfiq.js';

export { init, wasm };

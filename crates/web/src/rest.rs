//! The rest of this module, which `cargo xtask build` splits off: see `xtask/src/rest/mod.rs`.
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Loads the rest before it returns. Called by the stubs of the functions that were split off.
    #[wasm_bindgen(js_name = serfiqLoadRest)]
    fn load();
}

/// Loads the rest before it is needed.
#[wasm_bindgen(js_name = loadRest)]
pub fn load_rest() {
    // This call also keeps the function above among the module's imports.
    load();
}

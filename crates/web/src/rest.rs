//! The rest of this module. `cargo xtask build` takes it away: see `xtask/src/rest/mod.rs`.
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Loads the rest, before it returns. Called by what stands in the place of the functions that were taken away.
    #[wasm_bindgen(js_name = serfiqLoadRest)]
    fn load();
}

/// Loads the rest before it is needed.
#[wasm_bindgen(js_name = loadRest)]
pub fn load_rest() {
    // Also what keeps the function above among those that the module imports.
    load();
}

//! The engine for JavaScript, in a Web Worker. Only translates.
//!
//! | module | owns |
//! |---|---|
//! | `allocator` | memory |
//! | `engine` | the exported class |
//! | `options` | what JavaScript may ask for, validated |
//! | `pixels` | an `ImageBitmap` to a frame |
//! | `error` | errors with a code |
//! | `rest` | what is not in the module that a page fetches first, in that with WebGPU |
//! | `watch` | a camera that is watched |
//! | `threads` | the pool of workers, in a module with threads |
#[expect(unsafe_code, reason = "an allocator's interface is unsafe")]
mod allocator;
mod engine;
mod error;
mod options;
mod pixels;
#[cfg(feature = "webgpu")]
mod rest;
mod threads;
mod watch;

use std::sync::Once;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use serfiq::model::{ModelCard, Role};

#[expect(unsafe_code, reason = "made by the linker, which says nothing of it")]
unsafe extern "C" {
    /// Runs what is to run before everything else: thousands of registrations in the compiler of shaders. Made by the linker.
    fn __wasm_call_ctors();
}

/// Called once by the JavaScript that loads the module, and again in every further worker that shares its memory.
#[wasm_bindgen(start)]
#[expect(unsafe_code, reason = "calls what the linker made")]
pub fn start() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        // A panic would end the module without a word; this puts its message into the console.
        console_error_panic_hook::set_once();
        // SAFETY: nothing has run yet, and nothing else calls it. That it is called here also keeps the linker from calling it at
        // the start of each and every exported function, down to those that pass a string: milliseconds a score.
        unsafe { __wasm_call_ctors() };
    });
}

/// The detector, and the recognisers that are calibrated: a page shows qualities.
fn models_of_the_page() -> impl Iterator<Item = &'static ModelCard> {
    serfiq::models().iter().filter(|card| card.role == Role::Detector || card.calibration.is_some())
}

/// A model that comes with this module, for the page to fetch and to credit.
#[derive(Serialize)]
struct ModelInfo {
    name: &'static str,
    role: &'static str,
    file: &'static str,
    bytes: u64,
    sha256: &'static str,
    licence: Option<&'static str>,
    author: Option<&'static str>,
    source: &'static str,
}

/// The models that a page can run: `{name, role, file, bytes, sha256, licence, author, source}[]`.
#[wasm_bindgen]
pub fn models() -> Result<JsValue, JsValue> {
    let infos: Vec<ModelInfo> = models_of_the_page()
        .map(|card| ModelInfo {
            name: &card.name,
            role: card.role.name(),
            file: &card.file,
            bytes: card.bytes,
            sha256: &card.sha256,
            licence: card.licence.as_deref(),
            author: card.author.as_deref(),
            source: &card.source,
        })
        .collect();
    to_js(&infos)
}

/// Plain objects, numbers and `null`, as `JSON.parse` would make them.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|e| error::with_code("internal", &e.to_string()))
}

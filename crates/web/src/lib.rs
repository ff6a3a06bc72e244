//! The engine for JavaScript, in a Web Worker. Only translates.
//!
//! | module | owns |
//! |---|---|
//! | `allocator` | memory |
//! | `engine` | the exported class |
//! | `options` | options from JavaScript, validated |
//! | `pixels` | an `ImageBitmap` to a frame |
//! | `error` | errors with a code |
//! | `rest` | with WebGPU: the code outside the module that a page fetches first |
//! | `watch` | watching a camera |
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

#[expect(unsafe_code, reason = "made by the linker, which vouches for nothing")]
unsafe extern "C" {
    /// Runs the static constructors: thousands of registrations in the shader compiler. Made by the linker.
    fn __wasm_call_ctors();
}

/// Called once by the JavaScript that loads the module, and again in every further worker that shares its memory.
#[wasm_bindgen(start)]
#[expect(unsafe_code, reason = "calls what the linker made")]
pub fn start() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        // A panic would end the module silently; this prints its message to the console.
        console_error_panic_hook::set_once();
        // SAFETY: nothing has run yet, and nothing else calls it. Calling it here also keeps the linker from calling it at the
        // start of every exported function, even those that pass a string, at a cost of milliseconds per score.
        unsafe { __wasm_call_ctors() };
    });
}

/// Returns the calibrated recognisers, as a page shows qualities, the detector and the face mesh.
fn models_of_the_page() -> impl Iterator<Item = &'static ModelCard> {
    serfiq::models().iter().filter(|card| card.role != Role::Recogniser || card.calibration.is_some())
}

/// A built-in model, for the page to fetch and to credit.
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

/// Returns the models that a page can run: `{name, role, file, bytes, sha256, licence, author, source}[]`.
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

/// Converts to plain objects, numbers and `null`, like `JSON.parse`.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|e| error::with_code("internal", &e.to_string()))
}

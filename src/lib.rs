//! Face image quality for face recognition: SER-FIQ (Terhörst et al., CVPR 2020), on the CPU, on WebGPU and in the browser.
//!
//! One face goes through a face-recognition network many times under random dropout; the less its embedding moves, the more
//! useful the picture is for recognition. Data flows one way:
//!
//! | module | owns |
//! |---|---|
//! | [`frame`] | pixels in: decoding, validation, the detector's input; light and sharpness |
//! | [`face`] | the detector's answers to faces, and their alignment; pose and framing |
//! | [`model`] | recogniser and detector on burn; the device they run on |
//! | [`score`] | the mathematics: dropout masks, Monte Carlo, its limit, quality |
//! | [`guide`] | measures over time to one instruction, and to the picture that is taken |
//! | [`Engine`] | the steps above, in order |
//! | [`report`] | what is said of one picture |
//! | [`blocking`] | the engine on the CPU, for programs without an executor |
//! | [`example`] | tiny networks, to try it with |
//!
//! On the CPU a call runs on the caller's thread, so that many pictures are best scored on as many threads. A single one is there sooner
//! when the call is made within a pool of rayon (`rayon::scope(|_| ...)`): then each layer is divided among its threads.
//!
//! # Example
//! With real models, whose files are not part of this crate: their [cards](models) name package, version and SHA-256.
//! ```no_run
//! use serfiq::{Faces, ModelCard, ModelFile, ModelFiles, blocking::Engine, frame::Frame, score::Method};
//!
//! let [recogniser, detector] = [ModelCard::recogniser("sface").ok_or("there is no such recogniser")?, ModelCard::detector()];
//! let file = |card: &ModelCard| std::fs::read(format!("models/files/{}", card.file));
//! let engine = Engine::load(ModelFiles {
//!     recogniser: ModelFile { card: recogniser, bytes: &file(recogniser)? },
//!     detector: ModelFile { card: detector, bytes: &file(detector)? },
//! })?;
//! let frame = Frame::decode(&std::fs::read("portrait.jpg")?)?;
//! for scored in engine.score(&frame, Faces::All, Method::Limit)? {
//!     println!("{:?}: {:?}", scored.face.bounds, scored.score);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//! [`blocking::Engine`] runs on the CPU. [`Engine`] is the same with `async` calls, on the CPU or, with the feature `webgpu`, on a GPU.
//! [`example`] has networks of a few kilobytes to try either with.
//!
//! # In WebAssembly
//! The crate compiles for `wasm32-unknown-unknown` and exports nothing there. As in every program for browsers, `getrandom` must be told
//! where random numbers come from (its feature `wasm_js`, and `--cfg getrandom_backend="wasm_js"`).
pub mod blocking;
mod engine;
pub mod example;
pub mod face;
pub mod frame;
pub mod guide;
pub mod model;
pub mod report;

pub use engine::{
    Engine, EngineError, EngineInfo, Faces, LIVE_LONG_SIDE, ModelFile, ModelFiles, PHOTO_LONG_SIDE, Score, ScoredFace,
    check_recogniser,
};
pub use model::{BackendChoice, BackendKind, CardError, ModelCalibration, ModelCard, Role, models};
/// The mathematics, a crate of its own: it is built and tested in seconds.
#[doc(inline)]
pub use serfiq_score as score;

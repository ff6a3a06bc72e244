//! Face image quality for face recognition: SER-FIQ (Terhörst et al., CVPR 2020), on the CPU, on WebGPU and in the browser.
//!
//! One face passes through a face-recognition network many times under random dropout. The less its embedding moves, the more useful the
//! picture is for recognition. Data flows one way:
//!
//! | module | owns |
//! |---|---|
//! | [`frame`] | pixels in: decoding, validation |
//! | [`face`] | face locations and alignment |
//! | [`model`] | recogniser and detector on burn; the device they run on |
//! | [`Engine`] | both, loaded: frame to faces, aligned crop to score |
//! | [`score`] | the mathematics: dropout masks, Monte Carlo, its limit, quality |
//! | [`Quality`] | the trait that every quality implements |
//! | [`measure`] | light, sharpness, framing, pose |
//! | [`explain`] | why a score is low: the score's own terms, cell by cell |
//! | [`guide`] | measures over time to one instruction, and to the captured picture |
//! | [`Assessment`] | the result for one picture, through all of these: [`Engine::assess`] |
//! | [`Watch`] | the same for a camera, frame by frame |
//! | [`report`] | the parts of an assessment |
//! | [`blocking`] | the engine on the CPU, for programs without an executor |
//! | [`example`] | tiny networks for trying it out |
//!
//! On the CPU a call runs on the caller's thread, so many pictures are best scored on many threads. To score a single picture faster, make
//! the call inside a rayon pool (`rayon::scope(|_| ...)`): each layer is then divided among the pool's threads.
//!
//! # Example
//! With real models, whose files are not part of this crate. Their [cards](models) name package, version and SHA-256.
//! ```no_run
//! use serfiq::{ModelCard, ModelFile, ModelFiles, blocking::Engine, frame::Frame, guide::Settings, score::Method};
//!
//! let [recogniser, detector] = [ModelCard::recogniser("sface").ok_or("there is no such recogniser")?, ModelCard::detector()];
//! let file = |card: &ModelCard| std::fs::read(format!("models/files/{}", card.file));
//! let engine = Engine::load(ModelFiles {
//!     recogniser: ModelFile { card: recogniser, bytes: &file(recogniser)? },
//!     detector: ModelFile { card: detector, bytes: &file(detector)? },
//!     landmarks: Some(ModelFile { card: ModelCard::landmarks(), bytes: &file(ModelCard::landmarks())? }),
//! })?;
//! let frame = Frame::decode(&std::fs::read("portrait.jpg")?)?;
//! let assessment = engine.assess(&frame, &Method::Limit, &Settings::of_photo())?;
//! for face in &assessment.faces {
//!     println!("{:?}: quality {:?}", face.place, face.quality);
//! }
//! println!("accepted: {}; wrong: {:?}", assessment.accepted, assessment.issues);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//! [`blocking::Engine`] runs on the CPU. [`Engine`] has the same calls as `async`, on the CPU or, with the feature `webgpu`, on a GPU.
//! [`example`] has networks of a few kilobytes for trying either.
//!
//! # In WebAssembly
//! The crate compiles for `wasm32-unknown-unknown` and exports nothing there. As in any program for browsers, `getrandom` needs a source of
//! random numbers (its feature `wasm_js`, and `--cfg getrandom_backend="wasm_js"`).
mod assess;
pub mod blocking;
mod engine;
pub mod example;
pub mod explain;
pub mod face;
pub mod frame;
pub mod guide;
pub mod measure;
pub mod model;
mod quality;
pub mod report;
mod turned;
mod watch;

pub use assess::{Assessment, PHOTO_LONG_SIDE};
pub use engine::{Engine, EngineError, EngineInfo, Evaluation, ModelFile, ModelFiles, Score, check_recogniser};
pub use model::{BackendChoice, BackendKind, CardError, ModelCalibration, ModelCard, Role, models};
pub use quality::Quality;
/// The mathematics. A separate crate, so that it builds and tests in seconds.
#[doc(inline)]
pub use serfiq_score as score;
pub use watch::{Picture, Take, Watch, Watched};

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
//!
//! On the CPU a call runs on the caller's thread, so that many pictures are best scored on as many threads. A single one is there sooner
//! when the call is made within a pool of rayon (`rayon::scope(|_| ...)`): then each layer is divided among its threads.
//!
//! # Example
//! ```no_run
//! use serfiq::{BackendChoice, Engine, Faces, ModelCard, ModelFiles, frame::Frame, score::Method};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let recogniser = std::fs::read("models/files/face_recognition_sface_2021dec_int8bq.onnx")?;
//! let detector = std::fs::read("models/files/face_detection_yunet_2023mar_int8bq.onnx")?;
//! let card = ModelCard::recogniser("sface").ok_or("there is no such recogniser")?;
//! let files = ModelFiles { card, recogniser: &recogniser, detector: &detector };
//! let engine = Engine::load(files, BackendChoice::Cpu).await?;
//! let frame = Frame::decode(&std::fs::read("portrait.jpg")?)?;
//! for scored in engine.score(&frame, Faces::All, Method::Limit).await? {
//!     println!("{:?}: {:?}", scored.face.bounds, scored.score);
//! }
//! # Ok(())
//! # }
//! ```
mod engine;
pub mod face;
pub mod frame;
pub mod guide;
pub mod model;
pub mod report;

pub use engine::{Engine, EngineError, EngineInfo, Faces, LIVE_LONG_SIDE, ModelFiles, PHOTO_LONG_SIDE, Score, ScoredFace};
pub use model::{BackendChoice, BackendKind, CardError, ModelCalibration, ModelCard, Role, models};
/// The mathematics, a crate of its own: it is built and tested in seconds.
#[doc(inline)]
pub use serfiq_score as score;

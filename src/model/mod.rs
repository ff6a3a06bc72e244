//! Recogniser and detector on burn, and the device they run on.
//!
//! | module | owns |
//! |---|---|
//! | `card` | what is known of each model at compile time |
//! | `backend` | CPU or WebGPU: choosing, reading back, hearing of its loss |
//! | `gpu` | a GPU opened and checked; `no_gpu` in a build without |
//! | `device_tensors` | what our own shaders on the GPU read and write |
//! | `shader` | these shaders, launched |
//! | `layers` | burn, as the code that `burn-onnx` wrote sees it |
//! | `network` | the networks that `burn-onnx` wrote, and loading their weights |
//! | `head` | what follows the dropout: embedding, passes, limit |
//! | `recogniser` | aligned crop to embedding and score |
//! | `detector` | frame to faces |
pub mod backend;
mod card;
mod detector;
#[cfg(feature = "webgpu")]
mod device_tensors;
mod error;
mod generated;
#[cfg_attr(not(feature = "webgpu"), path = "no_gpu.rs")]
mod gpu;
mod head;
mod layers;
mod network;
mod recogniser;
#[cfg(feature = "webgpu")]
mod shader;

pub use backend::{Backend, BackendChoice, BackendKind, GpuLost};
pub use card::{ModelCalibration, ModelCard, Role};
pub use detector::{DetectError, Detector};
pub use error::ModelError;
pub use recogniser::Recogniser;

/// The models compiled into this build, recognisers and the detector.
pub fn models() -> &'static [ModelCard] {
    generated::CARDS
}

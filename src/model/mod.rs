//! Recogniser and detector on burn, and the device they run on.
//!
//! | module | owns |
//! |---|---|
//! | `card` | what is known of each model |
//! | `backend` | CPU or WebGPU: choosing, reading back, hearing of its loss |
//! | `gpu` | a GPU opened and checked; `no_gpu` in a build without |
//! | `device_tensors` | what our own shaders on the GPU read and write |
//! | `shader` | these shaders, launched |
//! | `program` | networks, step by step, on either device |
//! | `head` | what follows the dropout: embedding, passes, limit |
//! | `recogniser` | aligned crop to embedding and score |
//! | `detector` | frame to faces |
//! | `yunet` | what the detector YuNet reads, and the faces in its outputs |
mod backend;
mod card;
mod detector;
#[cfg(feature = "webgpu")]
mod device_tensors;
mod error;
#[cfg_attr(not(feature = "webgpu"), path = "no_gpu.rs")]
mod gpu;
mod head;
mod program;
mod recogniser;
#[cfg(feature = "webgpu")]
mod shader;
mod yunet;

pub(crate) use backend::Backend;
pub use backend::{BackendChoice, BackendKind, GpuLost};
pub use card::{CardError, ModelCalibration, ModelCard, Role, models};
pub(crate) use detector::{DetectError, Detector};
pub use error::ModelError;
pub(crate) use recogniser::Recogniser;
/// Why a model file cannot be used, in the words of the crate that reads it.
#[doc(inline)]
pub use serfiq_network::ImportError;

//! Recogniser and detector on burn, and the device they run on.
//!
//! | module | owns |
//! |---|---|
//! | `card` | what is known about each model |
//! | `backend` | an open CPU or WebGPU backend: reading back, reporting its loss |
//! | `open` | choosing a backend |
//! | `gpu` | everything specific to a GPU: opening it, and our own shaders |
//! | `program` | networks, step by step, on either device |
//! | `head` | everything after the dropout: embedding, passes, limit |
//! | `normalisation` | the channel values that a network expects |
//! | `recogniser` | aligned crop to embedding and score |
//! | `detector` | frame to faces |
//! | `mesh` | face to 468 landmarks |
//! | `yunet` | input and output decoding of the detector YuNet |
mod backend;
mod card;
mod detector;
mod error;
mod gpu;
mod head;
mod mesh;
mod normalisation;
mod open;
mod program;
mod recogniser;
mod yunet;

pub(crate) use backend::Backend;
pub use backend::{BackendChoice, BackendKind, GpuLost};
pub use card::{CardError, ModelCalibration, ModelCard, Role, models};
pub(crate) use detector::{DetectError, Detector};
pub use error::ModelError;
pub(crate) use mesh::FaceMesh;
pub(crate) use normalisation::Normalisation;
pub(crate) use recogniser::Recogniser;
/// Why a model file cannot be used, as reported by the crate that reads it.
#[doc(inline)]
pub use serfiq_network::ImportError;

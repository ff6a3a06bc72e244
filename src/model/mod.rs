//! Recogniser and detector on burn, and the device they run on.
//!
//! | module | owns |
//! |---|---|
//! | `card` | what is known of each model |
//! | `backend` | CPU or WebGPU, open: reading back, hearing of its loss |
//! | `open` | choosing one |
//! | `gpu` | all that only a GPU needs: opening it, and our own shaders |
//! | `program` | networks, step by step, on either device |
//! | `head` | what follows the dropout: embedding, passes, limit |
//! | `normalisation` | what a network expects of the channel values of a picture |
//! | `recogniser` | aligned crop to embedding and score |
//! | `detector` | frame to faces |
//! | `yunet` | what the detector YuNet reads, and the faces in its outputs |
mod backend;
mod card;
mod detector;
mod error;
mod gpu;
mod head;
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
pub(crate) use normalisation::Normalisation;
pub(crate) use recogniser::Recogniser;
/// Why a model file cannot be used, in the words of the crate that reads it.
#[doc(inline)]
pub use serfiq_network::ImportError;

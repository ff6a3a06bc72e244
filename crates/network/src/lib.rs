//! From the bytes of a network file to steps that an engine can run.
//!
//! ```text
//! ONNX or TFLite -> steps of known shapes -> fold, fuse -> cut at the dropout: trunk and head
//! ```
//!
//! | module | owns |
//! |---|---|
//! | [`card`] | the TOML file that describes a model |
//! | [`verify`] | nothing runs on a wrong SHA-256 |
//! | [`onnx`] | the ONNX file format, and what each operator is made of |
//! | [`tflite`] | the same of TFLite |
//! | [`file`](mod@file) | a file of either format |
//! | [`builder`] | steps, with their shapes checked; constants computed at once |
//! | [`constant`] | values that are known before a network runs |
//! | [`network`](mod@network) | the steps |
//! | [`passes`] | fewer steps that compute the same |
//! | [`scaling`] | the scaling of the pixels, out of the network |
//! | [`cut`] | the network in two at its dropout: trunk and head |
//! | [`import`](mod@import) | the steps above, in order |
//! | [`inspect`](mod@inspect) | what a file is, before it has a card |
//!
//! Shapes are those of one input size. A network that takes pictures of any size is imported once for each.
//!
//! It knows nothing of burn, of browsers or of files: it is given bytes.
pub mod builder;
pub mod card;
pub mod constant;
pub mod cut;
mod error;
pub mod file;
pub mod import;
pub mod inspect;
pub mod network;
pub mod onnx;
pub mod passes;
pub mod scaling;
pub mod tflite;
pub mod verify;

pub use constant::Constant;
pub use cut::{AffineHead, Place};
pub use error::ImportError;
pub use import::{CutRecogniser, network};
pub use network::Network;

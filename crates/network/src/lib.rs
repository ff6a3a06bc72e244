//! From the bytes of a network file to steps an engine can run.
//!
//! ```text
//! ONNX or TFLite -> steps of known shapes -> fold, fuse -> cut at the dropout: trunk and head
//! ```
//!
//! | module | owns |
//! |---|---|
//! | [`card`] | the TOML file that describes a model |
//! | [`verify`] | SHA-256 checks: only the expected file runs |
//! | [`onnx`] | the ONNX file format, and how each operator is lowered |
//! | [`tflite`] | the same for TFLite |
//! | [`file`](mod@file) | a file in either format |
//! | [`builder`] | building steps with checked shapes; constant expressions are evaluated immediately |
//! | [`constant`] | values known before a network runs |
//! | [`network`](mod@network) | the steps |
//! | [`passes`] | simplification: fewer steps, same result |
//! | [`scaling`] | taking the pixel scaling out of the network |
//! | `direction` | finding the embedding among the outputs; dropping what changes only its length |
//! | [`cut`] | splitting the network at its dropout: trunk and head |
//! | [`import`](mod@import) | the whole import, in order |
//! | [`inspect`](mod@inspect) | describing a file that has no card yet |
//!
//! Shapes are for one input size. A network that takes pictures of any size is imported once per size.
//!
//! The crate knows nothing of burn, browsers or files: its input is bytes.
pub mod builder;
pub mod card;
pub mod constant;
pub mod cut;
mod direction;
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
pub use cut::{AffineHead, Grid, Place};
pub use error::ImportError;
pub use import::{CutRecogniser, network};
pub use network::Network;

//! The models of serfiq: what each one is, and how its ONNX file becomes what the engine runs.
//!
//! | module | owns |
//! |---|---|
//! | [`card`] | the TOML file that describes a model (feature `card`) |
//! | [`verify`] | nothing runs on a wrong SHA-256 |
//! | [`onnx`] | the ONNX file format: reading and writing |
//! | [`network`] | a graph and its float constants, as the steps pass it on |
//! | [`expand`] | block-quantised weights to `f32` |
//! | [`fold`] | batch norms into the convolution or fully connected layer before them |
//! | [`cut`] | the graph in two at its dropout: trunk and head |
//! | [`import`](mod@import) | the steps above, in order |
//! | [`scaling`] | the scaling of the pixels, out of the graph |
//! | [`operators`] | what a trunk may be made of |
//! | [`fuse`] | activations into the convolutions before them, in the code that `burn-onnx` writes (feature `card`) |
//! | [`inspect`](mod@inspect) | what an ONNX file is, before it has a card |
//!
//! The same code runs twice: at build time, where the trunk goes on to `burn-onnx`, and when the engine loads the weights,
//! natively or in the browser. It therefore knows nothing of burn, and reads no files but the cards.
#[cfg(feature = "card")]
pub mod card;
pub mod cut;
mod error;
pub mod expand;
pub mod fold;
#[cfg(feature = "card")]
pub mod fuse;
pub mod import;
pub mod inspect;
pub mod network;
pub mod onnx;
pub mod operators;
pub mod scaling;
pub mod verify;

pub use cut::{Head, Place};
pub use error::ImportError;
pub use import::{Detector, Recogniser};
pub use network::{Network, Weight};

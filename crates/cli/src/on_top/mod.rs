//! The on-top network, for recognisers without dropout.
//!
//! | module | owns |
//! |---|---|
//! | `embeddings` | files of embeddings |
//! | `examples` | embeddings with identities: the training data |
//! | `train` | the training, and its summary |
//! | `scorer` | a trained on-top network, and how it scores |
pub mod embeddings;
mod examples;
pub mod scorer;
pub mod train;

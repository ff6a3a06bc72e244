//! The on-top network, for recognisers without dropout.
//!
//! | module | owns |
//! |---|---|
//! | `embeddings` | files of embeddings |
//! | `examples` | which of them are whose: what an on-top network is trained on |
//! | `train` | the training, and what is said of it |
//! | `scorer` | a trained on-top network, and how it scores |
pub mod embeddings;
mod examples;
pub mod scorer;
pub mod train;

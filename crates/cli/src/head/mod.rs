//! The on-top head, for recognisers without dropout.
//!
//! | module | owns |
//! |---|---|
//! | `embeddings` | files of embeddings |
//! | `examples` | which of them are whose: what a head is trained on |
//! | `train` | the training, and what is said of it |
//! | `scorer` | a trained head, and how it scores |
pub mod embeddings;
mod examples;
pub mod scorer;
pub mod train;

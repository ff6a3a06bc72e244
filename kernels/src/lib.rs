//! The parts of the networks in which a CPU spends its time, on plain slices, in 128-bit SIMD: what WebAssembly has, and every
//! CPU of the last fifteen years.
//!
//! | module | owns |
//! |---|---|
//! | [`head`] | what follows the dropout: embedding, dropout passes, moments |
//! | [`pointwise`] | 1x1 convolutions |
//! | [`direct`] | convolutions of few input channels: of each channel with a kernel of its own, of a picture |
//! | [`activation`] | ReLU, PReLU |
//! | [`pool`] | the largest of neighbours |
//!
//! The entry points are not inlined: within a caller that is optimised for size, as most of the module for the browser is, the
//! loops would be too.
//!
//! Tensors are row-major, channel by channel (`[channels, height, width]`). Wrong lengths are mistakes of the caller and panic.
pub mod activation;
pub mod direct;
pub mod head;
pub mod pointwise;
pub mod pool;

//! The parts of the networks in which a CPU spends its time, on plain slices: in 128-bit SIMD, which WebAssembly and every CPU of
//! the last fifteen years have; natively, convolutions in the widest vectors of the processor at hand, from AVX2 and NEON on; without
//! these they are computed one by one.
//!
//! | module | owns |
//! |---|---|
//! | [`head`] | what follows the dropout: embedding, dropout passes, moments |
//! | [`pointwise`] | 1x1 convolutions |
//! | [`direct`] | convolutions of few input channels: of each channel with a kernel of its own, of a picture |
//! | [`epilogue`] | the bias and the activation, on the sums of a convolution |
//! | [`activation`] | ReLU, PReLU and sigmoids after anything else, and sums |
//! | [`pool`] | the largest of neighbours, and pixels repeated |
//! | `vectors` | copying to and from the processor's vectors |
//! | `parts` | dividing a layer among threads |
//!
//! With the feature `threads` each divides its work among the threads of the pool of rayon that its caller belongs to, if it belongs to
//! one. Results do not depend on their number.
//!
//! The entry points are not inlined: within a caller that is optimised for size, as most of the module for the browser is, the
//! loops would be too.
//!
//! Tensors are row-major, channel by channel (`[channels, height, width]`). Wrong lengths are mistakes of the caller and panic.
pub mod activation;
pub mod direct;
pub mod epilogue;
pub mod head;
mod parts;
pub mod pointwise;
pub mod pool;
#[cfg(not(target_family = "wasm"))]
mod vectors;

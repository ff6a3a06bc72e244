//! The layers that take most of a network's CPU time, on plain slices. They use 128-bit SIMD, which WebAssembly and every CPU of the last
//! fifteen years have. Native convolutions use the processor's widest vectors (at least AVX2 or NEON), or else scalar code.
//!
//! | module | owns |
//! |---|---|
//! | [`head`] | the layer after the dropout: embedding, dropout passes, moments |
//! | [`pointwise`] | 1x1 convolutions |
//! | [`direct`] | convolutions over few input channels: depthwise ones, and those of a picture |
//! | [`separable`] | both, one after the other, a few rows at a time |
//! | [`epilogue`] | bias and activation, applied to a convolution's sums |
//! | [`activation`] | ReLU, PReLU and sigmoid after other layers; addition |
//! | [`pool`] | max pooling, and upsampling by repetition |
//! | [`layout`] | values moved to other places, unchanged |
//! | [`dense`] | affine maps of all values of an input |
//! | [`cut`] | a turned part of a picture, as the input of a network |
//! | `vectors` | copying to and from the processor's vectors |
//! | `parts` | dividing a layer among threads |
//!
//! With the feature `threads`, each kernel divides its work among the threads of the caller's rayon pool, if the caller runs in
//! one. Results do not depend on the number of threads.
//!
//! Entry points are not inlined: most of the module for the browser is optimised for size, and inlined loops would be too.
//!
//! Tensors are row-major, channel by channel (`[channels, height, width]`). Wrong lengths are caller errors and panic.
pub mod activation;
pub mod cut;
pub mod dense;
pub mod direct;
pub mod epilogue;
pub mod head;
pub mod layout;
mod parts;
pub mod pointwise;
pub mod pool;
pub mod separable;
#[cfg(not(target_family = "wasm"))]
mod vectors;

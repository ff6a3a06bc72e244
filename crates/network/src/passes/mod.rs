//! Simplification: fewer steps, same result.
//!
//! | module | owns |
//! |---|---|
//! | `fold` | folds scales and shifts into the weights of the layer before them |
//! | `fuse` | fuses activations, and scales and shifts after them, into the epilogue of the convolution before them |
pub(crate) mod fold;
mod fuse;

use crate::Network;

/// Runs every pass.
pub fn simplify(network: &mut Network) {
    fold::merge_affine(network);
    fold::into_layers(network);
    fuse::into_convolutions(network);
    network.prune();
}

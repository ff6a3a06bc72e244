//! The mathematics of SER-FIQ: how far an embedding moves under random dropout, as one number.
//!
//! Follows Terhörst, Kolf, Damer, Kirchbuchner and Kuijper, "SER-FIQ: Unsupervised Estimation of Face Image Quality Based on Stochastic
//! Embedding Robustness" (CVPR 2020, arXiv 2003.09373). Nothing here knows of images, networks or browsers: embeddings and moments come in,
//! [`Robustness`] comes out.
//!
//! Two methods estimate the same quantity ([`Method`]):
//! - [`monte_carlo()`]: the paper's Algorithm 1, over the passes drawn with [`DropoutMasks`];
//! - [`limit()`]: the limit of Monte Carlo for many passes, in closed form, where the network after the dropout is affine.
//!
//! Where the features lie on a grid over the face, the limit's sums split into those of its cells ([`CellSums`]), which explain a score.
//!
//! [`Calibration`] turns the raw score into a quality from 0 to 100 for one model, whose constant for the limit is a median of
//! [`effective_dimensions()`]; [`Percentiles`] says what share of known faces it exceeds. [`principal_plane()`] projects the embeddings onto a plane, to show what the score measures.

mod calibration;
mod cells;
mod effective_dimensions;
mod error;
mod limit;
mod masks;
mod method;
mod monte_carlo;
mod percentiles;
mod philox;
mod principal_plane;
mod robustness;
mod unit_rows;

pub use calibration::Calibration;
pub use cells::CellSums;
pub use effective_dimensions::effective_dimensions;
pub use error::ScoreError;
pub use limit::{Moments, limit};
pub use masks::DropoutMasks;
pub use method::Method;
pub use monte_carlo::monte_carlo;
pub use percentiles::Percentiles;
pub use philox::philox4x32_10;
pub use principal_plane::principal_plane;
pub use robustness::Robustness;

/// Tests the example in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

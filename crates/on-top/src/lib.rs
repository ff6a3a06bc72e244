//! The paper's other method, for recognisers without dropout: a small network on top of the embedding, whose own dropout measures how
//! robust the embedding is.
//!
//! Follows the "on-top model" of Terhörst, Kolf, Damer, Kirchbuchner and Kuijper, "SER-FIQ: Unsupervised Estimation of Face Image Quality
//! Based on Stochastic Embedding Robustness" (CVPR 2020, arXiv 2003.09373): fully connected layers of 128, 512 and n values, n being the
//! embedding's length, and a last one that classifies identities during training and is then removed; dropout of 0.5 and tanh; trained with
//! AdaDelta. The score is that of [`monte_carlo`](serfiq_score::monte_carlo()), over the outputs of the layer of n values.
//!
//! | module | owns |
//! |---|---|
//! | `examples` | the training examples, checked; which are held out |
//! | `classifier` | the network during training, on burn |
//! | `adadelta` | the optimiser |
//! | `train` | the steps of the training, in order |
//! | `error` | why training failed |
//! | `network` | the trained network without its last layer, and the score |
//! | `file` | saving and loading |
//! | `random` | the training's random numbers |
//!
//! The paper leaves open where exactly the dropout lies. Here each layer drops half of its inputs, the embedding's values
//! included, and the compared outputs are not dropped, as in the same-model method. The paper's loss is a binary cross entropy;
//! ours is that of a softmax over the identities, whose layer has no tanh.
mod adadelta;
mod classifier;
mod error;
mod examples;
mod file;
mod network;
mod random;
mod train;

pub use error::TrainError;
pub use file::{FileError, OnTopModel, Training};
pub use network::{Network, OnTopError};
pub use train::{Epoch, Options, train};

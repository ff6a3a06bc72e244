use burn::tensor::TensorReadError;
use serfiq_score::ScoreError;
use thiserror::Error;

/// Why training failed.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// An option out of range.
    #[error("the {option} is {value}; expected {expected}")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        value: f64,
        /// Its allowed values.
        expected: &'static str,
    },
    /// Not every embedding has an identity.
    #[error("there are {embeddings} embeddings and {identities} identities; expected one identity for each embedding")]
    Labels {
        /// Number of embeddings.
        embeddings: usize,
        /// Number of identities given for them.
        identities: usize,
    },
    /// The embeddings are not all from one recogniser.
    #[error("embedding {embedding} has {found} values, the first one {expected}; expected embeddings of one recogniser")]
    Dimension {
        /// Its position, from 1.
        embedding: usize,
        /// Values that it has.
        found: usize,
        /// Values that the first one has.
        expected: usize,
    },
    /// An embedding without a direction.
    #[error(transparent)]
    Embedding(#[from] ScoreError),
    /// Fewer than two identities.
    #[error("there are images of {found} identities; expected two or more")]
    Identities {
        /// How many there are.
        found: usize,
    },
    /// Identities with a single image.
    #[error(
        "{count} identities have only one image each, the first of them {first}; expected two or more, to learn from one and \
         check with another: leave these identities out, or add images"
    )]
    Images {
        /// How many identities.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// Training diverged.
    #[error("the loss was not a finite number in epoch {epoch}; train with a smaller learning rate than {learning_rate}")]
    Diverged {
        /// From 1.
        epoch: u32,
        /// The one in the options.
        learning_rate: f64,
    },
    /// burn gave no result.
    #[error("the CPU gave no result: {0}")]
    Device(String),
}

impl From<TensorReadError> for TrainError {
    fn from(error: TensorReadError) -> Self {
        Self::Device(error.to_string())
    }
}

use thiserror::Error;

use super::DropoutMasks;

/// Why a score could not be computed. A score that is computed is always a finite number.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// The number of dropout passes is out of range.
    #[error(
        "{passes} dropout passes were requested; choose from {} to {} (the paper uses 100)",
        DropoutMasks::MIN_PASSES,
        DropoutMasks::MAX_PASSES
    )]
    Passes {
        /// The number requested.
        passes: u32,
    },

    /// The dropout probability is not between 0 and 1, both excluded.
    #[error("the dropout probability is {p}; it must lie between 0 and 1, both excluded (0.4 for SFace)")]
    Probability {
        /// The value given.
        p: f64,
    },

    /// Masks for no features at all.
    #[error("masks over 0 features were requested; give the length of the layer before the dropout")]
    NoFeatures,

    /// The embeddings do not form a matrix of at least two rows.
    #[error(
        "{values} embedding values do not make two or more embeddings of {dim} values each; pass them row by row, one row per \
         dropout pass"
    )]
    Shape {
        /// How many values there are in all.
        values: usize,
        /// Length of an embedding.
        dim: usize,
    },

    /// A NaN or an infinity where a number belongs.
    #[error(
        "{what} is not a finite number; the recogniser's arithmetic overflowed or its weights are damaged: \
         fetch the model again, or choose another backend"
    )]
    NotFinite {
        /// The value, in words.
        what: String,
    },

    /// An embedding of length zero has no direction to compare.
    #[error("{what} has length zero and so no direction; the recogniser returned only zeros: check the model and its input")]
    Zero {
        /// The embedding, in words.
        what: String,
    },

    /// Moments that no random variable has.
    #[error(
        "variance {along} along the mean and {trace} in total are inconsistent; expected 0 <= along <= total: compute both \
         from the same features and weights"
    )]
    Moments {
        /// The variance in all directions together.
        trace: f64,
        /// The variance along the mean.
        along: f64,
    },

    /// The model's effective number of dimensions is out of range.
    #[error(
        "the effective number of dimensions k is {k}; it must be a finite number of at least 1: \
         correct it in the model's TOML file"
    )]
    EffectiveDimensions {
        /// The value given.
        k: f64,
    },
}

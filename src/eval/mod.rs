//! How much a quality measure helps a recogniser: error versus discard.
//!
//! | module | owns |
//! |---|---|
//! | `comparisons` | pairs of images with a similarity and a quality, and the weights of a resample |
//! | `threshold` | the decision threshold of a false match rate; DET curve, equal error rate |
//! | `discard` | error-versus-discard curves and the areas under them |
//! | `kept` | what a quality threshold keeps |
//! | `bootstrap` | confidence intervals over subjects |
//!
//! Terms are those of ISO/IEC 19795-1: a comparison is *mated* if both images show the same subject; the false non-match rate
//! (FNMR) is the share of mated comparisons that are taken for non-mated ones, the false match rate (FMR) the reverse.
mod bootstrap;
mod comparisons;
mod discard;
mod kept;
mod threshold;

pub use bootstrap::{Interval, Intervals, Resamples};
pub use comparisons::{Comparison, Comparisons, ComparisonsError, Weights};
pub use discard::{DiscardCurve, best_possible};
pub use kept::Kept;
pub use threshold::{DetPoint, Threshold, ThresholdError};

//! How much a quality measure helps a recogniser, and whether it treats groups of people alike.
//!
//! | module | owns |
//! |---|---|
//! | `comparisons` | pairs of images with a similarity and a quality, and the weights of a resample |
//! | `threshold` | the decision threshold of a false match rate; DET curve, equal error rate |
//! | `discard` | error-versus-discard curves and the areas under them |
//! | `kept` | what a quality threshold keeps |
//! | `groups` | how the qualities of groups of images compare |
//! | `group_rates` | the recogniser's error rates within groups |
//! | `bootstrap` | confidence intervals over subjects |
//!
//! Terms are those of ISO/IEC 19795-1: a comparison is *mated* if both images show the same subject; the false non-match rate
//! (FNMR) is the share of mated comparisons classified as non-mated, the false match rate (FMR) the reverse.
mod bootstrap;
mod comparisons;
mod discard;
mod group_rates;
mod groups;
mod kept;
mod threshold;

pub use bootstrap::{Interval, Intervals, Resamples, largest_unseen_rate, quantile};
pub use comparisons::{Comparison, Comparisons, ComparisonsError, Weights, subjects_of_images};
pub use discard::{DiscardCurve, best_possible};
pub use group_rates::GroupRates;
pub use groups::{Difference, GroupSummary, GroupedImage, Groups, GroupsError};
pub use kept::Kept;
pub use threshold::{DetPoint, SimilarityThreshold, ThresholdError};

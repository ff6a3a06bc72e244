//! Reports on how useful a quality is, and for which groups: from qualities and comparisons to numbers, plots and one HTML page. Reads and
//! writes no files.
//!
//! | module | owns |
//! |---|---|
//! | `material` | the input: images, their qualities, and pairs with their similarities |
//! | `labels` | the groups of images |
//! | [`edc`] | error versus discard |
//! | [`thresholds`] | what a quality threshold keeps, and what it prevents |
//! | [`audit`] | comparing groups of images |
//! | [`explanation`] | why pictures score as they do |
//! | `interval` | the ends of confidence intervals |
//! | `chart`, `page` | the appearance of plots and pages |
pub mod audit;
mod chart;
pub mod edc;
pub mod explanation;
mod interval;
mod labels;
mod material;
mod page;
pub mod thresholds;

use serde::Serialize;
use serfiq::report::MethodReport;

pub use labels::{Attribute, Disagreement, GroupsError, Labels, MAX_GROUPS};
pub use material::{
    Column, ColumnKind, Judged, Material, Measure, Pair, Readings, are_distances, are_given, threshold, unscored,
};

/// False match rate of the recogniser's threshold unless another is asked for.
pub const FMR: f64 = edc::FMRS[0];
/// Resamples of the people unless another number is asked for.
pub const RESAMPLES: u32 = 1000;

/// Results, and what a reader should be warned of.
#[derive(Debug)]
pub struct Found<T> {
    /// The report's numbers.
    pub results: T,
    /// Each a sentence.
    pub cautions: Vec<String>,
}

/// How a report was made.
#[derive(Debug, Serialize)]
pub struct About {
    /// The command or call that made it.
    pub command: String,
    /// Version of serfiq.
    pub version: &'static str,
    /// Resamples of the bootstrap; 0 for no confidence intervals.
    pub resamples: u32,
    /// `None` if all numbers were given.
    pub engine: Option<Computed>,
}

impl About {
    /// For a report made by this version.
    pub fn new(command: String, resamples: u32, engine: Option<Computed>) -> Self {
        Self { command, version: env!("CARGO_PKG_VERSION"), resamples, engine }
    }
}

/// How scores and similarities were computed.
#[derive(Debug, Serialize)]
pub struct Computed {
    /// Recogniser and method.
    #[serde(flatten)]
    pub method: MethodReport,
    /// `cpu` or `webgpu`.
    pub backend: &'static str,
    /// Name of the recogniser's file.
    pub file: String,
    /// Source of the file, such as a package.
    pub source: String,
}

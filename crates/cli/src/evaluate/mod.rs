//! Reports on how useful a quality is, and for which groups.
//!
//! | module | owns |
//! |---|---|
//! | `images` | the distinct images of a report |
//! | `pairs` | the file of pairs |
//! | `labels` | the file of labels |
//! | `measure` | files of scores |
//! | `material` | the input of a report: all of these, and the engine's own scores and similarities |
//! | `making` | the steps that all reports share |
//! | `audit` | comparing groups of images |
//! | `edc` | error versus discard |
//! | `thresholds` | what a quality threshold keeps, and what it prevents |
//! | `interval` | the ends of confidence intervals |
//! | `chart`, `page` | the appearance of plots and pages |
//! | `files` | writing a report's files, all or nothing |
pub mod audit;
mod chart;
pub mod edc;
mod files;
mod images;
mod interval;
mod labels;
mod making;
mod material;
mod measure;
mod page;
mod pairs;
pub mod thresholds;

use serde::Serialize;
use serfiq::report::MethodReport;

use crate::shell::quoted;
use files::ReportError;
pub use images::Images;
pub use material::{MaterialError, read_pairs, threshold};
pub use pairs::Pair;

/// How a report was made.
#[derive(Debug, Serialize)]
pub struct About {
    pub command: String,
    pub version: &'static str,
    pub resamples: u32,
    /// `None` if all numbers were given.
    pub engine: Option<Computed>,
}

/// How this run computed scores and similarities.
#[derive(Debug, Serialize)]
pub struct Computed {
    #[serde(flatten)]
    pub method: MethodReport,
    pub backend: &'static str,
    /// Name of the recogniser's file.
    pub file: String,
    /// Source of the file, such as a package.
    pub source: String,
}

impl About {
    fn this_command(resamples: u32, engine: Option<Computed>) -> Self {
        let arguments = std::env::args_os().map(|argument| quoted(&argument.to_string_lossy()));
        let command = arguments.collect::<Vec<_>>().join(" ");
        Self { command, version: env!("CARGO_PKG_VERSION"), resamples, engine }
    }
}

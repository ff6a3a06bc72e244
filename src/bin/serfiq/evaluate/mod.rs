//! Reports on what a quality is worth, and to whom.
//!
//! | module | owns |
//! |---|---|
//! | `images` | the images of a report, each once |
//! | `pairs` | the file of pairs |
//! | `labels` | the file of labels |
//! | `measure` | files of scores |
//! | `assessed` | the engine's own scores and embeddings |
//! | `material` | all of these together: what a report is made of |
//! | `audit` | groups of images beside each other |
//! | `edc` | error versus discard |
//! | `thresholds` | what a quality threshold keeps, and what it prevents |
//! | `interval` | the ends of confidence intervals |
//! | `chart`, `page` | how plots and pages look |
//! | `files` | a report's files, all or nothing |
mod assessed;
pub mod audit;
mod chart;
pub mod edc;
mod files;
mod images;
mod interval;
mod labels;
mod material;
mod measure;
mod page;
mod pairs;
pub mod thresholds;

use serde::Serialize;
use serfiq::report::MethodReport;

pub use assessed::ImageError;
use files::ReportError;
pub use images::Images;
pub use material::{MaterialError, read_pairs};
pub use pairs::Pair;

/// How a report was made.
#[derive(Debug, Serialize)]
pub struct About {
    pub command: String,
    pub version: &'static str,
    pub resamples: u32,
    /// `None` where all numbers were given.
    pub engine: Option<Computed>,
}

/// With what scores and similarities were computed here.
#[derive(Debug, Serialize)]
pub struct Computed {
    #[serde(flatten)]
    pub method: MethodReport,
    pub backend: &'static str,
    /// The package that the recogniser comes in.
    pub source: &'static str,
    /// That of the recogniser's file.
    pub sha256: &'static str,
}

impl About {
    fn this_command(resamples: u32, engine: Option<Computed>) -> Self {
        let arguments = std::env::args_os().map(|argument| quoted(argument.to_string_lossy().into_owned()));
        let command = arguments.collect::<Vec<_>>().join(" ");
        Self { command, version: env!("CARGO_PKG_VERSION"), resamples, engine }
    }
}

/// An argument as a shell takes it.
fn quoted(argument: String) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=,:+".contains(c);
    match !argument.is_empty() && argument.chars().all(is_plain) {
        true => argument,
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn arguments_can_be_given_to_a_shell_again() {
        let arguments = ["--fmr", "0.01,0.1", "my score=a b.csv", "it's", ""];
        let expected = ["--fmr", "0.01,0.1", "'my score=a b.csv'", r"'it'\''s'", "''"];
        assert_eq!(arguments.map(|argument| quoted(argument.into())), expected);
    }
}

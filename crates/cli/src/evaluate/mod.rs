//! Reports on how useful a quality is, and for which groups: their files. `serfiq_reports` makes the reports.
//!
//! | module | owns |
//! |---|---|
//! | `images` | the distinct images of a report |
//! | `pairs` | the file of pairs |
//! | `labels` | the file of labels |
//! | `measure` | files of scores |
//! | `columns` | the guide's checks and the standard's measures for each image |
//! | `material` | the input of a report: all of these, and the engine's own scores and similarities |
//! | `making` | the steps that all reports share |
//! | `audit`, `edc`, `thresholds` | the commands |
//! | `files` | writing a report's files, all or nothing |
pub mod audit;
mod columns;
pub mod edc;
mod files;
mod images;
mod labels;
mod making;
mod material;
mod measure;
mod pairs;
pub mod thresholds;

use serfiq_reports::{About, Computed};

use crate::shell;
use files::ReportError;
pub use images::Images;
pub use material::{MaterialError, read_pairs};

/// Names this command as the report's maker.
fn about_this_command(resamples: u32, engine: Option<Computed>) -> About {
    About::new(shell::command(), resamples, engine)
}

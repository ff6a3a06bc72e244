//! `serfiq thresholds`: what a quality threshold keeps, and what it prevents.
//!
//! | module | owns |
//! |---|---|
//! | `rows` | the numbers, and the CSV file |
//! | `page` | the HTML page and its plot |
mod page;
mod rows;

use serfiq::eval::{ComparisonsError, Resamples, ThresholdError};

use super::material::{Material, MaterialError};
use super::{About, ReportError, files};
use crate::args::ThresholdsArgs;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdsError {
    #[error(transparent)]
    Material(#[from] MaterialError),
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

pub fn run(args: &ThresholdsArgs) -> Result<(), ThresholdsError> {
    let material = Material::gather(&args.material, |pairs| -> Result<(), ThresholdsError> {
        pairs.threshold(args.fmr)?;
        Ok(())
    })?;
    let resamples = Resamples { count: args.resamples, seed: 0 };
    let thresholds = rows::thresholds(&material, args.fmr, resamples)?;
    let about = About::this_command(args.resamples, material.engine);
    Ok(files::write(&args.output, &about, &thresholds, rows::csv, page::render)?)
}

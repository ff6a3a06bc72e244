//! `serfiq thresholds`: what a quality threshold keeps, and what it prevents.
//!
//! | module | owns |
//! |---|---|
//! | `rows` | the numbers, and the CSV file |
//! | `page` | the HTML page and its plot |
mod page;
mod rows;

use serfiq_eval::{ComparisonsError, Resamples, ThresholdError};

use super::images::Images;
use super::material::{Material, MaterialError, read_pairs};
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
    files::look_for_place(&args.output, &args.material.source, [&args.material.pairs])?;
    let mut images = Images::default();
    let (pairs, unscored) = read_pairs(&args.material.pairs, &mut images)?;
    // A rate that the pairs cannot measure is an error before any image is scored.
    unscored.threshold(args.fmr)?;
    let material = Material::gather(&args.material.source, &args.material.pairs, images, pairs)?;
    let resamples = Resamples { count: args.resamples, seed: 0 };
    let thresholds = rows::thresholds(&material, args.fmr, resamples)?;
    let about = About::this_command(args.resamples, material.engine);
    Ok(files::write(&args.output, &about, &thresholds, rows::csv, page::render)?)
}

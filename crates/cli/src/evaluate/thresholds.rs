//! `serfiq thresholds`: what a quality threshold keeps, and what it prevents.
use std::process::ExitCode;

use serfiq_eval::{Resamples, ThresholdError};
use serfiq_reports::thresholds::{self, csv, render, thresholds};

use super::ReportError;
use super::making::Making;
use super::material::{MaterialError, read_pairs};
use crate::args::{MaterialArgs, ThresholdsArgs};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdsError {
    #[error(transparent)]
    Material(#[from] MaterialError),
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    #[error(transparent)]
    Thresholds(#[from] thresholds::ThresholdsError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

pub fn run(args: &ThresholdsArgs) -> Result<ExitCode, ThresholdsError> {
    let MaterialArgs { pairs: file, source } = &args.material;
    let making = Making { page: &args.output, file, other_file: None, source, columns: false, resamples: args.resamples };
    making.run(
        |images| {
            let (pairs, unscored) = read_pairs(file, images)?;
            // A rate that the pairs cannot measure is an error before any image is scored.
            unscored.threshold(args.fmr)?;
            Ok((pairs, ()))
        },
        |material, ()| Ok(thresholds(material, args.fmr, Resamples { count: args.resamples, seed: 0 })?),
        csv,
        render,
    )
}

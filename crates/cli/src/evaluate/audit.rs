//! `serfiq audit`: compares groups of images.
use std::process::ExitCode;

use serfiq_eval::{Resamples, ThresholdError};
use serfiq_reports::audit::{FindingsError, Question, findings, render, rows};

use super::ReportError;
use super::labels::{self, LabelsError};
use super::making::Making;
use super::material::{MaterialError, read_pairs};
use crate::args::AuditArgs;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Labels(#[from] LabelsError),
    #[error(transparent)]
    Material(#[from] MaterialError),
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    #[error(transparent)]
    Findings(#[from] FindingsError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

pub fn run(args: &AuditArgs) -> Result<ExitCode, AuditError> {
    let AuditArgs { labels: file, pairs: other_file, source, .. } = args;
    let making = Making {
        page: &args.output,
        file,
        other_file: other_file.as_ref(),
        source,
        columns: args.measures,
        resamples: args.resamples,
    };
    let question =
        Question { fmr: args.pairs.is_some().then_some(args.fmr), resamples: Resamples { count: args.resamples, seed: 0 } };
    making.run(
        |images| {
            let labels = labels::read(file, args.columns.as_deref(), images)?;
            let Some(path) = other_file else { return Ok((Vec::new(), labels)) };
            let (pairs, unscored) = read_pairs(path, images)?;
            // A rate that the pairs cannot measure is an error before any image is scored.
            unscored.threshold(args.fmr)?;
            labels::agree(&labels, &pairs, file, images)?;
            Ok((pairs, labels))
        },
        |material, labels| Ok(findings(material, labels, &question)?),
        rows,
        render,
    )
}

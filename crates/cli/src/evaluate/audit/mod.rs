//! `serfiq audit`: compares groups of images.
//!
//! | module | owns |
//! |---|---|
//! | `findings` | the report's results, from the numbers of `serfiq_eval` |
//! | `plots` | the plots |
//! | `page` | the HTML page |
//! | `rows` | the CSV file |
mod findings;
mod page;
mod plots;
mod rows;

use serfiq_eval::{ComparisonsError, Resamples, ThresholdError};

use super::images::Images;
use super::labels::{Labels, LabelsError};
use super::material::{Material, MaterialError, read_pairs};
use super::{About, ReportError, files};
use crate::args::AuditArgs;
use findings::{Question, findings};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Labels(#[from] LabelsError),
    #[error(transparent)]
    Material(#[from] MaterialError),
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    #[error("{attribute}: {source}")]
    Groups { attribute: String, source: serfiq_eval::GroupsError },
    #[error(transparent)]
    Report(#[from] ReportError),
}

pub fn run(args: &AuditArgs) -> Result<(), AuditError> {
    files::look_for_place(&args.output, &args.source, [&args.labels].into_iter().chain(&args.pairs))?;
    let mut images = Images::default();
    let labels = Labels::read(&args.labels, args.columns.as_deref(), &mut images)?;
    let pairs = match &args.pairs {
        Some(path) => {
            let (pairs, unscored) = read_pairs(path, &mut images)?;
            // A rate that the pairs cannot measure is an error before any image is scored.
            unscored.threshold(args.fmr)?;
            labels.agree_with(&pairs, &args.labels, &images)?;
            pairs
        }
        None => Vec::new(),
    };
    let material = Material::gather(&args.source, &args.labels, images, pairs)?;
    let question =
        Question { fmr: args.pairs.is_some().then_some(args.fmr), resamples: Resamples { count: args.resamples, seed: 0 } };
    let findings = findings(&material, &labels, &question)?;
    let about = About::this_command(args.resamples, material.engine);
    Ok(files::write(&args.output, &about, &findings, rows::rows, page::render)?)
}

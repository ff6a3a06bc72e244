//! `serfiq edc`: error versus discard.
//!
//! | module | owns |
//! |---|---|
//! | `evaluation` | the report's results, from the numbers of `serfiq_eval` |
//! | `plots` | the plots |
//! | `page` | the HTML page |
//! | `rows` | the CSV file |
mod evaluation;
mod page;
mod plots;
mod rows;

use serfiq_eval::Resamples;

use super::images::Images;
use super::material::{Material, MaterialError, read_pairs};
use super::{About, ReportError, files};
use crate::args::{EdcArgs, FMRS};
use evaluation::{EvaluationError, Question, evaluate, rates};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum EdcError {
    #[error(transparent)]
    Material(#[from] MaterialError),
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

pub fn run(args: &EdcArgs) -> Result<(), EdcError> {
    let question = Question {
        fmrs: args.fmr.clone().unwrap_or(FMRS.into()),
        leave_out: args.fmr.is_none(),
        refit: args.refit,
        resamples: Resamples { count: args.resamples, seed: 0 },
    };
    files::look_for_place(&args.output, &args.material.source, [&args.material.pairs])?;
    let mut images = Images::default();
    let (pairs, unscored) = read_pairs(&args.material.pairs, &mut images)?;
    // A rate that the pairs cannot measure is an error before any image is scored.
    rates(&unscored, &question)?;
    let material = Material::gather(&args.material.source, &args.material.pairs, images, pairs)?;
    let evaluation = evaluate(&material, &question)?;
    let about = About::this_command(args.resamples, material.engine);
    Ok(files::write(&args.output, &about, &evaluation, rows::rows, page::render)?)
}

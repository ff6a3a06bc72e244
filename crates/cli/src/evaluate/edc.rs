//! `serfiq edc`: error versus discard.
use std::process::ExitCode;

use serfiq_eval::Resamples;
use serfiq_reports::edc::{EvaluationError, FMRS, Question, evaluate, rates, render, rows};

use super::ReportError;
use super::making::Making;
use super::material::{MaterialError, read_pairs};
use crate::args::{EdcArgs, MaterialArgs};

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

pub fn run(args: &EdcArgs) -> Result<ExitCode, EdcError> {
    let question = Question {
        fmrs: args.fmr.clone().unwrap_or(FMRS.into()),
        leave_out: args.fmr.is_none(),
        refit: args.refit,
        resamples: Resamples { count: args.resamples, seed: 0 },
    };
    let MaterialArgs { pairs: file, source } = &args.material;
    let making = Making { page: &args.output, file, other_file: None, source, columns: false, resamples: args.resamples };
    making.run(
        |images| {
            let (pairs, unscored) = read_pairs(file, images)?;
            // A rate that the pairs cannot measure is an error before any image is scored.
            Ok((pairs, rates(&unscored, &question)?))
        },
        |material, of_all| Ok(evaluate(material, &question, of_all)?),
        rows,
        render,
    )
}

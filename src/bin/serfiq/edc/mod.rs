//! `serfiq edc`: error versus discard.
//!
//! | module | owns |
//! |---|---|
//! | `pairs` | the file of pairs |
//! | `measure` | files of scores |
//! | `images` | the engine's own scores and embeddings |
//! | `evaluation` | what is reported, from the numbers of `serfiq::eval` |
//! | `plots` | the plots |
//! | `page` | the HTML page |
//! | `files` | the report, all or nothing |
mod evaluation;
mod files;
mod images;
mod measure;
mod page;
mod pairs;
mod plots;

use std::path::Path;

use indicatif::ProgressBar;
use serde::Serialize;
use serfiq::eval::Resamples;
use serfiq::report::MethodReport;

use crate::args::{EdcArgs, FMRS};
use crate::batch::progress_style;
use crate::engine::{self, LoadError};
use crate::table::TableError;
use evaluation::{EvaluationError, Question, check, evaluate};
use files::ReportError;
use images::ImageError;
use measure::{Measure, MeasureError};
use pairs::Pairs;

/// How a report was made.
#[derive(Debug, Serialize)]
pub struct About {
    pub command: String,
    pub version: &'static str,
    pub resamples: u32,
    /// `None` where all numbers were given.
    pub engine: Option<MethodReport>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum EdcError {
    #[error(transparent)]
    Pairs(#[from] TableError),
    #[error(transparent)]
    Measure(#[from] MeasureError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

pub fn run(args: &EdcArgs) -> Result<(), EdcError> {
    let pairs = Pairs::read(&args.pairs)?;
    let question = Question {
        fmrs: args.fmr.clone().unwrap_or(FMRS.into()),
        leave_out: args.fmr.is_none(),
        refit: args.refit,
        resamples: Resamples { count: args.resamples, seed: 0 },
    };
    check(&pairs, &question)?;
    let beside_the_pairs = args.pairs.parent().unwrap_or(Path::new(""));
    let root = args.images.as_deref().unwrap_or(beside_the_pairs);
    let given = args.scores.iter().map(|(name, path)| measure::read(name, path, &pairs.images, root));
    let mut measures = given.collect::<Result<Vec<_>, _>>()?;
    let mut similarities: Vec<Option<f64>> = pairs.pairs.iter().map(|pair| pair.similarity).collect();
    let mut about = About {
        command: std::env::args().map(quoted).collect::<Vec<_>>().join(" "),
        version: env!("CARGO_PKG_VERSION"),
        resamples: args.resamples,
        engine: None,
    };
    if measures.is_empty() || !pairs.have_similarities() {
        let engine = engine::load_for(&args.engine, &args.method)?;
        let info = engine.info();
        let method = args.method.get(info.default_method());
        let progress = ProgressBar::new(pairs.images.len() as u64).with_style(progress_style());
        let threads = args.engine.threads(info.backend);
        let assessed = images::assess(&engine, method, &pairs.images, root, args.aligned, threads, &progress)?;
        progress.finish_and_clear();
        let report = MethodReport::new(&info, method);
        let qualities = assessed.iter().map(|face| face.as_ref().map(|face| face.raw)).collect();
        measures.insert(0, Measure { name: format!("SER-FIQ ({}, {})", report.model, report.method), qualities });
        for (pair, similarity) in pairs.pairs.iter().zip(&mut similarities).filter(|(pair, _)| pair.similarity.is_none()) {
            let [a, b] = pair.images.map(|image| assessed[image].as_ref());
            *similarity = a.zip(b).map(|(a, b)| a.similarity(b));
        }
        about.engine = Some(report);
    }
    let evaluation = evaluate(&pairs, &similarities, &measures, &question)?;
    for path in files::write(&args.output, &about, &evaluation)? {
        println!("{}", path.display());
    }
    Ok(())
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

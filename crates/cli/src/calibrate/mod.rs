//! `serfiq calibrate`: fits a recogniser's calibration to pictures.
//!
//! | module | owns |
//! |---|---|
//! | `sample` | the recogniser's output for each picture |
//! | `fit` | fitting the calibration, by either rule |
//! | `card` | writing it into the recogniser's card |
//! | `summary` | the printed summary: before and after |
mod card;
mod fit;
mod sample;
mod summary;

use std::path::Path;

use serfiq::{BackendChoice, ModelCalibration};
use serfiq_eval::{ComparisonsError, ThresholdError};

use crate::args::CalibrateArgs;
use crate::evaluate::{Images, MaterialError, read_pairs};
use crate::recogniser::{LoadError, Recogniser};
use card::{CardFile, CardFileError};
use fit::{Fit, FitError, Question};
use sample::{Sample, SampleError};

/// Why nothing was fitted.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    #[error(
        "{recogniser} comes with serfiq, and its own card is part of the program; name the copy to write into: --card FILE.toml \
         (docs/own-recogniser.md)"
    )]
    NoCard { recogniser: String },
    #[error(transparent)]
    Card(#[from] CardFileError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Pairs(#[from] MaterialError),
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    #[error(transparent)]
    Sample(#[from] SampleError),
    #[error(transparent)]
    Fit(#[from] FitError),
}

pub fn run(args: &CalibrateArgs) -> Result<(), CalibrateError> {
    let recogniser = Recogniser::find(&args.model)?;
    // An unusable card is an error before any picture is read.
    let card = card_file(args, &recogniser)?;
    // The CPU gives the same numbers on every run.
    let load = || recogniser.load(&args.model, BackendChoice::Cpu);
    let fitted = match (&args.pairs, args.fnmr) {
        (Some(pairs), Some(fnmr)) => {
            let mut images = Images::default();
            let (pairs_read, unscored) = read_pairs(pairs, &mut images)?;
            let question = Question { fnmr, quality: args.quality, fmr: args.fmr };
            question.check(&unscored)?;
            let root = args.images.as_deref().or_else(|| pairs.parent()).unwrap_or(Path::new(""));
            let sample = Sample::named(&load()?, args, root, images.names())?;
            let fit = fit::by_error_rate(&sample, &pairs_read, question)?;
            Fitted { name: last_part(pairs), sample, fit }
        }
        _ => {
            let sample = Sample::found(&load()?, args)?;
            let fit = fit::by_quantiles(&sample)?;
            let names: Vec<String> = args.paths.iter().map(|path| last_part(path)).collect();
            Fitted { name: names.join(", "), sample, fit }
        }
    };
    report(&fitted, recogniser.card().calibration);
    card.write(&fitted)?;
    println!("\nWritten into {}. {}", card.path.display(), when(args, &recogniser));
    Ok(())
}

fn card_file(args: &CalibrateArgs, recogniser: &Recogniser) -> Result<CardFile, CalibrateError> {
    let model = recogniser.card();
    Ok(match (&args.card, recogniser.own_file()) {
        (None, None) => return Err(CalibrateError::NoCard { recogniser: model.name.clone() }),
        (Some(card), None) => CardFile::of_built_in(card.clone(), model)?,
        (card, Some(file)) => CardFile::of_own(card.clone().unwrap_or_else(|| file.card_path()), model)?,
    })
}

/// Tells when the calibration takes effect.
fn when(args: &CalibrateArgs, recogniser: &Recogniser) -> String {
    match args.card {
        None => format!("It applies from now on: serfiq score --recogniser {} PICTURES", recogniser.argument()),
        Some(_) => "It applies where the card lies beside the recogniser's file, under the same name".into(),
    }
}

/// A calibration, and what it was fitted to.
struct Fitted {
    /// Name of the pictures, or of the file of pairs.
    name: String,
    sample: Sample,
    fit: Fit,
}

fn report(fitted: &Fitted, before: Option<ModelCalibration>) {
    for problem in &fitted.sample.unreadable {
        eprintln!("serfiq: {problem}");
    }
    print!("{}", summary::text(fitted, before));
}

/// Returns the last component of a path: a card may be shared, so it omits local folders.
fn last_part(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

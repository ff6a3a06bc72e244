//! `serfiq calibrate`: fits a recogniser's calibration to pictures.
//!
//! | module | owns |
//! |---|---|
//! | `sample` | what the recogniser says of each picture |
//! | `fit` | the calibration that follows, by either rule |
//! | `card` | writing it into the recogniser's card |
//! | `summary` | what is printed: before and after |
mod card;
mod fit;
mod sample;
mod summary;

use std::path::Path;

use serfiq::eval::{ComparisonsError, ThresholdError};
use serfiq::{BackendChoice, ModelCard};

use crate::args::{CalibrateArgs, ModelArgs};
use crate::engine::{self, LoadError};
use crate::evaluate::{Images, MaterialError, read_pairs};
use crate::sources::{NoSources, Sources};
use card::CardFileError;
use fit::{Fit, FitError, Question};
use sample::{Sample, SampleError};

/// Why nothing was fitted.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    #[error(transparent)]
    Sources(#[from] NoSources),
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
    let model = engine::recogniser(&args.model.name)?;
    let card = match &args.card {
        Some(card) => card.clone(),
        None => Sources::find(None, "--card FILE")?.card(model.name),
    };
    // What cannot be written into is said before a single picture is looked at.
    card::check(&card, model.name)?;
    let fitted = match (&args.pairs, args.fnmr) {
        (Some(pairs), Some(fnmr)) => {
            let mut images = Images::default();
            let (pairs_read, unscored) = read_pairs(pairs, &mut images)?;
            let question = Question { fnmr, quality: args.quality, fmr: args.fmr };
            question.check(&unscored)?;
            let root = args.images.as_deref().or_else(|| pairs.parent()).unwrap_or(Path::new(""));
            let sample = Sample::named(&load(&args.model)?, args, root, images.names())?;
            let fit = fit::by_error_rate(&sample, &pairs_read, question)?;
            Fitted { name: last_part(pairs), sample, fit }
        }
        _ => {
            let sample = Sample::found(&load(&args.model)?, args)?;
            let fit = fit::by_quantiles(&sample)?;
            let names: Vec<String> = args.paths.iter().map(|path| last_part(path)).collect();
            Fitted { name: names.join(", "), sample, fit }
        }
    };
    report(&fitted, model);
    card::write(&card, &fitted)?;
    println!("\nWritten into {}; it counts once the program is built again.", card.display());
    Ok(())
}

/// A calibration, and what it was fitted to.
struct Fitted {
    /// What the pictures, or the file of pairs, are called.
    name: String,
    sample: Sample,
    fit: Fit,
}

/// On the CPU, which gives the same numbers on every run.
fn load(args: &ModelArgs) -> Result<serfiq::Engine, LoadError> {
    engine::load(args, BackendChoice::Cpu)
}

fn report(fitted: &Fitted, model: &ModelCard) {
    for problem in &fitted.sample.unreadable {
        eprintln!("serfiq: {problem}");
    }
    print!("{}", summary::text(fitted, model.calibration));
}

/// The name of a file or folder, without where it lies: a card is for others, too.
fn last_part(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

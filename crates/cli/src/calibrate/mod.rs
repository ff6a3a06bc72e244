//! `serfiq calibrate`: fits a recogniser's calibration to pictures.
//!
//! | module | owns |
//! |---|---|
//! | `sample` | the recogniser's output for each picture |
//! | `fit` | fitting the calibration, by either rule |
//! | `cells` | the usual values in each cell of the features |
//! | `card` | writing it into the recogniser's card |
//! | `summary` | the printed summary: before and after |
mod card;
mod cells;
mod fit;
mod sample;
mod summary;

use std::path::Path;
use std::process::ExitCode;

use serfiq::BackendChoice;
use serfiq::score::Percentiles;
use serfiq_eval::{ComparisonsError, ThresholdError};
use serfiq_reports::are_distances;

use crate::args::CalibrateArgs;
use crate::evaluate::{Images, MaterialError, read_pairs};
use crate::inputs::{self, LeftOut};
use crate::print::{self, PrintError};
use crate::recogniser::{LoadError, Recogniser};
use card::{CardFile, CardFileError};
use cells::UsualCells;
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
    #[error("{0}; nothing was fitted")]
    Distances(String),
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    #[error(transparent)]
    Sample(#[from] SampleError),
    #[error(transparent)]
    Fit(#[from] FitError),
    #[error(transparent)]
    Print(#[from] PrintError),
}

/// Returns status 1 if a picture could not be read.
pub fn run(args: &CalibrateArgs) -> Result<ExitCode, CalibrateError> {
    let recogniser = Recogniser::find(&args.model)?;
    // An unusable card is an error before any picture is read.
    let card = card_file(args, &recogniser)?;
    // The CPU gives the same numbers on every run.
    let load = || recogniser.load(&args.model, BackendChoice::Cpu);
    let fitted = match (&args.pairs, args.fnmr) {
        (Some(file), Some(fnmr)) => {
            let mut images = Images::named_in(file, args.images.as_deref());
            let (pairs, unscored) = read_pairs(file, &mut images)?;
            if let Some(problem) = are_distances(&pairs, images.names().len()) {
                return Err(CalibrateError::Distances(problem));
            }
            let question = Question { fnmr, quality: args.quality, fmr: args.fmr };
            question.check(&unscored)?;
            let files = images.files();
            let count = files.len();
            let sample = Sample::of(files.into_iter(), count, &load()?, args)?;
            let fit = fit::by_error_rate(&sample, &pairs, question)?;
            Fitted::new(last_part(file), sample, fit)?
        }
        _ => {
            let count = inputs::find(args.paths.clone(), &LeftOut::default()).count();
            let left_out = LeftOut::default();
            let sample = Sample::of(inputs::find(args.paths.clone(), &left_out), count, &load()?, args);
            if !left_out.is_empty() {
                print::problem(left_out);
            }
            let sample = sample?;
            let fit = fit::by_quantiles(&sample)?;
            let names: Vec<String> = args.paths.iter().map(|path| last_part(path)).collect();
            Fitted::new(names.join(", "), sample, fit)?
        }
    };
    card.write(&fitted)?;
    let before = recogniser.card().calibration;
    let place = card.path.display();
    print::result(format_args!("{}\nWritten into {place}. {}\n", summary::text(&fitted, before), when(args, &recogniser)))?;
    Ok(if fitted.sample.unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn card_file(args: &CalibrateArgs, recogniser: &Recogniser) -> Result<CardFile, CalibrateError> {
    let model = recogniser.card();
    Ok(match (&args.card, recogniser.own_file()) {
        (None, None) => return Err(CalibrateError::NoCard { recogniser: model.name.clone() }),
        (Some(card), None) => CardFile::of_built_in(card.clone(), model)?,
        (card, Some(file)) => CardFile::of_own(card.clone().unwrap_or_else(|| file.card_path()), model)?,
    })
}

/// Says when the calibration takes effect.
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
    /// `None` for too few faces.
    percentiles: Option<Percentiles>,
    /// `None` for too few faces, and for features that lie on no grid.
    cells: Option<UsualCells>,
}

impl Fitted {
    fn new(name: String, sample: Sample, fit: Fit) -> Result<Self, FitError> {
        let percentiles = fit::percentiles(&name, &sample)?;
        let cells = UsualCells::of(&sample);
        Ok(Self { name, sample, fit, percentiles, cells })
    }
}

/// Returns the last component of a path: a card may be shared, so it omits local folders.
fn last_part(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

//! `serfiq`: scores face pictures from the command line.
//!
//! | module | owns |
//! |---|---|
//! | `args` | the command-line arguments |
//! | `recogniser` | the selected recogniser, and the engine that runs it |
//! | `bundled` | the models inside this program |
//! | `own_file` | the user's own recogniser file, and the card beside it |
//! | `batch` | the whole run: from the inputs, through the engine, to the report |
//! | `inputs` | the pictures in files, folders and standard input |
//! | `parallel` | processing in parallel, with results in order |
//! | `picture` | one picture: its faces, judged or embedded |
//! | `faces` | the largest face of each of many pictures |
//! | `places` | which names mean the same picture, however they are spelled |
//! | `output` | where results go |
//! | `resume` | the results that an earlier run left in a file |
//! | `report` | the printed records, picture by picture |
//! | `measures` | the measures of ISO/IEC 29794-5 |
//! | `explain` | why a picture's score is what it is |
//! | `on_top` | the on-top network, for recognisers without dropout |
//! | `evaluate` | reports on how useful a quality is, and for which groups |
//! | `calibrate` | fitting a recogniser's calibration to pictures |
//! | `model` | inspecting recognisers, and writing cards for them |
//! | `shell` | quoting arguments for a shell |
//! | `table` | CSV files, and errors in them |
//! | `print` | standard output and standard error |
//! | `atomic_write` | writing files atomically |
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod atomic_write;
mod batch;
mod bundled;
mod calibrate;
mod evaluate;
mod explain;
mod faces;
mod inputs;
mod measures;
mod model;
mod on_top;
mod output;
mod own_file;
mod parallel;
mod picture;
mod places;
mod print;
mod recogniser;
mod report;
mod resume;
mod shell;
mod table;

use std::process::ExitCode;

use serfiq::report::{FaceReport, Place};
use serfiq::score::Percentiles;
use serfiq::{Assessment, BackendKind, Engine, Quality};

use args::{Cli, Command, ScoreArgs, every_core};
use batch::{Batch, BatchError};
use calibrate::CalibrateError;
use evaluate::audit::{self, AuditError};
use evaluate::edc::{self, EdcError};
use evaluate::thresholds::{self, ThresholdsError};
use explain::ExplainError;
use model::ModelError;
use on_top::embeddings::{Embeddings, EmbeddingsError};
use on_top::scorer::{Scorer, ScorerError};
use on_top::train::{self, TrainOnTopError};
use picture::PictureError;
use recogniser::{LoadError, Recogniser};
use report::{EmbedRun, Embedded, ScoreRun};

fn main() -> ExitCode {
    let cli = match Cli::from_process() {
        Ok(cli) => cli,
        Err(answer) => return print::answer(&answer),
    };
    match run(cli) {
        Ok(code) => code,
        // The reader closed the pipe (`serfiq score folder | head`).
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            print::problem(failure);
            ExitCode::from(print::FAILED)
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Calibrate(#[from] CalibrateError),
    #[error(transparent)]
    Explain(#[from] ExplainError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Edc(#[from] EdcError),
    #[error(transparent)]
    Thresholds(#[from] ThresholdsError),
    #[error(transparent)]
    TrainOnTop(#[from] TrainOnTopError),
    #[error(transparent)]
    Scorer(#[from] ScorerError),
    #[error(transparent)]
    Embeddings(#[from] EmbeddingsError),
}

impl Failure {
    fn is_closed_pipe(&self) -> bool {
        let batch = match self {
            Self::Batch(error) => error,
            Self::Explain(ExplainError::Batch(error)) => error,
            _ => return false,
        };
        matches!(batch, BatchError::Output(error) if print::is_closed(error))
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        Command::Score(args) => match &args.on_top {
            Some(on_top) => {
                let (passes, seed) = args.method.monte_carlo();
                let scorer = Scorer::load(on_top, passes, seed)?;
                let recogniser = Recogniser::find(&args.engine.model)?;
                scorer.check_recogniser(&recogniser.card().name)?;
                let engine = recogniser.load(&args.engine.model, args.engine.backend.into())?;
                scorer.check_dimension(engine.info().dimension)?;
                score(&args, &engine, &scorer)
            }
            None => {
                let engine = Recogniser::find(&args.engine.model)?.load_for_scores(&args.engine, &args.method)?;
                let method = args.method.get(engine.info().default_method());
                score(&args, &engine, &method)
            }
        },
        Command::Measures(args) => {
            let engine = Recogniser::find(&args.engine.model)?.load_for_scores(&args.engine, &args.method)?;
            let method = args.method.get(engine.info().default_method());
            Ok(measures::run(&args, &engine, &method)?)
        }
        Command::Explain(args) => {
            let recogniser = Recogniser::find(&args.engine.model)?;
            let engine = recogniser.load_for_scores(&args.engine, &args.method)?;
            let method = args.method.get(engine.info().default_method());
            Ok(explain::run(&args, &recogniser, &engine, &method)?)
        }
        Command::TrainOnTop(args) => Ok(train::run(&args)?),
        Command::ScoreEmbeddings(args) => {
            let scorer = Scorer::load(&args.on_top, args.passes, args.seed)?;
            let embeddings = Embeddings::read(&args.embeddings)?;
            if let Some(model) = &embeddings.model {
                scorer.check_recogniser(model)?;
            }
            scorer.check_dimension(embeddings.dimension)?;
            let count = embeddings.images.len();
            let settings = args.threshold.settings();
            let method = scorer.method(embeddings.model_sha256);
            let run = ScoreRun { method: method.clone(), threshold: args.threshold.limit(false) };
            let records = report::score_records(args.format, &run);
            let batch = Batch { output: &args.output, records: records.as_ref(), threads: every_core() };
            Ok(batch.run(
                embeddings.images.into_iter().map(|image| Ok((image.name, image.embedding))),
                || count,
                run.clone(),
                |to| report::scores(records.as_ref(), BackendKind::Cpu.name(), None, &run, to),
                |embedding| {
                    let embedding = embedding.map_err(PictureError::NotEmbedded)?;
                    let score = embedding.map(|embedding| scorer.score_embedding(&embedding)).transpose()?;
                    Ok(Assessment::of_score(
                        method.clone(),
                        score.map(|score| FaceReport::new(Place::UNKNOWN, Some(score))),
                        &settings,
                    ))
                },
            )?)
        }
        Command::Edc(args) => Ok(edc::run(&args)?),
        Command::Thresholds(args) => Ok(thresholds::run(&args)?),
        Command::Audit(args) => Ok(audit::run(&args)?),
        Command::Calibrate(args) => Ok(calibrate::run(&args)?),
        Command::Model(command) => Ok(model::run(&command)?),
        Command::Embed(args) => {
            let engine = Recogniser::find(&args.engine.model)?.load(&args.engine.model, args.engine.backend.into())?;
            let info = engine.info();
            let threads = args.engine.model.threads(info.backend);
            let records = report::embed_records(args.format, info.dimension);
            let batch = Batch { output: &args.output, records: Some(&records), threads };
            let run = EmbedRun { model: info.model, model_sha256: info.model_sha256 };
            Ok(batch.pictures(
                &args.pictures,
                run.clone(),
                |to| report::embeddings(&records, to),
                |bytes| Ok(Embedded::new(run.clone(), picture::embed(&engine, bytes, args.crops.aligned)?)),
            )?)
        }
    }
}

/// Scores pictures with `quality`.
fn score(args: &ScoreArgs, engine: &Engine, quality: &(impl Quality + Sync)) -> Result<ExitCode, Failure> {
    let info = engine.info();
    let threads = args.engine.model.threads(info.backend);
    let run = ScoreRun { method: quality.report(&info), threshold: args.threshold.limit(quality.is_calibrated(&info)) };
    let records = report::score_records(args.format, &run);
    let batch = Batch { output: &args.output, records: records.as_ref(), threads };
    let settings = args.threshold.settings();
    Ok(batch.pictures(
        &args.pictures,
        run.clone(),
        |to| report::scores(records.as_ref(), info.backend.name(), engine.percentiles().map(Percentiles::of), &run, to),
        |bytes| picture::assess(engine, bytes, args.crops.aligned, quality, &settings),
    )?)
}

//! `serfiq`: scores face pictures from the command line.
//!
//! | module | owns |
//! |---|---|
//! | `args` | what may be asked for |
//! | `recogniser` | the recogniser that is meant, and the engine that runs it |
//! | `own_file` | a recogniser's file of the user's own, and the card beside it |
//! | `batch` | all pictures: from the inputs, by way of the engine, to the report |
//! | `inputs` | the pictures that are meant by files, folders and standard input |
//! | `parallel` | many at once, in their order |
//! | `picture` | one picture: its faces, scored or embedded |
//! | `output` | where results go, and what an earlier run has left there |
//! | `report` | what is printed, picture by picture |
//! | `head` | the on-top head, for recognisers without dropout |
//! | `evaluate` | reports on what a quality is worth, and to whom |
//! | `calibrate` | fitting a recogniser's calibration to pictures |
//! | `model` | looking at recognisers, and the cards of one's own |
//! | `shell` | arguments as a shell takes them |
//! | `table` | CSV files, and what is wrong with them |
//! | `whole_file` | files that are written whole or not at all |

mod args;
mod batch;
mod calibrate;
mod evaluate;
mod head;
mod inputs;
mod model;
mod output;
mod own_file;
mod parallel;
mod picture;
mod recogniser;
mod report;
mod shell;
mod table;
mod whole_file;

use std::io;
use std::process::ExitCode;

use serfiq::BackendKind;
use serfiq::report::MethodReport;

use args::{Cli, Command, ScoreArgs, every_core};
use batch::{Batch, Stopped};
use calibrate::CalibrateError;
use evaluate::audit::{self, AuditError};
use evaluate::edc::{self, EdcError};
use evaluate::thresholds::{self, ThresholdsError};
use head::embeddings::{Embeddings, EmbeddingsError};
use head::scorer::{Scorer, ScorerError};
use head::train::{self, TrainHeadError};
use model::ModelError;
use picture::Place;
use recogniser::{LoadError, Recogniser};
use report::{EmbedRun, OnTopRun};

fn main() -> ExitCode {
    match run(Cli::from_process()) {
        Ok(code) => code,
        // The reader has what it wanted (`serfiq score folder | head`).
        Err(Failure::Batch(Stopped::Output(error))) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("serfiq: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Batch(#[from] Stopped),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Calibrate(#[from] CalibrateError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Edc(#[from] EdcError),
    #[error(transparent)]
    Thresholds(#[from] ThresholdsError),
    #[error(transparent)]
    TrainHead(#[from] TrainHeadError),
    #[error(transparent)]
    Scorer(#[from] ScorerError),
    #[error(transparent)]
    Embeddings(#[from] EmbeddingsError),
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        Command::Score(ref args @ ScoreArgs { head: Some(ref head), .. }) => {
            let (passes, seed) = args.method.monte_carlo();
            let scorer = Scorer::load(head, passes, seed)?;
            let recogniser = Recogniser::find(&args.engine.model)?;
            scorer.check_recogniser(&recogniser.card().name)?;
            let engine = recogniser.load(&args.engine.model, args.engine.backend.into())?;
            let info = engine.info();
            scorer.check_dimension(info.dimension)?;
            let threads = args.engine.model.threads(info.backend);
            let batch = Batch { output: &args.output, records: args.format.records(), threads };
            Ok(batch.pictures(
                &args.pictures,
                OnTopRun::new(&scorer, Some(info.model_sha256)),
                |to| report::scores(args.format, info.backend.name(), to),
                |bytes| picture::score_on_top(&engine, bytes, args.pictures.aligned, &scorer),
            )?)
        }
        Command::Score(args) => {
            let engine = Recogniser::find(&args.engine.model)?.load_for_scores(&args.engine, &args.method)?;
            let info = engine.info();
            let method = args.method.get(info.default_method());
            let threads = args.engine.model.threads(info.backend);
            let batch = Batch { output: &args.output, records: args.format.records(), threads };
            Ok(batch.pictures(
                &args.pictures,
                MethodReport::new(&info, method),
                |to| report::scores(args.format, info.backend.name(), to),
                |bytes| picture::score(&engine, bytes, args.pictures.aligned, method),
            )?)
        }
        Command::TrainHead(args) => {
            train::run(&args)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::ScoreEmbeddings(args) => {
            let scorer = Scorer::load(&args.head, args.passes, args.seed)?;
            let embeddings = Embeddings::read(&args.embeddings)?;
            if let Some(model) = &embeddings.model {
                scorer.check_recogniser(model)?;
            }
            scorer.check_dimension(embeddings.dimension)?;
            let batch = Batch { output: &args.output, records: args.format.records(), threads: every_core() };
            let count = embeddings.images.len();
            Ok(batch.run(
                embeddings.images.into_iter().map(|image| Ok((image.name, image.embedding))),
                || count,
                OnTopRun::new(&scorer, embeddings.model_sha256),
                |to| report::scores(args.format, BackendKind::Cpu.name(), to),
                |embedding| {
                    let face = embedding.map(|embedding| picture::score_embedding(&scorer, Place::UNKNOWN, &embedding));
                    face.into_iter().collect()
                },
            )?)
        }
        Command::Edc(args) => {
            edc::run(&args)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Thresholds(args) => {
            thresholds::run(&args)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Audit(args) => {
            audit::run(&args)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Calibrate(args) => {
            calibrate::run(&args)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Model(command) => Ok(model::run(&command)?),
        Command::Embed(args) => {
            let engine = Recogniser::find(&args.engine.model)?.load(&args.engine.model, args.engine.backend.into())?;
            let info = engine.info();
            let threads = args.engine.model.threads(info.backend);
            let batch = Batch { output: &args.output, records: Some(args.format.records()), threads };
            Ok(batch.pictures(
                &args.pictures,
                EmbedRun { model: info.model, model_sha256: info.model_sha256 },
                |to| report::embeddings(args.format, info.dimension, to),
                |bytes| picture::embed(&engine, bytes, args.pictures.aligned),
            )?)
        }
    }
}

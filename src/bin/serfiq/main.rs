//! `serfiq`: scores face pictures from the command line.
//!
//! | module | owns |
//! |---|---|
//! | `args` | what may be asked for |
//! | `inputs` | the pictures that are meant by files and folders |
//! | `engine` | the model files, and the engine that runs them |
//! | `picture` | one picture: its faces, scored or embedded |
//! | `report` | what is printed, picture by picture |

mod args;
mod engine;
mod inputs;
mod picture;
mod report;

use std::io;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serfiq::report::{MethodReport, Status};

use args::{Cli, Command, Pictures};
use engine::LoadError;
use inputs::Input;
use picture::PictureError;
use report::{EmbedRun, Record, Report};

fn main() -> ExitCode {
    match run(Cli::from_process()) {
        Ok(code) => code,
        // The reader has what it wanted (`serfiq score folder | head`).
        Err(Stopped::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(stopped) => {
            eprintln!("serfiq: {stopped}");
            ExitCode::from(2)
        }
    }
}

/// Why the run ended before every picture had its turn.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("no JPEG, PNG or WebP pictures in {0}; name files, or folders that hold some")]
    NoPictures(String),
    #[error("{path}: {source}")]
    Device { path: String, source: PictureError },
    #[error("the results cannot be written: {0}")]
    Output(#[from] io::Error),
}

fn run(cli: Cli) -> Result<ExitCode, Stopped> {
    match cli.command {
        Command::Score(args) => {
            let mut engine = engine::load(&args.engine)?;
            if let Some(p) = args.dropout {
                engine.set_dropout(p).map_err(LoadError::Engine)?;
            }
            let info = engine.info();
            let method = args.method(info.default_method());
            let about = MethodReport::new(info.model, method);
            let mut report = report::scores(args.format, &info)?;
            each_picture(&args.pictures, about, report.as_mut(), |bytes| {
                picture::score(&engine, bytes, args.pictures.aligned, method)
            })
        }
        Command::Embed(args) => {
            let engine = engine::load(&args.engine)?;
            let about = EmbedRun { model: engine.info().model };
            let mut report = report::embeddings(args.format, engine.info().dimension)?;
            each_picture(&args.pictures, about, report.as_mut(), |bytes| picture::embed(&engine, bytes, args.pictures.aligned))
        }
    }
}

/// Reads, handles and reports one picture after the other. What is wrong with a picture is reported with it and ends
/// nothing; what is wrong with the device ends the run.
fn each_picture<R: Serialize + Copy, F: Serialize>(
    pictures: &Pictures,
    run: R,
    report: &mut dyn Report<R, F>,
    handle: impl Fn(&[u8]) -> Result<Vec<F>, PictureError>,
) -> Result<ExitCode, Stopped> {
    let inputs = inputs::find(&pictures.paths);
    if inputs.is_empty() {
        let paths: Vec<_> = pictures.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Stopped::NoPictures(paths.join(", ")));
    }
    // Hidden by itself where stderr is no terminal.
    let progress = ProgressBar::new(inputs.len() as u64).with_style(progress_style());
    let mut unreadable = 0;
    for Input { path, problem } in inputs {
        let shown = path.to_string_lossy().into_owned();
        progress.set_message(shown.clone());
        let outcome = match problem {
            Some(problem) => Err(PictureError::Read(problem)),
            None => std::fs::read(&path).map_err(PictureError::Read).and_then(|bytes| handle(&bytes)),
        };
        let record = match outcome {
            Ok(faces) => {
                let status = if faces.is_empty() { Status::NoFace } else { Status::Ok };
                Record { path: shown, status, run, faces, error: None }
            }
            Err(source) if source.is_the_devices() => return Err(Stopped::Device { path: shown, source }),
            Err(error) => {
                unreadable += 1;
                progress.suspend(|| eprintln!("serfiq: {shown}: {error}"));
                Record { path: shown, status: Status::Unreadable, run, faces: vec![], error: Some(error.to_string()) }
            }
        };
        progress.suspend(|| report.add(&record))?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    report.finish()?;
    Ok(if unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn progress_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len}  {eta} left  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

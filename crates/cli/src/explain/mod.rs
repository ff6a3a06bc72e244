//! `serfiq explain`: why a picture's score is what it is.
//!
//! | module | owns |
//! |---|---|
//! | `table` | tables for people |
//! | `drawing` | the picture with the map over it |
//! | `page` | the HTML page of many pictures |
mod drawing;
mod page;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use pollster::block_on;
use serde::Serialize;
use serfiq::face::AlignedCrop;
use serfiq::frame::Frame;
use serfiq::score::Method;
use serfiq::{Assessment, Engine, Quality};
use serfiq_reports::About;

use crate::args::{ExplainArgs, ExplainFormat};
use crate::atomic_write::{self, WriteError};
use crate::batch::{Batch, BatchError};
use crate::output::{Output, OutputError, Records};
use crate::picture::PictureError;
use crate::recogniser::Recogniser;
use crate::report::{JsonLines, Report, ScoreRun};
use crate::shell;

/// One picture's record.
#[derive(Debug, Serialize)]
pub struct Explained {
    #[serde(flatten)]
    assessment: Assessment,
    /// For pages and drawings only.
    #[serde(skip)]
    drawing: Option<drawing::Drawing>,
}

/// Scores and explains pictures.
pub fn run(args: &ExplainArgs, recogniser: &Recogniser, engine: &Engine, method: &Method) -> Result<ExitCode, ExplainError> {
    let info = engine.info();
    let run = ScoreRun { method: method.report(&info), threshold: args.threshold.limit(method.is_calibrated(&info)) };
    let settings = args.threshold.settings();
    let explain = |bytes: &[u8], is_drawn: bool| -> Result<Explained, PictureError> {
        let frame = Frame::decode(bytes)?;
        let assessment = match args.crops.aligned {
            true => block_on(engine.assess_crop(&AlignedCrop::from_frame(&frame)?, method, &settings))?,
            false => block_on(engine.assess(&frame, method, &settings))?,
        };
        let assessment = block_on(engine.explain(assessment, &frame))?;
        let drawing = is_drawn.then(|| drawing::draw(&frame, assessment.explanation.as_ref())).transpose()?;
        Ok(Explained { assessment, drawing })
    };
    let format = ExplainFormat::of(args);
    if format == ExplainFormat::Png {
        return png(args, |bytes| explain(bytes, true));
    }
    let about = About::new(shell::command(), 0, Some(recogniser.computed(run.method.clone(), info.backend.name())));
    let records = (format == ExplainFormat::Jsonl).then_some(Records::Jsonl);
    let batch = Batch { output: &args.output, records: records.as_ref(), threads: args.engine.model.threads(info.backend) };
    let report = |to| Ok(report(format, run.clone(), about, to));
    Ok(batch.pictures(&args.pictures, run.clone(), report, |bytes| explain(bytes, format == ExplainFormat::Html))?)
}

/// Writes the drawing of the only picture.
fn png(args: &ExplainArgs, explain: impl Fn(&[u8]) -> Result<Explained, PictureError>) -> Result<ExitCode, ExplainError> {
    let (Some(output), [picture]) = (&args.output.output, args.pictures.paths.as_slice()) else {
        return Err(ExplainError::OnePicture);
    };
    if picture.is_dir() {
        return Err(ExplainError::OnePicture);
    }
    if output.exists() {
        return Err(OutputError::Exists { path: output.clone() }.into());
    }
    let failed = |source| ExplainError::Picture { path: picture.clone(), source };
    let explained = explain(&fs::read(picture).map_err(PictureError::Read).map_err(failed)?).map_err(failed)?;
    match explained.drawing.and_then(|drawing| drawing.full) {
        Some(png) => atomic_write::write(output, png)?,
        None if explained.assessment.faces.is_empty() => return Err(ExplainError::NoFace { path: picture.clone() }),
        None => return Err(ExplainError::NotUsual { model: explained.assessment.method.model }),
    }
    Ok(ExitCode::SUCCESS)
}

/// Why nothing was explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    #[error("a PNG file shows one picture: name one, and the file with -o; -o explained.html shows several")]
    OnePicture,
    #[error("{}: {source}", path.display())]
    Picture { path: PathBuf, source: PictureError },
    #[error("{}: no face was found, so that there is nothing to draw", path.display())]
    NoFace { path: PathBuf },
    #[error("the card of the recogniser {model} does not say what is usual in its cells; calibrate it with `serfiq calibrate`")]
    NotUsual { model: String },
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Batch(Box<BatchError>),
}

impl From<BatchError> for ExplainError {
    fn from(error: BatchError) -> Self {
        Self::Batch(error.into())
    }
}

fn report(format: ExplainFormat, run: ScoreRun, about: About, to: Output) -> Box<dyn Report<Explained, ScoreRun>> {
    match format {
        ExplainFormat::Jsonl => Box::new(JsonLines::new(to)),
        ExplainFormat::Html => Box::new(page::Page::new(about, to)),
        ExplainFormat::Table | ExplainFormat::Png => Box::new(table::Tables::new(run, to)),
    }
}

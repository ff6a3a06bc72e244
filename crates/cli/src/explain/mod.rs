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
use crate::output::{Output, OutputError, Records, check_new};
use crate::picture::PictureError;
use crate::recogniser::Recogniser;
use crate::report::{JsonLines, Report, ScoreRun};
use crate::shell;

/// One picture's record.
#[derive(Debug, Serialize)]
pub struct Explained {
    #[serde(flatten)]
    assessment: Assessment,
    /// For pages only.
    #[serde(skip)]
    drawing: Option<drawing::Drawing>,
}

/// Scores and explains pictures.
pub fn run(args: &ExplainArgs, recogniser: &Recogniser, engine: &Engine, method: &Method) -> Result<ExitCode, ExplainError> {
    let info = engine.info();
    let run = ScoreRun { method: method.report(&info), threshold: args.threshold.limit(method.is_calibrated(&info)) };
    let settings = args.threshold.settings();
    let explain = |bytes: &[u8]| -> Result<(Frame, Assessment), PictureError> {
        let frame = Frame::decode(bytes)?;
        let assessment = match args.crops.aligned {
            true => block_on(engine.assess_crop(&AlignedCrop::from_frame(&frame)?, method, &settings))?,
            false => block_on(engine.assess(&frame, method, &settings))?,
        };
        let assessment = block_on(engine.explain(assessment, &frame))?;
        Ok((frame, assessment))
    };
    let format = ExplainFormat::of(args);
    if format == ExplainFormat::Png {
        return png(args, explain);
    }
    let about = About::new(shell::command(), 0, Some(recogniser.computed(run.method.clone(), info.backend.name())));
    let records = (format == ExplainFormat::Jsonl).then_some(Records::Jsonl);
    let batch = Batch { output: &args.output, records: records.as_ref(), threads: args.engine.model.threads(info.backend) };
    let report = |to| Ok(report(format, run.clone(), about, to));
    let handle = |bytes: &[u8]| {
        let (frame, assessment) = explain(bytes)?;
        let is_drawn = format == ExplainFormat::Html;
        let drawing = is_drawn.then(|| drawing::for_page(&frame, assessment.explanation.as_ref())).transpose()?;
        Ok(Explained { assessment, drawing })
    };
    Ok(batch.pictures(&args.pictures, run.clone(), report, handle)?)
}

/// Writes the drawing of the only picture.
fn png(
    args: &ExplainArgs,
    explain: impl Fn(&[u8]) -> Result<(Frame, Assessment), PictureError>,
) -> Result<ExitCode, ExplainError> {
    let (Some(output), [picture]) = (&args.output.output, args.pictures.paths.as_slice()) else {
        return Err(ExplainError::OnePicture);
    };
    if picture.is_dir() {
        return Err(ExplainError::OnePicture);
    }
    check_new(output)?;
    let failed = |source| ExplainError::Picture { path: picture.clone(), source };
    let bytes = fs::read(picture).map_err(PictureError::Read).map_err(failed)?;
    let (frame, assessment) = explain(&bytes).map_err(failed)?;
    let Some(explanation) = &assessment.explanation else { return Err(ExplainError::NoFace { path: picture.clone() }) };
    let Some(png) = drawing::png(&frame, explanation).map_err(failed)? else {
        return Err(ExplainError::NotUsual { model: assessment.method.model });
    };
    atomic_write::write(output, png)?;
    Ok(ExitCode::SUCCESS)
}

/// Why nothing was explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    #[error("a PNG file shows one picture: name one, and the file with -o; -o explained.html shows several")]
    OnePicture,
    #[error("{}: {source}", path.display())]
    Picture { path: PathBuf, source: PictureError },
    #[error("{}: no face was found, so there is nothing to draw", path.display())]
    NoFace { path: PathBuf },
    #[error("the card of the recogniser {model} has no usual values for its cells; calibrate it with `serfiq calibrate`")]
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

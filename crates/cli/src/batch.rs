use std::io;
use std::mem;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::args::{OutputArgs, Pictures};
use crate::inputs::{self, Input, LeftOut, Source, StdinError};
use crate::output::{self, Output, OutputError, Records};
use crate::parallel::{NoThread, in_order};
use crate::picture::PictureError;
use crate::print;
use crate::report::{Outcome, Record, Report, Unreadable};

/// Where results go, and how they are produced.
pub struct Batch<'a> {
    pub output: &'a OutputArgs,
    /// Machine-readable format of the results; `None` for a table.
    pub records: Option<&'a Records>,
    /// Items processed in parallel.
    pub threads: NonZeroUsize,
}

/// Why the run ended before every picture was processed.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error("no JPEG, PNG or WebP pictures in {0}; name files, or folders that hold some")]
    NoPictures(String),
    #[error("no JPEG, PNG or WebP pictures in {paths}; {left_out}")]
    OtherPictures { paths: String, left_out: LeftOut },
    #[error(transparent)]
    Threads(#[from] NoThread),
    #[error(transparent)]
    Stdin(#[from] StdinError),
    #[error("{name}: {source}")]
    Device { name: String, source: PictureError },
    #[error(transparent)]
    Open(#[from] OutputError),
    #[error("the results cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Batch<'_> {
    /// Reads and handles every picture, as [`run`](Self::run) does.
    pub fn pictures<A: Serialize + Send, R: Serialize + Clone>(
        &self,
        pictures: &Pictures,
        run: R,
        report: impl FnOnce(Output) -> io::Result<Box<dyn Report<A, R>>>,
        handle: impl Fn(&[u8]) -> Result<A, PictureError> + Sync,
    ) -> Result<ExitCode, BatchError> {
        let left_out = LeftOut::default();
        let items = of_pictures(pictures, &left_out)?.map(|input| input.map(|Input { name, source }| (name, source)));
        let count = || inputs::find(pictures.paths.clone(), &LeftOut::default()).count();
        let status = self.run(items, count, run, report, |source: Source| handle(&source.read().map_err(PictureError::Read)?));
        if !left_out.is_empty() {
            print::problem(left_out);
        }
        status
    }

    /// Handles every named item, and reports the results in order. An item's error is reported with it, and the run continues; a
    /// device error ends the run. `run` describes how the results are made.
    pub fn run<T: Send + 'static, A: Serialize + Send, R: Serialize + Clone>(
        &self,
        items: impl Iterator<Item = Result<(String, T), StdinError>> + Send + 'static,
        count: impl FnOnce() -> usize + Send,
        run: R,
        report: impl FnOnce(Output) -> io::Result<Box<dyn Report<A, R>>>,
        handle: impl Fn(T) -> Result<A, PictureError> + Sync,
    ) -> Result<ExitCode, BatchError> {
        let mut output = output::open(self.output, self.records, &run)?;
        let mut earlier = mem::take(&mut output.earlier);
        let mut report = report(output)?;
        // Hidden unless stderr is a terminal.
        let progress = ProgressBar::no_length().with_style(progress_style()).with_position(earlier.pictures());
        progress.reset_eta();
        earlier.unreadable.problems().for_each(print::problem);
        // Items that could not be read in this run or an earlier one.
        let mut unreadable = earlier.unreadable.count;
        let items = items.filter(move |item| !item.as_ref().is_ok_and(|(name, _)| earlier.take(name)));
        let result = thread::scope(|scope| {
            if !progress.is_hidden() {
                scope.spawn(|| progress.set_length(count() as u64));
            }
            let work = |item: Result<(String, T), StdinError>| item.map(|(name, item)| (name, handle(item)));
            in_order(items, self.threads, work, |outcome| {
                let (name, outcome) = outcome.map_err(BatchError::Stdin)?;
                progress.set_message(name.clone());
                let outcome = match outcome {
                    Ok(read) => Outcome::Read(read),
                    Err(source) if source.is_the_devices() => return Err(BatchError::Device { name, source }),
                    Err(error) => {
                        unreadable += 1;
                        progress.suspend(|| print::problem(format_args!("{name}: {error}")));
                        Outcome::Unreadable(Unreadable::new(run.clone(), error.to_string()))
                    }
                };
                let record = Record { path: name, outcome };
                progress.suspend(|| report.add(&record))?;
                progress.inc(1);
                Ok(())
            })
        });
        progress.finish_and_clear();
        result?;
        report.finish()?;
        Ok(if unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// Opens the inputs. Standard input may be empty; paths without a picture are an error.
fn of_pictures(
    pictures: &Pictures,
    left_out: &LeftOut,
) -> Result<Box<dyn Iterator<Item = Result<Input, StdinError>> + Send>, BatchError> {
    let Pictures { ref paths, stdin, stdin_bytes, .. } = *pictures;
    if stdin {
        return Ok(Box::new(inputs::named_in(io::stdin())));
    }
    if stdin_bytes {
        return Ok(Box::new(inputs::sent_in(io::stdin())));
    }
    let mut found = inputs::find(paths.clone(), left_out).peekable();
    if found.peek().is_none() {
        let paths = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(match left_out.is_empty() {
            true => BatchError::NoPictures(paths),
            false => BatchError::OtherPictures { paths, left_out: left_out.clone() },
        });
    }
    Ok(Box::new(found.map(Ok)))
}

pub fn progress_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {human_pos}/{human_len}  {per_sec}  {eta} left  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

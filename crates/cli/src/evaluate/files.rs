use std::error::Error;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serfiq_reports::About;

use crate::args::SourceArgs;
use crate::atomic_write::{self, WriteError};
use crate::print::{self, PrintError};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the report cannot be drawn: {0}")]
    Draw(Box<dyn Error>),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Print(#[from] PrintError),
    #[error(
        "{} cannot be written: there is no folder {}; make it first, or name another one with --output",
        path.display(), folder.display()
    )]
    NoFolder { path: PathBuf, folder: PathBuf },
    #[error("{} is read for this report and would be overwritten by it; name another report with --output", path.display())]
    Input { path: PathBuf },
}

#[derive(Serialize)]
struct Json<'a, T> {
    about: &'a About,
    #[serde(flatten)]
    results: &'a T,
}

/// Checks that the report can be written, and overwrites neither `files` nor the files in `args`, before thousands of images are
/// scored.
pub fn look_for_place<'a>(
    page: &Path,
    args: &'a SourceArgs,
    files: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<(), ReportError> {
    if let Some(folder) = page.parent()
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        return Err(ReportError::NoFolder { path: page.into(), folder: folder.into() });
    }
    let read: Vec<PathBuf> =
        files.into_iter().chain(args.scores.iter().map(|(_, file)| file)).filter_map(|file| file.canonicalize().ok()).collect();
    let is_read = |path: &PathBuf| path.canonicalize().is_ok_and(|path| read.contains(&path));
    match places(page).into_iter().find(is_read) {
        Some(path) => Err(ReportError::Input { path }),
        None => Ok(()),
    }
}

/// Writes a report to `page`, an HTML file, and its numbers beside it, as JSON and as CSV. Then prints their names.
pub fn write<T: Serialize>(
    page: &Path,
    about: &About,
    results: &T,
    csv: impl FnOnce(&T) -> csv::Result<Vec<u8>>,
    html: impl FnOnce(&About, &T) -> Result<String, Box<dyn Error>>,
) -> Result<(), ReportError> {
    let drawn = |error: Box<dyn Error>| ReportError::Draw(error);
    let json = serde_json::to_vec_pretty(&Json { about, results }).map_err(|error| drawn(error.into()))?;
    let csv = csv(results).map_err(|error| drawn(error.into()))?;
    let html = html(about, results).map_err(drawn)?.into_bytes();
    let [json_file, csv_file, page] = places(page);
    let files = [(json_file, json), (csv_file, csv), (page, html)];
    atomic_write::write_all(&files)?;
    let names: String = files.iter().map(|(path, _)| format!("{}\n", path.display())).collect();
    Ok(print::result(names)?)
}

/// Returns the JSON file, the CSV file, and the page itself.
fn places(page: &Path) -> [PathBuf; 3] {
    [page.with_extension("json"), page.with_extension("csv"), page.to_owned()]
}

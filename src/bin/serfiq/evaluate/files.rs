use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::About;
use crate::whole_file;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the report cannot be drawn: {0}")]
    Draw(Box<dyn Error>),
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

#[derive(Serialize)]
struct Json<'a, T> {
    about: &'a About,
    #[serde(flatten)]
    results: &'a T,
}

/// Writes a report to `page`, an HTML file, and its numbers beside it, as JSON and as CSV. Everything is made before the first
/// file is written, and each takes its place whole. Prints their names.
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
    for (path, contents) in [(page.with_extension("json"), json), (page.with_extension("csv"), csv), (page.to_owned(), html)] {
        whole_file::write(&path, contents).map_err(|source| ReportError::Write { path: path.clone(), source })?;
        println!("{}", path.display());
    }
    Ok(())
}

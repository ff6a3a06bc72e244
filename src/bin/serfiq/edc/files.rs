use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::About;
use super::evaluation::{Evaluation, OfMeasure, Point};
use super::page;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the report cannot be drawn: {0}")]
    Draw(Box<dyn Error>),
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

#[derive(Serialize)]
struct Json<'a> {
    about: &'a About,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
}

/// Writes the report to `page`, an HTML file, and its numbers beside it, as JSON and as CSV. Everything is made before the
/// first file is written, and each takes its place whole.
pub fn write(page: &Path, about: &About, evaluation: &Evaluation) -> Result<Vec<PathBuf>, ReportError> {
    let drawn = |error: Box<dyn Error>| ReportError::Draw(error);
    let json = serde_json::to_vec_pretty(&Json { about, evaluation }).map_err(|error| drawn(error.into()))?;
    let csv = curves(evaluation).map_err(|error| drawn(error.into()))?;
    let html = page::render(about, evaluation).map_err(drawn)?.into_bytes();
    let files = [(page.with_extension("json"), json), (page.with_extension("csv"), csv), (page.to_owned(), html)];
    for (path, contents) in &files {
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".unfinished");
        let written = fs::write(&unfinished, contents).and_then(|()| fs::rename(&unfinished, path));
        written.map_err(|source| ReportError::Write { path: path.clone(), source })?;
    }
    Ok(files.map(|(path, _)| path).into())
}

/// One row for each point of each curve.
fn curves(evaluation: &Evaluation) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["fmr", "measure", "discarded", "fnmr", "low", "high", "fnmr_refitted"])?;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for at in &evaluation.at {
        for OfMeasure { name, curve, .. } in at.measures.iter().chain([&at.best]) {
            for Point { discarded, fnmr, interval, refitted } in curve {
                let [low, high] = [0, 1].map(|end| number(interval.map(|interval| interval[end])));
                let (rate, discarded, fnmr) = (at.fmr.to_string(), discarded.to_string(), fnmr.to_string());
                writer.write_record([&rate, name, &discarded, &fnmr, &low, &high, &number(*refitted)])?;
            }
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

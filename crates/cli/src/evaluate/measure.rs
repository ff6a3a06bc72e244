use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serfiq_reports::Measure;

use super::images::Images;
use crate::places::{Misfit, Wanted};
use crate::table::{Table, TableError};

/// Why a score file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{} has no row for the image {image:?}: {looked_for}", path.display())]
    UnknownImage { path: PathBuf, image: String, looked_for: String },
    #[error("two files of --scores are called {name:?}; expected a name of its own for each")]
    SameName { name: String },
}

/// Reads all files of scores. Their names must be distinct.
pub fn read_all(files: &[(String, PathBuf)], images: &Images) -> Result<Vec<Measure>, MeasureError> {
    let mut measures: Vec<Measure> = Vec::with_capacity(files.len());
    for (name, path) in files {
        if measures.iter().any(|measure| measure.name == *name) {
            return Err(MeasureError::SameName { name: name.clone() });
        }
        measures.push(read(name, path, images)?);
    }
    Ok(measures)
}

/// Reads a CSV file with a column `path` (or `image`, or `file`), and one `raw` (or `quality`, or `score`), as written by `serfiq
/// score --format csv` and by the web page. Only the first face of each image counts.
fn read(name: &str, path: &Path, images: &Images) -> Result<Measure, MeasureError> {
    let mut table = Table::open(path)?;
    let (image, score) = (table.column(&["path", "image", "file"])?, table.column(&["raw", "quality", "score"])?);
    let face = table.optional_column("face");
    let (mut rows, mut scores, mut lines) = (Vec::new(), Vec::new(), HashMap::new());
    while table.advance()? {
        if face.is_some_and(|face| !matches!(table.text(face), "" | "1")) {
            continue;
        }
        let value = if table.text(score).is_empty() { None } else { Some(table.number(score)?) };
        let row = without_guard(table.text(image)).to_owned();
        if let Some(line) = lines.insert(row.clone(), table.line()) {
            return Err(table.wrong_row(format!("the same image as in line {line}; expected every image once")).into());
        }
        rows.push(row);
        scores.push(value);
    }
    let names: Vec<&str> = rows.iter().map(String::as_str).collect();
    let found = Wanted { names: images.names(), folder: images.folder() }.among(&names, path);
    let found = found.map_err(|misfit| match misfit {
        Misfit::Unknown { wanted, looked_for } => {
            MeasureError::UnknownImage { path: path.into(), image: images.names()[wanted].clone(), looked_for }
        }
        Misfit::Twice([first, again]) => {
            let (first, line) = (lines[&rows[first]], lines[&rows[again]]);
            let problem = format!("the same image as in line {first}; expected every image once");
            TableError::Row { path: path.into(), line, problem }.into()
        }
    })?;
    Ok(Measure { name: name.into(), qualities: found.into_iter().map(|row| scores[row]).collect(), calibration: None })
}

/// Removes the apostrophe that the web page puts before a name that a spreadsheet would take for a formula.
fn without_guard(name: &str) -> &str {
    name.strip_prefix('\'').filter(|name| name.starts_with(['=', '+', '-', '@', '\t', '\r'])).unwrap_or(name)
}

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
    #[error(
        "{}: expected a column `raw`, `quality` or `score`, or another one named with --column; its columns are {}",
        path.display(), found.join(", ")
    )]
    NoScore { path: PathBuf, found: Vec<String> },
    #[error("two files of --scores are called {name:?}; expected distinct names")]
    SameName { name: String },
}

/// Columns to look for a score in, if none is named.
const SCORES: [&str; 3] = ["raw", "quality", "score"];
/// OFIQ's column with the name of the picture.
const OFIQ: &str = "Filename";
/// OFIQ's suffixes of a measure's columns: of its native value (in some versions only), and of its quality.
const NATIVE: &str = ".native";
const QUALITY: &str = ".scalar";

/// Reads the named `columns` of all score files, or else each file's own score. The names of the measures must be distinct.
pub fn read_all(files: &[(String, PathBuf)], columns: &[String], images: &Images) -> Result<Vec<Measure>, MeasureError> {
    let mut measures: Vec<Measure> = Vec::with_capacity(files.len());
    for (name, path) in files {
        let wanted: Vec<(String, Option<&str>)> = match columns {
            [] => vec![(name.clone(), None)],
            [column] => vec![(name.clone(), Some(column))],
            columns => columns.iter().map(|column| (format!("{name} {column}"), Some(column.as_str()))).collect(),
        };
        for (name, column) in wanted {
            if measures.iter().any(|measure| measure.name == name) {
                return Err(MeasureError::SameName { name });
            }
            measures.push(read(name, path, column, images)?);
        }
    }
    Ok(measures)
}

/// Reads a CSV file with a column `path` (or `image`, or `file`, or OFIQ's `Filename`), and the given `column`, or else a score, as written
/// by `serfiq score --format csv`, `serfiq measures`, the web page and OFIQ. Only the first face of each image counts.
fn read(name: String, path: &Path, column: Option<&str>, images: &Images) -> Result<Measure, MeasureError> {
    let mut table = Table::open(path)?;
    let image = table.column(&["path", "image", "file", OFIQ])?;
    let score = match column {
        Some(column) => table.column(&[column])?,
        None => SCORES.iter().find_map(|name| table.optional_column(name)).ok_or_else(|| MeasureError::NoScore {
            path: path.into(),
            found: table.names().into_iter().map(str::to_owned).collect(),
        })?,
    };
    let face = table.optional_column("face");
    let assessed = Assessed::of(&table, score);
    let (mut rows, mut scores, mut lines) = (Vec::new(), Vec::new(), HashMap::new());
    while table.advance()? {
        if face.is_some_and(|face| !matches!(table.text(face), "" | "1")) {
            continue;
        }
        let value = if assessed.is_true(&table)? { table.number_or_nothing(score)? } else { None };
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
    Ok(Measure { name, qualities: found.into_iter().map(|row| scores[row]).collect(), calibration: None })
}

/// Whether OFIQ could assess a measure: if not, its quality is -1, and its native value is meaningless.
struct Assessed {
    /// The column of the quality; `None` for a file of other programs.
    quality: Option<usize>,
}

impl Assessed {
    fn of(table: &Table, score: usize) -> Self {
        let name = table.names()[score];
        let measure = name.strip_suffix(QUALITY).or_else(|| name.strip_suffix(NATIVE)).unwrap_or(name);
        let quality = table.optional_column(&format!("{measure}{QUALITY}"));
        Self { quality: quality.filter(|_| table.optional_column(OFIQ).is_some()) }
    }

    fn is_true(&self, table: &Table) -> Result<bool, TableError> {
        Ok(match self.quality {
            Some(column) => table.number(column)? >= 0.0,
            None => true,
        })
    }
}

/// Removes the apostrophe that the web page puts before a name that a spreadsheet would take for a formula.
fn without_guard(name: &str) -> &str {
    name.strip_prefix('\'').filter(|name| name.starts_with(['=', '+', '-', '@', '\t', '\r'])).unwrap_or(name)
}

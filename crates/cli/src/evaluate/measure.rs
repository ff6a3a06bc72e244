use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serfiq::score::Calibration;

use crate::table::{Table, TableError};

/// A quality measure: its name, and the quality of each image; `None` if there is none, as without a face.
#[derive(Debug)]
pub struct Measure {
    pub name: String,
    pub qualities: Vec<Option<f64>>,
    /// Maps them to qualities from 0 to 100; `None` for a given measure, and for an uncalibrated model.
    pub calibration: Option<Calibration>,
}

/// Why a score file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{} has no row for the image {image:?}", path.display())]
    UnknownImage { path: PathBuf, image: String },
    #[error("two files of --scores are called {name:?}; expected a name of its own for each")]
    SameName { name: String },
}

/// Reads all files of scores. Their names must be distinct.
pub fn read_all(files: &[(String, PathBuf)], images: &[String], root: &Path) -> Result<Vec<Measure>, MeasureError> {
    let mut measures: Vec<Measure> = Vec::with_capacity(files.len());
    for (name, path) in files {
        if measures.iter().any(|measure| measure.name == *name) {
            return Err(MeasureError::SameName { name: name.clone() });
        }
        measures.push(read(name, path, images, root)?);
    }
    Ok(measures)
}

/// Reads a CSV file with a column `path` (or `image`), and one `raw` (or `quality`, or `score`), as written by `serfiq score
/// --format csv`. Only the first face of each image counts. Images may be named as in the report's other files, or with `root` in
/// front.
fn read(name: &str, path: &Path, images: &[String], root: &Path) -> Result<Measure, MeasureError> {
    let mut table = Table::open(path)?;
    let (image, score) = (table.column(&["path", "image"])?, table.column(&["raw", "quality", "score"])?);
    let face = table.optional_column("face");
    let mut scores: HashMap<PathBuf, (Option<f64>, u64)> = HashMap::new();
    while table.advance()? {
        if face.is_some_and(|face| !matches!(table.text(face), "" | "1")) {
            continue;
        }
        let value = if table.text(score).is_empty() { None } else { Some(table.number(score)?) };
        if let Some((_, line)) = scores.insert(table.text(image).into(), (value, table.line())) {
            return Err(table.wrong_row(format!("the same image as in line {line}; expected every image once")).into());
        }
    }
    let quality = |image: &String| {
        let found = scores.get(Path::new(image)).or_else(|| scores.get(&root.join(image)));
        found.map(|(value, _)| *value).ok_or_else(|| MeasureError::UnknownImage { path: path.into(), image: image.clone() })
    };
    let qualities = images.iter().map(quality).collect::<Result<_, _>>()?;
    Ok(Measure { name: name.into(), qualities, calibration: None })
}

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::table::{Table, TableError};

/// Embeddings of images, computed by one recogniser.
pub struct Embeddings {
    /// The recogniser; `None` if the file does not name it.
    pub model: Option<String>,
    /// SHA-256 of the recogniser's file; `None` if the file omits it.
    pub model_sha256: Option<String>,
    /// Number of values in each embedding.
    pub dimension: usize,
    /// Distinct images, in the order of the file.
    pub images: Vec<Embedded>,
}

/// An image, and the data on its first face.
pub struct Embedded {
    pub name: String,
    /// `None` if the image has no face; the error says why the image could not be read.
    pub embedding: Result<Option<Vec<f32>>, String>,
}

/// Why embeddings cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddingsError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{}: expected the columns e0, e1 and so on, one for each value of an embedding; there is no {missing}", path.display())]
    Values { path: PathBuf, missing: String },
}

impl Embeddings {
    /// Reads a CSV file with a column `path` (or `image`), optionally `model`, `model_sha256`, `face` and `error`, and a column for
    /// each value, `e0` and so on, as written by `serfiq embed --format csv`. Only the first face of each image counts.
    pub fn read(path: &Path) -> Result<Self, EmbeddingsError> {
        let mut table = Table::open(path)?;
        let image = table.column(&["path", "image"])?;
        let [model, sha256, face, error] = ["model", "model_sha256", "face", "error"].map(|name| table.optional_column(name));
        let values: Vec<usize> = (0..).map_while(|index| table.optional_column(&format!("e{index}"))).collect();
        if values.is_empty() || table.names().iter().filter(|name| is_value(name)).count() != values.len() {
            return Err(EmbeddingsError::Values { path: path.into(), missing: format!("e{}", values.len()) });
        }
        let mut read = Self { model: None, model_sha256: None, dimension: values.len(), images: vec![] };
        let mut lines = HashMap::new();
        while table.advance()? {
            if face.is_some_and(|face| !matches!(table.text(face), "" | "1")) {
                continue;
            }
            let name = table.text(image).to_owned();
            if let Some(line) = lines.insert(name.clone(), table.line()) {
                return Err(table.wrong_row(format!("the same image as in line {line}; expected every image once")).into());
            }
            if let Some(column) = model {
                let model = table.text(column);
                if read.model.get_or_insert_with(|| model.to_owned()) != model || model.is_empty() {
                    return Err(table.wrong(column, "the name of one recogniser, the same in all rows").into());
                }
            }
            if let Some(column) = sha256 {
                let sha256 = table.text(column);
                if read.model_sha256.get_or_insert_with(|| sha256.to_owned()) != sha256 {
                    return Err(table.wrong(column, "the SHA-256 of one recogniser's file, the same in all rows").into());
                }
            }
            let error = error.map(|column| table.text(column)).filter(|error| !error.is_empty());
            let embedding = match error {
                Some(error) => Err(error.to_owned()),
                None => Ok(embedding(&table, &values)?),
            };
            read.images.push(Embedded { name, embedding });
        }
        read.model_sha256 = read.model_sha256.filter(|sha256| !sha256.is_empty());
        Ok(read)
    }
}

/// Whether a column's name is that of a value: `e` followed by digits.
fn is_value(name: &str) -> bool {
    name.strip_prefix('e').is_some_and(|index| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the values of this row; `None` if there are none.
fn embedding(table: &Table, columns: &[usize]) -> Result<Option<Vec<f32>>, TableError> {
    if columns.iter().all(|column| table.text(*column).is_empty()) {
        return Ok(None);
    }
    let value = |column: &usize| {
        let value = table.number(*column)? as f32;
        if value.is_finite() { Ok(value) } else { Err(table.wrong(*column, "a number that 32 bits can hold")) }
    };
    let values: Vec<f32> = columns.iter().map(value).collect::<Result<_, _>>()?;
    if values.iter().all(|value| *value == 0.0) {
        return Err(table.wrong_row("all values of the embedding are 0; expected one with a direction".into()));
    }
    Ok(Some(values))
}

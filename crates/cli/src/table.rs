use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{ErrorKind, StringRecord};

/// What is wrong with a CSV file.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("{}: expected a column `{expected}`; its columns are {}", path.display(), found.join(", "))]
    Column { path: PathBuf, expected: String, found: Vec<String> },
    #[error("{}, line {line}: {problem}", path.display())]
    Row { path: PathBuf, line: u64, problem: String },
    #[error("{}, line {line}, column `{column}`: expected {expected}, found {found:?}", path.display())]
    Value { path: PathBuf, line: u64, column: String, expected: &'static str, found: String },
    #[error("{} has no rows below the names of its columns", path.display())]
    Empty { path: PathBuf },
}

/// A CSV file with a header line, read row by row.
pub struct Table {
    path: PathBuf,
    reader: csv::Reader<File>,
    headers: StringRecord,
    row: StringRecord,
    rows: u64,
}

impl Table {
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let failed = |source| TableError::Read { path: path.into(), source };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
        let headers = reader.headers().map_err(failed)?.clone();
        Ok(Self { path: path.into(), reader, headers, row: StringRecord::new(), rows: 0 })
    }

    /// Returns the first of these columns that exists.
    pub fn column(&self, names: &[&str]) -> Result<usize, TableError> {
        names.iter().find_map(|name| self.optional_column(name)).ok_or_else(|| TableError::Column {
            path: self.path.clone(),
            expected: names.join("` or `"),
            found: self.headers.iter().map(str::to_owned).collect(),
        })
    }

    pub fn optional_column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header == name)
    }

    /// Returns the names of the columns.
    pub fn names(&self) -> Vec<&str> {
        self.headers.iter().collect()
    }

    /// Advances to the next row; false after the last.
    pub fn advance(&mut self) -> Result<bool, TableError> {
        match self.reader.read_record(&mut self.row) {
            Ok(true) => {
                self.rows += 1;
                Ok(true)
            }
            Ok(false) if self.rows == 0 => Err(TableError::Empty { path: self.path.clone() }),
            Ok(false) => Ok(false),
            Err(error) => Err(match error.kind() {
                ErrorKind::UnequalLengths { pos, expected_len, len } => {
                    let line = pos.as_ref().map_or(0, |position| position.line());
                    let problem = format!("expected {expected_len} columns, found {len}");
                    TableError::Row { path: self.path.clone(), line, problem }
                }
                _ => TableError::Read { path: self.path.clone(), source: error },
            }),
        }
    }

    /// Returns the text in a column of this row.
    pub fn text(&self, column: usize) -> &str {
        &self.row[column]
    }

    /// As `text`, but an empty cell is an error.
    pub fn filled(&self, column: usize, expected: &'static str) -> Result<&str, TableError> {
        Some(self.text(column)).filter(|text| !text.is_empty()).ok_or_else(|| self.wrong(column, expected))
    }

    pub fn number(&self, column: usize) -> Result<f64, TableError> {
        let number = self.text(column).parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.wrong(column, "a finite number"))
    }

    pub fn yes_or_no(&self, column: usize) -> Result<bool, TableError> {
        match self.text(column) {
            "1" | "true" => Ok(true),
            "0" | "false" => Ok(false),
            _ => Err(self.wrong(column, "1 or 0")),
        }
    }

    /// Returns an error that says what was expected in a column of this row.
    pub fn wrong(&self, column: usize, expected: &'static str) -> TableError {
        let (column, found) = (self.headers[column].to_owned(), self.text(column).to_owned());
        TableError::Value { path: self.path.clone(), line: self.line(), column, expected, found }
    }

    /// Returns an error that says what is wrong with this row.
    pub fn wrong_row(&self, problem: String) -> TableError {
        TableError::Row { path: self.path.clone(), line: self.line(), problem }
    }

    pub fn line(&self) -> u64 {
        self.row.position().map_or(0, |position| position.line())
    }
}

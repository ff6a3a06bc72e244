use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::OutputArgs;

/// Where the results go.
pub struct Output {
    pub writer: Box<dyn Write>,
    /// Results that an earlier run left there.
    pub earlier: Resumed,
    /// Whether the output is empty, without even column names.
    pub is_empty: bool,
}

/// A format of results that can be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// One JSON object per picture.
    Jsonl,
    /// One row per face.
    Csv,
}

/// Why the results of this run cannot be written to the output.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("{} is there already; continue it with --resume, or delete it to start again", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be opened: {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: expected a record of this command, but {problem}; nothing was changed", path.display())]
    Malformed { path: PathBuf, line: u64, problem: String },
    #[error(
        "{}, line {line}: its {key} is {found}, but that of this run is {expected}; go on with the same options as before, or \
         write to another file",
        path.display()
    )]
    OtherRun { path: PathBuf, line: u64, key: String, found: Value, expected: Value },
}

/// Results of an earlier run.
#[derive(Debug, Default)]
pub struct Resumed {
    /// Number of results for each picture: a picture named twice gets two.
    done: HashMap<String, u64>,
    /// Pictures that could not be read, and why.
    pub unreadable: Vec<String>,
    /// Length of the complete records, in bytes.
    end: u64,
}

impl Resumed {
    /// Returns the number of pictures that have results already.
    pub fn pictures(&self) -> u64 {
        self.done.values().sum()
    }

    /// Whether a picture has a result already. Removes one of its results.
    pub fn take(&mut self, picture: &str) -> bool {
        let Some(times) = self.done.get_mut(picture).filter(|times| **times > 0) else {
            return false;
        };
        *times -= 1;
        true
    }

    fn add(&mut self, Picture { path, error }: Picture, end: u64) {
        self.unreadable.extend(error.map(|error| format!("{path}: {error}")));
        *self.done.entry(path).or_default() += 1;
        self.end = end;
    }
}

/// A picture of an earlier run, and why it could not be read, if so.
struct Picture {
    path: String,
    error: Option<String>,
}

/// Opens the output that `args` specify. An earlier run can be resumed if its records were made as `run` describes.
pub fn open(args: &OutputArgs, records: Option<Records>, run: &impl Serialize) -> Result<Output, OutputError> {
    let Some(path) = &args.output else {
        return Ok(Output { writer: Box::new(io::stdout()), earlier: Resumed::default(), is_empty: true });
    };
    let failed = |source| OutputError::Open { path: path.clone(), source };
    let mut options = OpenOptions::new();
    let Some(records) = records.filter(|_| args.resume) else {
        return match options.write(true).create_new(true).open(path) {
            Ok(file) => Ok(Output { writer: Box::new(file), earlier: Resumed::default(), is_empty: true }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(OutputError::Exists { path: path.clone() }),
            Err(error) => Err(failed(error)),
        };
    };
    let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
    let run = match serde_json::to_value(run) {
        Ok(Value::Object(run)) => run,
        // Every run serialises to an object.
        _ => Map::new(),
    };
    let earlier = match records {
        Records::Jsonl => earlier_jsonl(path, &file, &run),
        Records::Csv => earlier_csv(path, &file, &run),
    }?;
    // Cuts off the partial record of a killed run.
    file.set_len(earlier.end).map_err(failed)?;
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    let is_empty = earlier.end == 0;
    Ok(Output { writer: Box::new(file), earlier, is_empty })
}

fn earlier_jsonl(path: &Path, file: &File, run: &Map<String, Value>) -> Result<Resumed, OutputError> {
    let mut reader = BufReader::new(file);
    let (mut earlier, mut text) = (Resumed::default(), Vec::new());
    for line in 1.. {
        text.clear();
        let bytes = reader.read_until(b'\n', &mut text).map_err(|source| OutputError::Read { path: path.into(), source })?;
        if !text.ends_with(b"\n") {
            break;
        }
        let malformed = |problem: String| OutputError::Malformed { path: path.into(), line, problem };
        let record: Map<String, Value> = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
        let Some(Value::String(picture)) = record.get("path") else {
            return Err(malformed("it has no path".into()));
        };
        same_run(path, line, run, |key| record.get(key).cloned())?;
        let error = record.get("error").and_then(Value::as_str).map(str::to_owned);
        let end = earlier.end + bytes as u64;
        earlier.add(Picture { path: picture.clone(), error }, end);
    }
    Ok(earlier)
}

/// Reads an earlier CSV file. The last picture's rows are dropped: some may be missing.
fn earlier_csv(path: &Path, file: &File, run: &Map<String, Value>) -> Result<Resumed, OutputError> {
    let unreadable = |source| OutputError::Read { path: path.into(), source };
    let mut first = Vec::new();
    BufReader::new(file).read_until(b'\n', &mut first).map_err(unreadable)?;
    if !first.ends_with(b"\n") {
        return Ok(Resumed::default());
    }
    (&*file).rewind().map_err(unreadable)?;
    let unreadable = |error: csv::Error| unreadable(error.into());
    // Row lengths are checked below: the last row may be incomplete.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(BufReader::new(file));
    let headers = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let Some(path_column) = column("path") else {
        return Err(OutputError::Malformed { path: path.into(), line: 1, problem: "it names no column `path`".into() });
    };
    let (mut earlier, mut last, mut short) = (Resumed::default(), None::<Picture>, None);
    earlier.end = reader.position().byte();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(unreadable)? {
        if let Some((line, columns)) = short {
            let problem = format!("it has {columns} columns, not {}", headers.len());
            return Err(OutputError::Malformed { path: path.into(), line, problem });
        }
        let (line, start) = row.position().map_or((0, 0), |position| (position.line(), position.byte()));
        if row.len() != headers.len() {
            short = Some((line, row.len()));
            continue;
        }
        same_run(path, line, run, |key| column(key).map(|column| Value::from(&row[column])))?;
        let is_first_row = column("face").is_none_or(|face| matches!(&row[face], "" | "1"));
        if is_first_row {
            let error = column("error").map(|error| row[error].to_owned()).filter(|error| !error.is_empty());
            if let Some(whole) = last.replace(Picture { path: row[path_column].to_owned(), error }) {
                earlier.add(whole, start);
            }
        }
    }
    Ok(earlier)
}

/// Checks that a record was made like those of this run.
fn same_run(
    path: &Path,
    line: u64,
    run: &Map<String, Value>,
    found: impl Fn(&str) -> Option<Value>,
) -> Result<(), OutputError> {
    for (key, expected) in run {
        let found = found(key).unwrap_or_default();
        if as_text(&found) != as_text(expected) {
            let (key, expected) = (key.clone(), expected.clone());
            return Err(OutputError::OtherRun { path: path.into(), line, key, found, expected });
        }
    }
    Ok(())
}

/// Formats a value as in a CSV column.
fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // JSON writes 50.0 where a column has 50.
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or(f64::NAN).to_string(),
        value => value.to_string(),
    }
}

//! The results that an earlier run left in a file.
//!
//! That run may have been killed at any byte, so the last record may be torn anywhere: within a letter, a quoted text or a line
//! end. The torn record is dropped, and its picture is processed again. Since then, a program may have changed the file's line
//! ends or added a byte order mark; both are kept.
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use crate::output::Records;
use crate::places::Places;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How each JSON line of this program begins.
const RECORD_BEGINS: &[u8] = b"{\"path\":";

/// Maximum length of a torn record. A longer one has a stray quotation mark, and whole records after it.
const MAX_TORN: usize = 1 << 20;

/// The file's line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    Lf,
    CrLf,
}

impl LineEnd {
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }

    /// Returns the end of a whole line.
    fn of(line: &[u8]) -> Self {
        if line.ends_with(b"\r\n") { Self::CrLf } else { Self::Lf }
    }
}

/// Results of an earlier run.
#[derive(Debug, Default)]
pub struct Resumed {
    /// Number of results for each picture, however its path is spelled: a picture named twice gets two.
    done: HashMap<PathBuf, u64>,
    places: Places,
    /// Pictures that could not be read.
    pub unreadable: Unreadable,
    /// Length of the complete records, in bytes.
    pub end: u64,
    /// Line end of the first line, which may hold the column names; `None` if no line is complete.
    pub line_end: Option<LineEnd>,
}

/// The unreadable pictures of an earlier run. There may be a million, so only the first are kept.
#[derive(Debug, Default)]
pub struct Unreadable {
    /// Number of all.
    pub count: u64,
    /// The first, and why.
    first: Vec<String>,
}

impl Unreadable {
    /// Maximum number of reasons kept.
    const TOLD: usize = 20;

    fn add(&mut self, problem: String) {
        self.count += 1;
        if self.first.len() < Self::TOLD {
            self.first.push(problem);
        }
    }

    /// Returns a line for each picture kept, and one with the number of the others.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        let others = self.count - self.first.len() as u64;
        let rest = (others > 0).then(|| format!("{others} more could not be read before; their records say why"));
        self.first.iter().cloned().chain(rest)
    }
}

/// Why a file cannot be resumed.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("line {line}: expected a record of this command, but {problem}; nothing was changed")]
    Malformed { line: u64, problem: String },
    #[error(
        "line {line}: its {key} is {found}, but that of this run is {expected}; continue with the same options as before, or \
         write to another file"
    )]
    OtherRun { line: u64, key: String, found: Value, expected: Value },
}

impl Resumed {
    /// Reads the results in a file. They must have been made as `run` describes.
    pub fn read(file: &File, records: &Records, run: &Map<String, Value>) -> Result<Self, ResumeError> {
        match records {
            Records::Jsonl => Self::jsonl(Lines::new(file, false), run),
            Records::Csv { columns } => Self::csv(Lines::new(file, true), columns, run),
        }
    }

    /// Returns the number of pictures that already have results.
    pub fn pictures(&self) -> u64 {
        self.done.values().sum()
    }

    /// Whether a picture already has a result. Removes one of its results.
    pub fn take(&mut self, picture: &str) -> bool {
        let place = self.places.of(Path::new(picture));
        let Some(times) = self.done.get_mut(&place).filter(|times| **times > 0) else {
            return false;
        };
        *times -= 1;
        true
    }

    fn add(&mut self, Picture { path, error }: Picture, end: u64) {
        if let Some(error) = error {
            self.unreadable.add(format!("{path}: {error}"));
        }
        *self.done.entry(self.places.of(Path::new(&path))).or_default() += 1;
        self.end = end;
    }

    /// Records that everything up to the end of this line is kept.
    fn keep(&mut self, line: &Line) {
        self.line_end.get_or_insert(LineEnd::of(&line.text));
        self.end = line.end;
    }

    fn jsonl(mut lines: Lines, run: &Map<String, Value>) -> Result<Self, ResumeError> {
        let mut earlier = Self { end: lines.mark()?, ..Self::default() };
        while let Some(line) = lines.next()? {
            if line.is_whole && line.text.trim_ascii().is_empty() {
                continue;
            }
            let record = match serde_json::from_slice::<Map<String, Value>>(&line.text) {
                Ok(record) if line.is_whole => record,
                // An editor may have ended the torn line.
                Err(problem) if line.is_whole && !(lines.is_at_end()? && is_torn(&line.text, RECORD_BEGINS)) => {
                    return Err(line.malformed(problem.to_string()));
                }
                _ if is_torn(&line.text, RECORD_BEGINS) => break,
                _ => return Err(line.malformed("it does not begin like one".into())),
            };
            let Some(Value::String(picture)) = record.get("path") else {
                return Err(line.malformed("it has no path".into()));
            };
            same_run(line.number, run, |key| record.get(key).cloned())?;
            let error = record.get("error").and_then(Value::as_str).map(str::to_owned);
            earlier.keep(&line);
            earlier.add(Picture { path: picture.clone(), error }, line.end);
        }
        Ok(earlier)
    }

    /// The last picture's rows are left out: some may be missing.
    fn csv(mut lines: Lines, columns: &[String], run: &Map<String, Value>) -> Result<Self, ResumeError> {
        let mut earlier = Self { end: lines.mark()?, ..Self::default() };
        let Some(header) = lines.next()? else { return Ok(earlier) };
        let expected = columns.join(",");
        if !header.is_whole && is_torn_from(&header.text, expected.as_bytes()) {
            return Ok(earlier);
        }
        match header.row()? {
            Some(found) if header.is_whole && found == *columns => {}
            _ => {
                let found = String::from_utf8_lossy(&header.text).trim_end().to_owned();
                return Err(header.malformed(format!("its columns are {found}, expected {expected}")));
            }
        }
        earlier.keep(&header);
        let column = |name: &str| columns.iter().position(|column| column == name);
        let (path, face, error) = (column("path"), column("face"), column("error"));
        let mut last = None::<Picture>;
        while let Some(line) = lines.next()? {
            let row = match line.row() {
                Ok(Some(row)) if line.is_whole && row.len() == columns.len() => row,
                Ok(None) if line.is_whole => continue,
                // An editor may have ended the torn row.
                _ if lines.is_at_end()? => break,
                Ok(row) => {
                    let found = row.map_or(0, |row| row.len());
                    return Err(line.malformed(format!("it has {found} columns, not {}", columns.len())));
                }
                Err(error) => return Err(error),
            };
            same_run(line.number, run, |key| column(key).map(|column| Value::from(&row[column])))?;
            let is_first_row = face.is_none_or(|face| matches!(&row[face], "" | "1"));
            if is_first_row {
                let error = error.map(|error| row[error].to_owned()).filter(|error| !error.is_empty());
                let path = path.map(|path| row[path].to_owned()).unwrap_or_default();
                if let Some(whole) = last.replace(Picture { path, error }) {
                    earlier.add(whole, line.start);
                }
            }
        }
        Ok(earlier)
    }
}

/// A picture of an earlier run; if it could not be read, also why.
struct Picture {
    path: String,
    error: Option<String>,
}

/// The bytes of one record, with its line end. In CSV, quoted text may contain line ends too.
struct Line {
    text: Vec<u8>,
    /// Its first line in the file, from 1.
    number: u64,
    /// Its offset in the file, in bytes.
    start: u64,
    end: u64,
    /// Whether the line end is there.
    is_whole: bool,
}

impl Line {
    fn malformed(&self, problem: String) -> ResumeError {
        ResumeError::Malformed { line: self.number, problem }
    }

    /// Returns the cells of a CSV row; `None` if the line is empty.
    fn row(&self) -> Result<Option<StringRecord>, ResumeError> {
        let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(self.text.as_slice()).into_records();
        let row = rows.next().transpose().map_err(|_| self.malformed("it is not UTF-8".into()))?;
        match rows.next() {
            None => Ok(row),
            Some(_) => Err(self.malformed("its line ends are neither LF nor CRLF".into())),
        }
    }
}

/// Reads a file record by record, as bytes, because a torn record may not be valid text.
struct Lines<'a> {
    reader: BufReader<&'a File>,
    /// Whether a line end within quotation marks belongs to the record.
    has_quotes: bool,
    place: u64,
    number: u64,
}

impl<'a> Lines<'a> {
    fn new(file: &'a File, has_quotes: bool) -> Self {
        Self { reader: BufReader::new(file), has_quotes, place: 0, number: 1 }
    }

    /// Skips a byte order mark, and returns the length to keep in any case. A torn mark is skipped but not kept.
    fn mark(&mut self) -> io::Result<u64> {
        let read = self.reader.fill_buf()?;
        let (skipped, stays) = match read.starts_with(BYTE_ORDER_MARK) {
            true => (BYTE_ORDER_MARK.len(), BYTE_ORDER_MARK.len()),
            false if BYTE_ORDER_MARK.starts_with(read) => (read.len(), 0),
            false => (0, 0),
        };
        self.reader.consume(skipped);
        self.place = skipped as u64;
        Ok(stays as u64)
    }

    fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.reader.fill_buf()?.is_empty())
    }

    fn next(&mut self) -> Result<Option<Line>, ResumeError> {
        let (start, number) = (self.place, self.number);
        let (mut text, mut is_quoted) = (Vec::new(), false);
        let is_whole = loop {
            let before = text.len();
            self.reader.read_until(b'\n', &mut text)?;
            let read = &text[before..];
            let ended = read.ends_with(b"\n");
            self.place += read.len() as u64;
            self.number += u64::from(ended);
            is_quoted ^= self.has_quotes && read.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            if !ended || !is_quoted {
                break ended;
            }
            if text.len() > MAX_TORN {
                let problem = "a quotation mark that opens there is never closed".into();
                return Err(ResumeError::Malformed { line: number, problem });
            }
        };
        Ok((!text.is_empty()).then_some(Line { text, number, start, end: self.place, is_whole }))
    }
}

/// Whether these bytes may be the start of a record that begins with this text.
fn is_torn(bytes: &[u8], begins: &[u8]) -> bool {
    let written = without_zeros(bytes);
    let torn = written.trim_ascii_end();
    // A carriage return within it would be an old Mac's line end, with records after it.
    (written.starts_with(begins) || begins.starts_with(torn)) && !torn.contains(&b'\r')
}

/// Whether the bytes are a prefix of the text.
fn is_torn_from(bytes: &[u8], whole: &[u8]) -> bool {
    let written = without_zeros(bytes);
    whole.starts_with(written.strip_suffix(b"\r").unwrap_or(written))
}

/// Removes the zeros that a file system leaves where it had no time to write.
fn without_zeros(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// Checks that a record was made in the same way as this run's.
fn same_run(line: u64, run: &Map<String, Value>, found: impl Fn(&str) -> Option<Value>) -> Result<(), ResumeError> {
    for (key, expected) in run {
        let found = found(key).unwrap_or_default();
        if as_text(&found) != as_text(expected) {
            let (key, expected) = (key.clone(), expected.clone());
            return Err(ResumeError::OtherRun { line, key, found, expected });
        }
    }
    Ok(())
}

/// Formats a value as in a CSV column.
fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // JSON has 50.0 where a column has 50.
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or(f64::NAN).to_string(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests;

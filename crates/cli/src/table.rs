use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

/// Possible delimiters. Spreadsheets write semicolons where a comma is the decimal point, and tabs as "Unicode text".
const DELIMITERS: [u8; 3] = *b",;\t";

/// Bytes at the start of a file that show its encoding and delimiter: more than the longest header.
const START: u64 = 1 << 17;

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
    #[error("{} is {found}; expected a CSV file in UTF-8: save it as one (\"CSV UTF-8\" in a spreadsheet)", path.display())]
    Format { path: PathBuf, found: &'static str },
    #[error("{} has no rows below the names of its columns", path.display())]
    Empty { path: PathBuf },
}

/// A CSV file with a header line, read row by row. Other programs' tables are accepted too: in UTF-16 or with a byte order
/// mark, and with semicolons or tabs between the cells, in which case decimal commas are allowed.
pub struct Table {
    path: PathBuf,
    reader: csv::Reader<Box<dyn Read>>,
    delimiter: u8,
    headers: StringRecord,
    row: StringRecord,
    rows: u64,
}

impl Table {
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let (start, rest) = text(path)?;
        let delimiter = delimiter(&start);
        let reader: Box<dyn Read> = Box::new(Cursor::new(start).chain(rest));
        let mut reader = ReaderBuilder::new().trim(Trim::All).delimiter(delimiter).flexible(true).from_reader(reader);
        let headers = reader.headers().map_err(|error| unreadable(path, error))?.clone();
        Ok(Self { path: path.into(), reader, delimiter, headers, row: StringRecord::new(), rows: 0 })
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
                let (expected, found) = (self.headers.len(), self.row.len());
                // OFIQ ends the line of names with a delimiter, but no other line.
                let is_ended = |cells: &StringRecord, many: usize, few: usize| many == few + 1 && cells[few].is_empty();
                if found == expected || is_ended(&self.headers, expected, found) {
                    return Ok(true);
                }
                Err(self.wrong_row(format!("expected {expected} columns, found {found}")))
            }
            Ok(false) if self.rows == 0 => Err(TableError::Empty { path: self.path.clone() }),
            Ok(false) => Ok(false),
            Err(error) => Err(unreadable(&self.path, error)),
        }
    }

    /// Returns the text in a column of this row.
    pub fn text(&self, column: usize) -> &str {
        &self.row[column]
    }

    /// Like `text`, but an empty cell is an error.
    pub fn filled(&self, column: usize, expected: &'static str) -> Result<&str, TableError> {
        Some(self.text(column)).filter(|text| !text.is_empty()).ok_or_else(|| self.wrong(column, expected))
    }

    pub fn number(&self, column: usize) -> Result<f64, TableError> {
        let text = self.text(column);
        let has_decimal_comma = self.delimiter != b',' && !text.contains('.');
        let number = if has_decimal_comma { text.replacen(',', ".", 1).parse() } else { text.parse() };
        number.ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| self.wrong(column, "a finite number"))
    }

    /// Like `number`; `None` for a cell that says that there is none, as spreadsheets, pandas, NumPy and R write it.
    pub fn number_or_nothing(&self, column: usize) -> Result<Option<f64>, TableError> {
        match self.text(column).to_ascii_lowercase().as_str() {
            "" | "nan" | "na" | "n/a" | "#n/a" | "<na>" | "null" | "none" => Ok(None),
            _ => self.number(column).map(Some),
        }
    }

    pub fn yes_or_no(&self, column: usize) -> Result<bool, TableError> {
        match self.text(column).to_ascii_lowercase().as_str() {
            "1" | "1.0" | "true" | "t" | "yes" | "y" => Ok(true),
            "0" | "0.0" | "false" | "f" | "no" | "n" => Ok(false),
            _ => Err(self.wrong(column, "1 or 0, true or false, or yes or no")),
        }
    }

    /// Returns an error that says what was expected in one of this row's columns.
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

/// The start of a file in UTF-8, and the unread rest.
type Text = (Vec<u8>, Box<dyn Read>);

/// Opens a file as UTF-8 text. Invalid bytes further on are found when they are read.
fn text(path: &Path) -> Result<Text, TableError> {
    let failed = |source: io::Error| TableError::Read { path: path.into(), source: source.into() };
    let is = |found| Err(TableError::Format { path: path.into(), found });
    let mut file = File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.by_ref().take(START).read_to_end(&mut start).map_err(failed)?;
    if start.starts_with(b"PK\x03\x04") {
        return is("a workbook or another archive");
    }
    let Some(unit) = utf16(&start) else { return Ok((start, Box::new(file))) };
    file.read_to_end(&mut start).map_err(failed)?;
    let (units, []) = start.as_chunks() else { return is("damaged UTF-16") };
    match String::from_utf16(&units.iter().copied().map(unit).collect::<Vec<u16>>()) {
        Ok(text) => Ok((text.into_bytes(), Box::new(io::empty()))),
        Err(_) => is("damaged UTF-16"),
    }
}

/// Returns how the bytes of a UTF-16 text form a unit; `None` for any other file. A table's first letters are ASCII.
fn utf16(start: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match start {
        [0xff, 0xfe, ..] | [1..=127, 0, 1..=127, 0, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, 1..=127, 0, 1..=127, ..] => Some(u16::from_be_bytes),
        _ => None,
    }
}

/// Returns the most frequent delimiter in the first line, outside quotation marks.
fn delimiter(start: &[u8]) -> u8 {
    let mut counts = [0; DELIMITERS.len()];
    let mut is_quoted = false;
    for byte in start {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\r' | b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            byte => DELIMITERS.iter().zip(&mut counts).for_each(|(known, count)| *count += u32::from(byte == known)),
        }
    }
    // On a tie, the first one wins: the comma.
    let (delimiter, _) = DELIMITERS.into_iter().zip(counts).rev().max_by_key(|(_, count)| *count).unwrap_or((b',', 0));
    delimiter
}

fn unreadable(path: &Path, error: csv::Error) -> TableError {
    let path = path.to_owned();
    let line = error.position().map_or(0, |position| position.line());
    let problem = match error.kind() {
        ErrorKind::Utf8 { .. } => {
            "its letters are not in UTF-8; save the file as one in UTF-8 (\"CSV UTF-8\" in a spreadsheet)".into()
        }
        _ => return TableError::Read { path, source: error },
    };
    TableError::Row { path, line, problem }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn open(contents: &[u8]) -> Result<Table, TableError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        fs::write(&path, contents).unwrap();
        Table::open(&path)
    }

    /// Reads a table with the columns `name`, `same` and `number`.
    fn rows(contents: &[u8]) -> Result<Vec<(String, bool, f64)>, TableError> {
        let mut table = open(contents)?;
        let [name, same, number] = ["name", "same", "number"].map(|name| table.column(&[name]));
        let (name, same, number) = (name?, same?, number?);
        let mut rows = Vec::new();
        while table.advance()? {
            rows.push((table.text(name).to_owned(), table.yes_or_no(same)?, table.number(number)?));
        }
        Ok(rows)
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn tables_of_other_programs_are_read() {
        let expected = vec![("ä, b;.jpg".to_owned(), true, 0.5), ("c.jpg".to_owned(), false, -1.25)];
        let commas = "name,same,number\n\"ä, b;.jpg\",True,0.5\nc.jpg,False,-1.25\n";
        let semicolons = "name;same;number\r\n\"ä, b;.jpg\";yes;0,5\r\nc.jpg;NO;-1,25\r\n";
        let tabs = "name\tsame\tnumber\r\n\"ä, b;.jpg\"\tTRUE\t0.5\r\nc.jpg\tFALSE\t-1,25";
        for text in [commas, semicolons, tabs] {
            let marked = format!("\u{feff}{text}");
            let contents = [
                text.as_bytes().to_vec(),
                marked.as_bytes().to_vec(),
                utf16(text, u16::to_le_bytes),
                utf16(text, u16::to_be_bytes),
                utf16(&marked, u16::to_le_bytes),
                utf16(&marked, u16::to_be_bytes),
            ];
            for (index, contents) in contents.iter().enumerate() {
                assert_eq!(rows(contents).unwrap(), expected, "{index}: {text}");
            }
        }
    }

    #[test]
    fn a_number_may_be_missing_in_the_words_of_other_programs() {
        for word in ["", "NaN", "nan", "NA", "N/A", "#N/A", "<NA>", "NULL", "None"] {
            let mut table = open(format!("name,number\na,{word}\n").as_bytes()).unwrap();
            assert!(table.advance().unwrap());
            assert_eq!(table.number_or_nothing(1).unwrap(), None, "{word}");
        }
        let mut table = open(b"number\n-0.5\n-inf\n").unwrap();
        assert!(table.advance().unwrap());
        assert_eq!(table.number_or_nothing(0).unwrap(), Some(-0.5));
        assert!(table.advance().unwrap());
        assert!(table.number_or_nothing(0).unwrap_err().to_string().contains("expected a finite number, found \"-inf\""));
    }

    #[test]
    fn yes_and_no_are_taken_in_the_words_of_other_programs() {
        for (words, expected) in [("1 true TRUE True yes Yes y 1.0", true), ("0 false FALSE False no No n 0.0", false)] {
            for word in words.split(' ') {
                let rows = rows(format!("name,same,number\na,{word},0\n").as_bytes());
                assert_eq!(rows.unwrap(), [("a".to_owned(), expected, 0.0)], "{word}");
            }
        }
        let error = rows(b"name,same,number\na,maybe,0\n").unwrap_err().to_string();
        assert!(
            error.contains("line 2, column `same`: expected 1 or 0, true or false, or yes or no, found \"maybe\""),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_table_in_utf8_is_said() {
        let latin1 = b"name,same,number\na.jpg,1,0\nM\xfcller.jpg,1,0\n";
        let mut torn = utf16("\u{feff}name,same,number\na,1,0\n", u16::to_le_bytes);
        torn.pop();
        for (contents, words) in [
            (&latin1[..], "table.csv, line 3: its letters are not in UTF-8; save the file as one in UTF-8"),
            (b"n\xe4me,same,number\na,1,0\n", "line 1: its letters are not in UTF-8"),
            (b"PK\x03\x04\x14\0\x06\0", "is a workbook or another archive; expected a CSV file in UTF-8"),
            (&torn, "is damaged UTF-16"),
            (b"name,same,number\na,1,0;5\n", "expected a finite number, found \"0;5\""),
            (b"name;same;number\na;1;1.234,5\n", "expected a finite number, found \"1.234,5\""),
            (b"name;same;number\na;1;1,234,5\n", "expected a finite number, found \"1,234,5\""),
            (b"name,same,number\na,1,\"0,5\"\n", "expected a finite number, found \"0,5\""),
        ] {
            let error = rows(contents).unwrap_err().to_string();
            assert!(error.contains(words), "{words:?} expected: {error}");
        }
    }
}

use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::OutputArgs;
use crate::resume::{LineEnd, ResumeError, Resumed};

/// Where the results go.
pub struct Output {
    pub writer: Box<dyn Write>,
    /// Results that an earlier run left in the output.
    pub earlier: Resumed,
    /// Whether the output is empty, without even column names.
    pub is_empty: bool,
    pub line_end: LineEnd,
}

/// A format of results that can be read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// One JSON object per picture.
    Jsonl,
    /// One row per face.
    Csv { columns: Vec<String> },
}

/// Why this run's results cannot be written to the output.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("{} is there already; continue it with --resume, or delete it to start again", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be opened: {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{}, {source}", path.display())]
    Resume { path: PathBuf, source: ResumeError },
}

impl Output {
    fn new(writer: impl Write + 'static) -> Self {
        Self { writer: Box::new(writer), earlier: Resumed::default(), is_empty: true, line_end: LineEnd::Lf }
    }
}

/// Opens the output that `args` specify. An earlier run can be resumed if its records were made as `run` describes.
pub fn open(args: &OutputArgs, records: Option<&Records>, run: &impl Serialize) -> Result<Output, OutputError> {
    let Some(path) = &args.output else {
        return Ok(Output::new(io::stdout()));
    };
    let failed = |source| OutputError::Open { path: path.clone(), source };
    let mut options = OpenOptions::new();
    let Some(records) = records.filter(|_| args.resume) else {
        return match options.write(true).create_new(true).open(path) {
            Ok(file) => Ok(Output::new(file)),
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
    let earlier = Resumed::read(&file, records, &run).map_err(|source| OutputError::Resume { path: path.clone(), source })?;
    // Cuts off the torn record left by a killed run.
    file.set_len(earlier.end).map_err(failed)?;
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    let (is_empty, line_end) = (earlier.line_end.is_none(), earlier.line_end.unwrap_or(LineEnd::Lf));
    Ok(Output { writer: Box::new(file), earlier, is_empty, line_end })
}

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::OutputArgs;
use crate::atomic_write::{self, device, is_device};
use crate::resume::{LineEnd, ResumeError, Resumed};

/// Where the results go.
pub struct Output {
    pub writer: Box<dyn Write>,
    /// The file that is made when something is written; `None` for standard output and for records.
    late: Option<PathBuf>,
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
    #[error("{} is there already; {remedy}", path.display())]
    Exists { path: PathBuf, remedy: &'static str },
    #[error("{} is a folder; name a file in it", path.display())]
    Folder { path: PathBuf },
    #[error("{} cannot be opened: {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{}, {source}", path.display())]
    Resume { path: PathBuf, source: ResumeError },
}

impl Output {
    fn new(writer: impl Write + 'static) -> Self {
        Self { writer: Box::new(writer), late: None, earlier: Resumed::default(), is_empty: true, line_end: LineEnd::Lf }
    }

    /// Writes all results at once: a file whole or not at all, so that a run that ends early leaves no part of it.
    pub fn write_whole(&mut self, contents: &[u8]) -> io::Result<()> {
        match &self.late {
            Some(path) => atomic_write::write(path, contents).map_err(|error| error.source),
            None => self.writer.write_all(contents).and_then(|()| self.writer.flush()),
        }
    }
}

/// A file that does not exist until something is written into it.
struct LateFile {
    path: PathBuf,
    file: Option<File>,
}

impl LateFile {
    fn file(&mut self) -> io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            file => Ok(file.insert(if is_device(&self.path) { device(&self.path) } else { File::create_new(&self.path) }?)),
        }
    }
}

impl Write for LateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

/// Checks that results can be written there at the end, before anything is computed for them.
pub fn check_new(path: &Path) -> Result<(), OutputError> {
    if is_device(path) {
        return Ok(());
    }
    create_new(path, "delete it, or name another file")?;
    fs::remove_file(path).map_err(|source| OutputError::Open { path: path.into(), source })
}

/// Makes a file that does not exist yet, or opens a device or a pipe that does.
fn create_new(path: &Path, remedy: &'static str) -> Result<File, OutputError> {
    let path_of = || path.to_owned();
    let created = if is_device(path) { device(path) } else { File::create_new(path) };
    created.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists if path.is_dir() => OutputError::Folder { path: path_of() },
        io::ErrorKind::AlreadyExists => OutputError::Exists { path: path_of(), remedy },
        _ => OutputError::Open { path: path_of(), source },
    })
}

/// Opens the output that `args` specify. An earlier run can be resumed if its records were made as `run` describes.
pub fn open(args: &OutputArgs, records: Option<&Records>, run: &impl Serialize) -> Result<Output, OutputError> {
    let Some(path) = &args.output else {
        return Ok(Output::new(io::stdout()));
    };
    let Some(records) = records else {
        check_new(path)?;
        let late = LateFile { path: path.clone(), file: None };
        return Ok(Output { late: Some(path.clone()), ..Output::new(late) });
    };
    if !args.resume {
        return Ok(Output::new(create_new(path, "continue it with --resume, or delete it to start again")?));
    }
    let failed = |source| OutputError::Open { path: path.clone(), source };
    let mut options = OpenOptions::new();
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
    Ok(Output { writer: Box::new(file), late: None, earlier, is_empty, line_end })
}

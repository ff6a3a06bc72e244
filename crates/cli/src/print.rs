//! The only place that prints.
//!
//! Results belong on standard output. If the reader has closed it (`serfiq model list | head -1`), the rest is dropped
//! silently; any other failure is an error. Problems belong on standard error. If that cannot be written either, they are
//! dropped, and the command continues as if they had been printed.
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// The status of a command that failed.
pub const FAILED: u8 = 2;

/// Why a result was not printed.
#[derive(Debug, thiserror::Error)]
#[error("standard output cannot be written: {0}")]
pub struct PrintError(#[from] io::Error);

/// Prints a result.
pub fn result(result: impl Display) -> Result<(), PrintError> {
    let mut stdout = io::stdout().lock();
    Ok(unless_closed(write!(stdout, "{result}").and_then(|()| stdout.flush()))?)
}

/// Prints a problem on a line of its own.
pub fn problem(problem: impl Display) {
    let _ = io::stderr().write_all(format!("serfiq: {problem}\n").as_bytes());
}

/// Prints clap's answer to the arguments: the requested help or version, or the usage error.
pub fn answer(answer: &clap::Error) -> ExitCode {
    let printed = answer.print().and_then(|()| io::stdout().flush());
    if answer.use_stderr() {
        return ExitCode::from(FAILED);
    }
    match unless_closed(printed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            problem(PrintError(error));
            ExitCode::from(FAILED)
        }
    }
}

/// Whether the reader has closed the output.
pub fn is_closed(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if is_closed(&error) { Ok(()) } else { Err(error) })
}

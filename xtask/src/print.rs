//! The only place that prints: results on standard output, messages on standard error.
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Prints a result on a line of its own. If the reader has closed the output (`cargo xtask bench | head`), it is dropped.
pub fn result(result: impl Display) -> Result<()> {
    write(io::stdout().lock(), result).context("standard output cannot be written")
}

/// Prints a message on a line of its own. If it cannot be written, it is dropped: the work goes on.
pub fn message(message: impl Display) {
    let _ = write(io::stderr().lock(), message);
}

fn write(mut to: impl Write, line: impl Display) -> io::Result<()> {
    match writeln!(to, "{line}").and_then(|()| to.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_leaves_is_no_failure() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        write(writer, "a page").unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_one() {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(write(full, "a page").unwrap_err().kind(), ErrorKind::StorageFull);
    }
}

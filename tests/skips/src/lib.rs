//! Tests that this machine cannot run. They pass, but report what they did not test; `cargo xtask test` lists the reports at
//! its end. This is a separate crate without dependencies, so that tests which need nothing else can use it, too.

use std::{
    env,
    fmt::Display,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Names the file that lists the skipped tests. Set by `cargo xtask test`; without it, skipped tests are only printed.
pub const FILE: &str = "SERFIQ_SKIPPED";

/// Set by `cargo xtask test` if it found an adapter, even a software one. A missing GPU is then a failure.
pub const ADAPTER_REQUIRED: &str = "SERFIQ_ADAPTER_REQUIRED";

/// Reports that something was not tested, and why.
pub fn skip(what: &str, why: impl Display) {
    eprintln!("skipped: {what}: {why}");
    if let Some(file) = env::var_os(FILE) {
        let file = Path::new(&file);
        add(file, what, &why).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

/// Returns the GPU. If it cannot be opened, skips `what`, or fails if a GPU is required.
pub fn gpu_or_skip<T, E: Display>(what: &str, opened: Result<T, E>) -> Option<T> {
    match opened {
        Ok(gpu) => Some(gpu),
        Err(reason) if env::var_os(ADAPTER_REQUIRED).is_none() => {
            skip(what, reason);
            None
        }
        Err(reason) => panic!("{what}: {reason}"),
    }
}

/// Adds a line to the file of skipped tests, unless it is already there. Test programs write concurrently, each line at once.
pub fn add(file: &Path, what: &str, why: &impl Display) -> io::Result<()> {
    let line = format!("{what}: {why}").replace(['\n', '\r'], " ");
    if read(file)?.contains(&line) {
        return Ok(());
    }
    OpenOptions::new().create(true).append(true).open(file)?.write_all(format!("{line}\n").as_bytes())
}

/// Returns the distinct lines of the file; empty if there is no file.
pub fn read(file: &Path) -> io::Result<Vec<String>> {
    match fs::read_to_string(file) {
        Ok(text) => {
            let mut lines: Vec<String> = text.lines().map(Into::into).collect();
            lines.sort();
            lines.dedup();
            Ok(lines)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_skip_is_one_line_and_is_listed_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("skipped");
        assert_eq!(read(&file).unwrap(), Vec::<String>::new());
        for (what, why) in [("the GPU", "no adapter,\nnot even a software one"), ("AVX-512", "too old"), ("AVX-512", "too old")]
        {
            add(&file, what, &why).unwrap();
        }
        assert_eq!(read(&file).unwrap(), ["AVX-512: too old", "the GPU: no adapter, not even a software one"]);
    }

    #[test]
    fn what_was_opened_is_given_back() {
        assert_eq!(gpu_or_skip("a test", Ok::<_, String>(7)), Some(7));
    }
}

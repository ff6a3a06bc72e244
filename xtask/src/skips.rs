//! Lists the skipped tests at the end of a run, because in the middle of the output they would be overlooked.
use std::{
    fmt::Display,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{print, workspace::Workspace};

/// The environment variable, and the file in which tests record what they skip.
pub fn variable(workspace: &Workspace) -> (&'static str, PathBuf) {
    (serfiq_skips::FILE, file(workspace))
}

/// Records a skipped check.
pub fn skip(workspace: &Workspace, what: &str, why: impl Display) -> Result<()> {
    let file = file(workspace);
    serfiq_skips::add(&file, what, &why).with_context(|| format!("cannot write {}", file.display()))
}

/// Runs checks; at the end, even after a failure, lists what was skipped.
pub fn listed(workspace: &Workspace, run: impl FnOnce() -> Result<()>) -> Result<()> {
    let file = file(workspace);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot delete {}", file.display()));
        }
        _ => {}
    }
    let result = run();
    if let Some(list) = list(&file)? {
        print::message(list.trim_end());
    }
    result
}

/// The list as text; `None` if nothing was skipped.
fn list(file: &Path) -> Result<Option<String>> {
    let skipped = serfiq_skips::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    if skipped.is_empty() {
        return Ok(None);
    }
    let lines: String = skipped.iter().map(|line| format!("  {line}\n")).collect();
    Ok(Some(format!("Not tested on this machine:\n{lines}")))
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.target().join("skipped-tests.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_if_nothing_was_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("skipped");
        assert_eq!(list(&file).unwrap(), None);
        serfiq_skips::add(&file, "threads in the browser", &"this machine has one core").unwrap();
        let expected = "Not tested on this machine:\n  threads in the browser: this machine has one core\n";
        assert_eq!(list(&file).unwrap().as_deref(), Some(expected));
    }
}

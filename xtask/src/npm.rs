//! The registry of JavaScript packages, and its client.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{command, pinned::Archive, step::Step};

/// Returns the client. On Windows it is a script, which only the path found by `which` can start.
pub fn npm() -> Result<PathBuf> {
    which::which("npm").context(
        "npm is missing: it fetches JavaScript packages. Install it with Node, from https://nodejs.org (Debian: `apt-get \
         install npm`)",
    )
}

/// Downloads the archive into a folder.
pub fn download(archive: &Archive, downloads: &Path) -> Result<()> {
    let package = format!("{}@{}", archive.package, archive.version);
    command::output(Command::new(npm()?).args(["pack", "--silent", "--pack-destination"]).arg(downloads).arg(package))?;
    Ok(())
}

/// Installs the packages in a folder's lock file, unless the installation is as new as the lock file.
pub fn install(folder: &Path) -> Result<()> {
    let step = Step::start("npm packages");
    let lock = folder.join("package-lock.json");
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    let locked = modified(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if modified(&folder.join("node_modules/.package-lock.json")).is_ok_and(|installed| locked <= installed) {
        step.done("up to date");
        return Ok(());
    }
    command::output(Command::new(npm()?).args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    step.done("installed");
    Ok(())
}

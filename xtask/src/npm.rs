//! The registry of JavaScript packages, and its client.
use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{command, packages::Archive};

/// The client. On Windows it is a script, which only the path that `which` finds can start.
pub fn npm() -> Result<PathBuf> {
    which::which("npm").context(
        "npm is missing: it fetches packages of JavaScript. Install it with Node, from https://nodejs.org (Debian: `apt-get install npm`)",
    )
}

/// Leaves the archive in a folder.
pub fn download(archive: &Archive, downloads: &Path) -> Result<()> {
    let package = format!("{}@{}", archive.package, archive.version);
    command::output(Command::new(npm()?).args(["pack", "--silent", "--pack-destination"]).arg(downloads).arg(package))?;
    Ok(())
}

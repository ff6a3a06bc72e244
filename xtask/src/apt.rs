//! Debian packages, where we may install them.
use std::process::Command;

use anyhow::Result;

use crate::command;

/// Returns whether packages can be installed: a Debian-like system, as root.
pub fn available() -> bool {
    which::which("apt-get").is_ok() && command::output(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}

/// Installs packages, and never removes conflicting ones.
pub fn install(packages: &[&str]) -> Result<()> {
    command::output(apt_get().arg("update"))?;
    command::output(apt_get().args(["install", "--yes", "--no-install-recommends", "--no-remove"]).args(packages))?;
    Ok(())
}

fn apt_get() -> Command {
    let mut apt_get = Command::new("apt-get");
    // Programs that packages run must not see cargo's library path.
    command::forget_toolchain(&mut apt_get);
    apt_get.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    apt_get
}

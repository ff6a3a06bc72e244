//! The tests of the engines that distribute pictures to many machines, and their requirements.
//!
//! They take what a user takes: an archive of the command line.
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{apt, command, pip, prerequisites, release, step::Step, workspace::Workspace};

/// The oldest Java that Apache Spark supports.
const JAVA: u32 = 17;

/// Runs the tests in `tests/many-machines/` against an archive of the command line for this machine.
pub fn test(workspace: &Workspace, archive: &Path) -> Result<()> {
    find_or_install(
        "java",
        "default-jre-headless",
        &format!("Java {JAVA} or newer is missing: Apache Spark runs on it. Install it, or set JAVA_HOME to its folder"),
        || command::output(Command::new(java()).arg("--version")).is_ok_and(|printed| major_version(&printed) >= Some(JAVA)),
    )?;
    find_or_install(
        "parallel",
        "parallel",
        // moreutils has another program of the same name.
        "GNU parallel is missing: it drives one of the tested examples. Install it as `parallel`",
        || command::output(Command::new("parallel").arg("--version")).is_ok_and(|printed| printed.contains("GNU parallel")),
    )?;
    let tests = workspace.engine_tests();
    let packages = workspace.target().join("many-machines");
    let python = prerequisites::python_with_pip()?;
    pip::install("engines", &tests.join("requirements.txt"), &packages, python)?;

    let step = Step::start("engine tests");
    let unpacked = tempfile::tempdir().context("cannot create a temporary folder")?;
    let program = release::unpack(archive, unpacked.path())?;
    step.say("python -m unittest");
    command::run(
        Command::new(python)
            .args(["-m", "unittest", "discover", "--verbose"])
            .current_dir(&tests)
            .env("PYTHONPATH", packages)
            .env("SERFIQ_ARCHIVE", archive)
            .env("SERFIQ_CLI", program)
            .env("SERFIQ_PORTRAITS", workspace.portraits()),
    )?;
    step.done("passed");
    Ok(())
}

/// Finds or installs a program; `missing` says what to install where this is not possible.
fn find_or_install(name: &'static str, debian: &str, missing: &str, is_there: impl Fn() -> bool) -> Result<()> {
    let step = Step::start(name);
    if is_there() {
        step.done("found");
        return Ok(());
    }
    if !apt::available() {
        bail!("{missing} (Debian: `apt-get install {debian}`)");
    }
    step.say(format_args!("installing Debian's {debian}"));
    apt::install(&[debian])?;
    if !is_there() {
        bail!("Debian's {debian} is installed, but {missing}");
    }
    step.done("installed");
    Ok(())
}

/// Returns the Java that Spark uses.
fn java() -> PathBuf {
    env::var_os("JAVA_HOME").map_or_else(|| "java".into(), |home| Path::new(&home).join("bin/java"))
}

/// Parses the major version. `java --version` prints a name and a version; that of a new release has only one part.
fn major_version(printed: &str) -> Option<u32> {
    printed.split_whitespace().nth(1)?.split(['.', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_java_is_found() {
        assert_eq!(major_version("openjdk 17.0.15 2025-04-15\nOpenJDK Runtime Environment"), Some(17));
        assert_eq!(major_version("openjdk 21 2023-09-19"), Some(21));
        assert_eq!(major_version("openjdk 26-ea 2026-03-17"), Some(26));
        assert_eq!(major_version("command not found"), None);
        assert_eq!(major_version(""), None);
    }
}

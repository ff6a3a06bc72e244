//! What the machine must have before anything else. For each missing item, one sentence says what to install.
use std::{fs, process::Command};

use anyhow::{Context, Result, anyhow, bail};
use semver::{Version, VersionReq};

use crate::{command, step::Step, workspace::Workspace};

const NODE: &str = ">=20.19";

/// Checks that the installed Rust is as new as the workspace requires.
pub fn check_rust(workspace: &Workspace) -> Result<()> {
    let step = Step::start("rust");
    let manifest = workspace.root().join("Cargo.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let manifest: toml::Table = text.parse().with_context(|| format!("{} is not valid TOML", manifest.display()))?;
    let wanted = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .context("Cargo.toml: workspace.package.rust-version is not a string")?;
    let printed = command::output(Command::new(command::cargo()).arg("--version"))?;
    let version = version_in(&printed).with_context(|| format!("`cargo --version` printed no version: {printed}"))?;
    satisfies(&version, &format!(">={wanted}")).map_err(|problem| {
        anyhow!("Rust is too old: {problem}. Install a newer one with `rustup update`, or from https://rustup.rs")
    })?;
    step.done(version);
    Ok(())
}

/// Finds Python 3 with pip, which fetches the models and the test pictures.
pub fn python_with_pip() -> Result<&'static str> {
    ["python3", "python"]
        .into_iter()
        .find(|python| {
            command::output(Command::new(python).args(["-m", "pip", "--version"])).is_ok_and(|v| v.contains("python 3"))
        })
        .context(
            "Python 3 with pip is missing: it fetches the models. Install it from https://www.python.org \
             (Debian: `apt-get install python3-pip`)",
        )
}

/// Checks Node and npm: they run the browser tests, and fetch the recogniser that only tests use.
pub fn check_node() -> Result<()> {
    let step = Step::start("node");
    let how = "Install Node 20.19 or newer, with npm, from https://nodejs.org (Debian: `apt-get install nodejs npm`)";
    let Ok(printed) = command::output(Command::new("node").arg("--version")) else {
        bail!("Node is missing: the tests need it. {how}");
    };
    let version = version_in(&printed).with_context(|| format!("`node --version` printed no version: {printed}"))?;
    satisfies(&version, NODE).map_err(|problem| anyhow!("Node is too old: {problem}. {how}"))?;
    if which::which("npm").is_err() {
        bail!("npm is missing: it fetches what the tests need. {how}");
    }
    step.done(version);
    Ok(())
}

/// Returns the first word of a program's version line that is a version.
fn version_in(printed: &str) -> Option<Version> {
    printed.split_whitespace().find_map(|word| Version::parse(word.trim_start_matches('v')).ok())
}

fn satisfies(version: &Version, wanted: &str) -> Result<()> {
    // A pre-release of the required version has everything we use.
    let released = Version::new(version.major, version.minor, version.patch);
    if VersionReq::parse(wanted)?.matches(&released) {
        return Ok(());
    }
    bail!("expected {wanted}, found {version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        assert_eq!(version_in("cargo 1.95.0 (f2d3ce0bd 2026-03-21)"), Some(Version::new(1, 95, 0)));
        assert_eq!(version_in("v20.11.1\n"), Some(Version::new(20, 11, 1)));
        assert_eq!(version_in("command not found"), None);
    }

    #[test]
    fn an_old_version_is_refused_with_both_versions() {
        let error = satisfies(&Version::new(18, 20, 4), NODE).unwrap_err().to_string();
        assert_eq!(error, "expected >=20.19, found 18.20.4");
    }

    #[test]
    fn a_pre_release_counts_as_its_release() {
        assert!(satisfies(&Version::parse("1.95.0-nightly").unwrap(), ">=1.95").is_ok());
    }
}

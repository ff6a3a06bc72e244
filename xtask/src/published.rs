//! The crates as published: packed, and used by a program outside this workspace.
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::{
    command,
    step::Step,
    web_build,
    workspace::{self, Workspace},
};

/// Every crate to be published.
const CRATES: [&str; 8] = [
    "serfiq",
    "serfiq-cli",
    "serfiq-eval",
    "serfiq-kernels",
    "serfiq-network",
    "serfiq-on-top",
    "serfiq-reports",
    "serfiq-score",
];

/// Packs all crates, builds a program on the archives and runs it, and compiles the command line from its archive.
pub fn test(workspace: &Workspace) -> Result<()> {
    let unpacked = workspace.target().join("published");
    pack(workspace, &unpacked)?;
    let config = write_config(workspace, &unpacked)?;
    let cargo = || {
        let mut cargo = Command::new(command::cargo());
        cargo.arg("--config").arg(&config).env("CARGO_TARGET_DIR", workspace.target());
        cargo
    };
    let step = Step::start("outside");
    step.say("a program on the packed crates");
    let program = unpacked.join("outside");
    let mut files = BTreeMap::new();
    web_build::add_folder(&mut files, &workspace.consumer_tests().join("rust"), Path::new(""))?;
    // Pins all other dependencies to the versions used here.
    files.insert("Cargo.lock".into(), workspace.root().join("Cargo.lock"));
    web_build::mirror(&files, &program)?;
    let printed = command::output(cargo().args(["run", "--quiet"]).current_dir(program))?;
    ensure!(printed.starts_with("example-recogniser 0."), "the program printed {printed:?}; expected a score");
    step.say("the command line, from its archive");
    let folder = unpacked.join("serfiq-cli");
    command::output(cargo().args(["check", "--quiet", "--features", "webgpu"]).current_dir(folder))?;
    step.done("a face is scored, and the command line compiles");
    Ok(())
}

/// Does everything that publishing does, for each crate after those it depends on, except for the upload. The archives have been compiled
/// by `test`, so cargo does not do it again.
pub fn dry_run(workspace: &Workspace) -> Result<()> {
    let step = Step::start("publish");
    let mut cargo = Command::new(command::cargo());
    cargo.args(["publish", "--dry-run", "--quiet", "--no-verify", "--allow-dirty", "--workspace"]);
    command::output(cargo.current_dir(workspace.root()).env("CARGO_TARGET_DIR", workspace.target()))?;
    step.done(format_args!("{} crates, not uploaded", CRATES.len()));
    Ok(())
}

/// Compares the public interfaces of the libraries with those at a tag: an incompatible change needs another version.
pub fn check_interfaces(mut semver_checks: Command, tag: &str) -> Result<()> {
    let step = Step::start("interfaces");
    step.say(format_args!("comparing with {tag}"));
    let libraries = CRATES.iter().filter(|name| **name != "serfiq-cli");
    command::run(semver_checks.args(["--baseline-rev", tag]).args(libraries.map(|name| format!("--package={name}"))))?;
    step.done("the version says what has changed");
    Ok(())
}

/// Writes a configuration that makes cargo use the unpacked crates instead of the registry's; its profile is the workspace's, so that
/// shared dependencies are already compiled. Returns its path.
fn write_config(workspace: &Workspace, unpacked: &Path) -> Result<PathBuf> {
    let manifest = workspace.root().join("Cargo.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let manifest: toml::Table = text.parse().with_context(|| format!("{} is not valid TOML", manifest.display()))?;
    let crates: BTreeMap<_, _> = CRATES.iter().map(|name| (name, json!({ "path": unpacked.join(name) }))).collect();
    let config = json!({ "profile": { "dev": manifest["profile"]["dev"] }, "patch": { "crates-io": crates } });
    let path = unpacked.join("config.toml");
    workspace::write_if_changed(&path, toml::to_string(&config)?.as_bytes())?;
    Ok(path)
}

/// Packs every crate, and unpacks it below `folder`.
fn pack(workspace: &Workspace, folder: &Path) -> Result<()> {
    let step = Step::start("crates");
    step.say("cargo package");
    let mut cargo = Command::new(command::cargo());
    // The archives' contents are built below.
    cargo.args(["package", "--quiet", "--no-verify", "--allow-dirty"]).current_dir(workspace.root());
    cargo.args(CRATES.map(|name| format!("--package={name}"))).env("CARGO_TARGET_DIR", workspace.target());
    command::output(&mut cargo)?;
    if folder.is_dir() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for name in CRATES {
        let versioned = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
        let archive = workspace.target().join("package").join(format!("{versioned}.crate"));
        let file = File::open(&archive).with_context(|| format!("cargo did not produce {}", archive.display()))?;
        tar::Archive::new(GzDecoder::new(file))
            .unpack(folder)
            .with_context(|| format!("cannot unpack {}", archive.display()))?;
        fs::rename(folder.join(&versioned), folder.join(name)).with_context(|| format!("{versioned} is not in its archive"))?;
    }
    step.done(format_args!("{} packed", CRATES.len()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_is_published_or_says_that_it_is_not() {
        let workspace = Workspace::find().unwrap();
        let metadata = command::output(
            Command::new(command::cargo()).args(["metadata", "--no-deps", "--format-version=1"]).current_dir(workspace.root()),
        );
        let metadata: serde_json::Value = serde_json::from_str(&metadata.unwrap()).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        // `publish = false` is an empty list of registries.
        let mut published: Vec<_> =
            packages.iter().filter(|one| one["publish"].is_null()).map(|one| one["name"].as_str().unwrap()).collect();
        published.sort_unstable();
        assert_eq!(published, CRATES);
    }
}

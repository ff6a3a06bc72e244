use std::fs;
use std::io;
use std::path::PathBuf;

use serfiq::ModelCard;
use serfiq::score::{Calibration, Percentiles};
use toml_edit::{Array, DocumentMut, Item, Table, TomlError, Value, value};

use super::Fitted;
use super::summary::rule;
use crate::atomic_write::{self, WriteError};

/// The card that a calibration is written to.
pub struct CardFile {
    pub path: PathBuf,
    /// Initial content of a new card; `None` if the card must exist already.
    new: Option<DocumentMut>,
}

/// Why a card cannot be written to.
#[derive(Debug, thiserror::Error)]
pub enum CardFileError {
    #[error("the model card {} cannot be read: {source}; name the recogniser's card with --card", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the model card {} is not valid TOML: {source}", path.display())]
    Toml { path: PathBuf, source: Box<TomlError> },
    #[error("{} is the card of {found}; expected that of the recogniser {expected}", path.display())]
    OtherModel { path: PathBuf, found: String, expected: String },
    #[error("the model card {} cannot be written: there is no folder {}", path.display(), folder.display())]
    NoFolder { path: PathBuf, folder: PathBuf },
    #[error("the model card {0}")]
    Write(#[from] WriteError),
}

impl CardFile {
    /// Opens the card of a built-in recogniser: a copy, which must exist.
    pub fn of_built_in(path: PathBuf, model: &ModelCard) -> Result<Self, CardFileError> {
        let file = Self { path, new: None };
        file.check(model)?;
        Ok(file)
    }

    /// Opens the card of the user's own file; `write` creates it if it is missing.
    pub fn of_own(path: PathBuf, model: &ModelCard) -> Result<Self, CardFileError> {
        let mut new = DocumentMut::new();
        new["name"] = value(&model.name);
        let mut source = Table::new();
        source.insert("registry", value("file"));
        source.insert("sha256", value(&model.sha256));
        new["source"] = Item::Table(source);
        let file = Self { path, new: Some(new) };
        file.check(model)?;
        match file.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                Err(CardFileError::NoFolder { folder: folder.into(), path: file.path })
            }
            _ => Ok(file),
        }
    }

    /// Checks that the card belongs to `model`. A user's own card may omit the name.
    fn check(&self, model: &ModelCard) -> Result<(), CardFileError> {
        let card = self.read()?;
        match card.get("name").and_then(Item::as_str) {
            Some(name) if name == model.name => Ok(()),
            None if self.new.is_some() => Ok(()),
            name => {
                let found = name.map_or("no model".into(), |name| format!("{name:?}"));
                Err(CardFileError::OtherModel { path: self.path.clone(), found, expected: model.name.clone() })
            }
        }
    }

    /// Writes a calibration into the card, and keeps all its other entries.
    pub fn write(&self, fitted: &Fitted) -> Result<(), CardFileError> {
        let mut card = self.read()?;
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
        if let Some(percentiles) = &fitted.percentiles {
            table.insert("percentiles", Item::Table(quantiles(percentiles)));
        }
        // Drops any comment above an earlier calibration: it no longer applies.
        table.decor_mut().set_prefix("\n");
        card["calibration"] = Item::Table(table);
        if let Some(cells) = &fitted.cells {
            let known = card.get("cells").and_then(Item::as_table).filter(|known| cells.fits(known));
            let mut table = known.cloned().unwrap_or_default();
            cells.write(&mut table);
            table.decor_mut().set_prefix("\n");
            card["cells"] = Item::Table(table);
        }
        Ok(atomic_write::write(&self.path, card.to_string())?)
    }

    fn read(&self) -> Result<DocumentMut, CardFileError> {
        match (fs::read_to_string(&self.path), &self.new) {
            (Ok(text), _) => {
                text.parse().map_err(|source: TomlError| CardFileError::Toml { path: self.path.clone(), source: source.into() })
            }
            (Err(error), Some(new)) if error.kind() == io::ErrorKind::NotFound => Ok(new.clone()),
            (Err(source), _) => Err(CardFileError::Read { path: self.path.clone(), source }),
        }
    }
}

/// Returns a table of percentiles as the card has it.
fn quantiles(percentiles: &Percentiles) -> Table {
    // Whole percentages need no decimal point.
    let percentage = |percent: f64| if percent.fract() == 0.0 { Value::from(percent as i64) } else { percent.into() };
    let (at, raw): (Array, Array) =
        percentiles.points().iter().map(|&(percent, raw)| (percentage(percent), Value::from(raw))).unzip();
    let mut table = Table::new();
    for (key, item) in [("of", value(percentiles.of())), ("at", value(at)), ("raw", value(raw))] {
        table.insert(key, item);
    }
    table
}

/// Describes the pictures that the calibration was fitted to.
fn images(fitted: &Fitted) -> String {
    let pictures = fitted.sample.faces.len();
    let faces = fitted.sample.faces.iter().flatten().count();
    format!("{}: the largest face of each of {pictures} pictures, {faces} in all", fitted.name)
}

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serfiq::face::AlignedCrop;
use serfiq::{CardError, ModelCard};
use serfiq_network::ImportError;
use serfiq_network::card::{self, DropoutCard};
use serfiq_network::inspect::{Found, Inspection, inspect};

use crate::shell::quoted;

/// The user's own recogniser: its file, and the card beside it.
#[derive(Debug)]
pub struct OwnFile {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// The text of the card; `None` if there is none.
    pub card: Option<String>,
}

/// Why a file or its card cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OwnFileError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is a model card; name the recogniser's file that lies beside it", path.display())]
    IsCard { path: PathBuf },
    #[error("the model card {} cannot be read: {source}", path.display())]
    ReadCard { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Card { path: PathBuf, source: CardError },
}

impl OwnFile {
    /// Reads a file, and the card if there is one.
    pub fn read(path: &Path) -> Result<Self, OwnFileError> {
        let bytes = fs::read(path).map_err(|source| OwnFileError::Read { path: path.into(), source })?;
        let beside = card_path(path);
        if beside == path {
            return Err(OwnFileError::IsCard { path: beside });
        }
        let card = match fs::read_to_string(&beside) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(OwnFileError::ReadCard { path: beside, source }),
        };
        Ok(Self { path: path.into(), bytes, card })
    }

    /// Returns the path of the card, whether it exists or not.
    pub fn card_path(&self) -> PathBuf {
        card_path(&self.path)
    }

    /// Returns the file and its card combined.
    pub fn model_card(&self) -> Result<ModelCard, OwnFileError> {
        let card = ModelCard::own(&self.path.to_string_lossy(), &self.bytes, self.card.as_deref());
        card.map_err(|source| OwnFileError::Card { path: self.card_path(), source })
    }

    /// Returns the entries of the card alone; empty if there is no valid card.
    pub fn said_by_card(&self) -> card::ModelCard {
        self.card.as_deref().and_then(|text| card::parse(text).ok()).unwrap_or_default()
    }

    /// Inspects the file alone. The network is cut at `cut_at`, or else where the card says.
    pub fn inspect(&self, cut_at: Option<&str>) -> Result<Inspection, ImportError> {
        let DropoutCard { node, .. } = self.said_by_card().dropout;
        inspect(&self.bytes, AlignedCrop::SIZE as usize, cut_at.or(node.as_deref()))
    }

    /// Returns what neither the file nor its card states.
    pub fn missing(&self, found: &Found) -> Missing {
        let card = self.said_by_card();
        Missing {
            range: !found.scales_itself && card.input.mean.is_none(),
            dropout: found.dropout.is_none() && card.dropout.probability.is_none(),
        }
    }

    /// Says in one sentence what is missing and how to add it.
    pub fn advice(&self, missing: Missing) -> String {
        let (file, card) = (self.path.display(), self.card_path());
        let gaps = missing.of_each(["how its pixels are scaled", "which share of its features a pass drops"]).join(", nor ");
        let gap = match self.card {
            None => format!("{file} does not say {gaps}, and there is no {} beside it", card.display()),
            Some(_) => format!("{file} does not say {gaps}, and neither does {}", card.display()),
        };
        format!("{gap}; {} ({})", self.remedy(missing), missing.usual())
    }

    /// Says how to add the missing values, and gives the usual ones.
    pub fn remedy(&self, missing: Missing) -> String {
        match self.card {
            None => {
                let options = missing.of_each(["--mean 127.5 --scale 0.0078431", "--dropout 0.4"]).join(" ");
                format!("write one: serfiq model card {} {options}", self.argument())
            }
            Some(_) => {
                let keys = ["`[input]` with `mean = 127.5` and `scale = 0.0078431`", "`[dropout]` with `probability = 0.4`"];
                format!("add {}", missing.of_each(keys).join(" and "))
            }
        }
    }

    /// Returns the file as an argument of another command.
    pub fn argument(&self) -> String {
        quoted(&self.path.to_string_lossy())
    }
}

/// Returns `mine.toml` for `mine.onnx`.
fn card_path(file: &Path) -> PathBuf {
    file.with_extension("toml")
}

/// The missing values that a recogniser cannot run without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Mean and scale of the pixels.
    pub range: bool,
    /// The dropout probability.
    pub dropout: bool,
}

impl Missing {
    pub fn any(self) -> bool {
        self.range || self.dropout
    }

    /// Explains the usual values.
    pub fn usual(self) -> String {
        let each = ["values from -1 to 1, on which most recognisers were trained", "0.4 and 0.5 are usual in training"];
        self.of_each(each).join("; ")
    }

    /// Returns the texts of the missing values.
    fn of_each(self, [range, dropout]: [&str; 2]) -> Vec<&str> {
        [(self.range, range), (self.dropout, dropout)]
            .into_iter()
            .filter(|(applies, _)| *applies)
            .map(|(_, text)| text)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(card: Option<&str>) -> OwnFile {
        OwnFile { path: "my files/mine.onnx".into(), bytes: vec![], card: card.map(str::to_owned) }
    }

    #[test]
    fn what_is_missing_comes_with_the_command_that_adds_it() {
        let advice = file(None).advice(Missing { range: true, dropout: true });
        for words in [
            "my files/mine.onnx does not say how its pixels are scaled, nor which share",
            "no my files/mine.toml beside it",
            "serfiq model card 'my files/mine.onnx' --mean 127.5 --scale 0.0078431 --dropout 0.4 (values from -1 to 1",
        ] {
            assert!(advice.contains(words), "{words:?} expected: {advice}");
        }
        let advice = file(None).advice(Missing { range: false, dropout: true });
        assert!(advice.contains("mine.onnx' --dropout 0.4 (0.4") && !advice.contains("--mean"), "{advice}");
    }

    #[test]
    fn a_card_that_says_too_little_is_added_to() {
        let advice = file(Some("")).advice(Missing { range: true, dropout: false });
        assert!(advice.contains("neither does my files/mine.toml; add `[input]` with `mean = 127.5`"), "{advice}");
    }
}

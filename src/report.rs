//! The parts of an [`Assessment`](crate::Assessment). Names are the same on the command line (`--format jsonl`) and in JavaScript.
use serde::Serialize;
use strum::IntoStaticStr;

use serfiq_score::Method;

use crate::{
    EngineInfo, Score,
    face::{AlignedCrop, Bounds, Face, Landmarks},
};

/// The outcome for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// At least one face.
    Ok,
    /// The picture can be read but shows no face.
    NoFace,
    /// The picture cannot be read.
    Unreadable,
}

impl Status {
    /// The name in reports and in JavaScript: `ok` and so on.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How the scores were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodReport {
    /// Name of the recogniser. Scores of two recognisers are not comparable.
    pub model: String,
    /// SHA-256 of the recogniser's file: one name may stand for several files. `None` for embeddings from an unknown file.
    pub model_sha256: Option<String>,
    /// Fingerprint of the on-top network, if one makes the score. Scores by different ones are not comparable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_top: Option<String>,
    /// `mc` or `limit`, or the name of another [`Quality`](crate::Quality).
    pub method: &'static str,
    /// Dropout passes; `null` for the limit.
    pub passes: Option<u32>,
    /// Seed of the dropout masks; `null` for the limit.
    pub seed: Option<u64>,
    /// Dropout probability.
    pub dropout: f64,
}

impl MethodReport {
    /// Names a method of an engine's recogniser.
    pub fn new(engine: &EngineInfo, method: Method) -> Self {
        Self {
            model: engine.model.clone(),
            model_sha256: Some(engine.model_sha256.clone()),
            on_top: None,
            method: method.name(),
            passes: method.passes(),
            seed: method.seed(),
            dropout: engine.dropout,
        }
    }
}

/// Where a face is in its picture. Unknown values are `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// x, y, width, height in pixels; `null` for an embedding, which has no picture.
    #[serde(rename = "box")]
    pub bounds: Option<[f32; 4]>,
    /// Right eye, left eye, nose, right mouth corner, left mouth corner, in pixels; `null` in an aligned crop, where none are detected.
    pub landmarks: Option<Landmarks>,
    /// The detector's score, 0 to 1; `null` in an aligned crop.
    pub confidence: Option<f32>,
}

impl Place {
    /// For a face known only by its embedding.
    pub const UNKNOWN: Self = Self { bounds: None, landmarks: None, confidence: None };

    /// For an aligned face that fills its picture.
    pub fn aligned() -> Self {
        let side = AlignedCrop::SIZE as f32;
        Self { bounds: Some([0.0, 0.0, side, side]), ..Self::UNKNOWN }
    }

    /// The face, if all is known about it.
    pub(crate) fn as_face(&self) -> Option<Face> {
        let ([x, y, width, height], landmarks, confidence) = (self.bounds?, self.landmarks?, self.confidence?);
        Some(Face { bounds: Bounds { x, y, width, height }, landmarks, confidence })
    }
}

impl From<&Face> for Place {
    fn from(Face { bounds: Bounds { x, y, width, height }, landmarks, confidence }: &Face) -> Self {
        Self { bounds: Some([*x, *y, *width, *height]), landmarks: Some(*landmarks), confidence: Some(*confidence) }
    }
}

/// One face. Unknown numbers are `null`, never 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaceReport {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// Raw SER-FIQ score s, in (0, 1]; `null` for a face that was not scored.
    pub raw: Option<f64>,
    /// Quality q, 0 to 100; `null` for a recogniser without calibration.
    pub quality: Option<f64>,
    /// Percentage of known faces, 0 to 100, that score lower, by the table in the recogniser's card; `null` if it has none.
    pub percentile: Option<f64>,
    /// Standard error of `raw`; `null` for the limit.
    pub std_error: Option<f64>,
}

impl FaceReport {
    /// A face, and its score if it was scored.
    pub fn new(place: impl Into<Place>, score: Option<Score>) -> Self {
        Self {
            place: place.into(),
            raw: score.map(|score| score.raw),
            quality: score.and_then(|score| score.quality),
            percentile: score.and_then(|score| score.percentile),
            std_error: score.and_then(|score| score.std_error),
        }
    }

    /// The score by which the face is judged: the quality, or the raw score if the recogniser is not calibrated.
    pub fn judged(&self) -> Option<f64> {
        self.quality.or(self.raw)
    }
}

/// Time taken, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Milliseconds {
    /// From the start until the faces are found and measured, including reading the pixels.
    pub detect: f64,
    /// Scoring.
    pub score: f64,
    /// Both.
    pub total: f64,
}

/// Times one picture, with the caller's clock: this crate has none.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch<C> {
    clock: C,
    start: f64,
}

impl<C: Fn() -> f64> Stopwatch<C> {
    /// Starts now. `clock` returns milliseconds.
    pub fn start(clock: C) -> Self {
        let start = clock();
        Self { clock, start }
    }

    /// The time now, in milliseconds.
    pub(crate) fn now(&self) -> f64 {
        (self.clock)()
    }

    /// The times for a picture whose faces were found at `detected` and scored at `scored`.
    pub(crate) fn took(&self, detected: f64, scored: f64) -> Milliseconds {
        Milliseconds { detect: detected - self.start, score: scored - detected, total: scored - self.start }
    }
}

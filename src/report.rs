//! What is said of one picture: the same words on the command line (`--format jsonl`) and in JavaScript.
use serde::Serialize;

use crate::{EngineInfo, ScoredFace, face::Bounds, score::Method};

/// Whether there is something to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At least one face.
    Ok,
    /// The picture can be read and shows no face.
    NoFace,
    /// The picture cannot be read.
    Unreadable,
}

/// How the scores were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodReport {
    /// Name of the recogniser: scores of two recognisers do not compare.
    pub model: String,
    /// SHA-256 of the recogniser's file: one name may stand for several files.
    pub model_sha256: String,
    /// `mc` or `limit`.
    pub method: &'static str,
    /// Dropout passes; `null` for the limit.
    pub passes: Option<u32>,
    /// Seed of the dropout masks; `null` for the limit.
    pub seed: Option<u64>,
    /// Dropout probability.
    pub dropout: f64,
}

impl MethodReport {
    /// Names `method` as used with the recogniser of an engine.
    pub fn new(engine: &EngineInfo, method: Method) -> Self {
        Self {
            model: engine.model.clone(),
            model_sha256: engine.model_sha256.clone(),
            method: method.name(),
            passes: method.passes(),
            seed: method.seed(),
            dropout: engine.dropout,
        }
    }
}

/// One face. A number that is not known is `null`, never 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaceReport {
    /// x, y, width, height in pixels.
    #[serde(rename = "box")]
    pub bounds: [f32; 4],
    /// Right eye, left eye, nose, right mouth corner, left mouth corner, in pixels.
    pub landmarks: [[f32; 2]; 5],
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// Raw SER-FIQ score s, in (0, 1].
    pub raw: Option<f64>,
    /// Quality q, 0 to 100; `null` for a recogniser that is not calibrated.
    pub quality: Option<f64>,
    /// Standard error of `raw`; `null` for the limit.
    pub std_error: Option<f64>,
}

impl From<&ScoredFace> for FaceReport {
    fn from(ScoredFace { face, score }: &ScoredFace) -> Self {
        let Bounds { x, y, width, height } = face.bounds;
        Self {
            bounds: [x, y, width, height],
            landmarks: face.landmarks,
            confidence: face.confidence,
            raw: score.map(|s| s.raw),
            quality: score.and_then(|s| s.quality),
            std_error: score.and_then(|s| s.std_error),
        }
    }
}

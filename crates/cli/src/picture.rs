use std::io;

use pollster::block_on;
use serde::Serialize;
use serfiq::face::{AlignedCrop, Face, FaceError, Landmarks, align};
use serfiq::frame::{Frame, FrameError};
use serfiq::model::ModelError;
use serfiq::score::{Method, Robustness};
use serfiq::{Engine, EngineError, PHOTO_LONG_SIDE};
use serfiq_on_top::OnTopError;

use crate::head::scorer::Scorer;

/// Where a face is in its picture.
#[derive(Debug, Serialize)]
pub struct Place {
    /// x, y, width, height in pixels; `None` where there is no picture.
    #[serde(rename = "box")]
    pub bounds: Option<[f32; 4]>,
    /// `None` in an aligned crop, where none were looked for.
    pub landmarks: Option<Landmarks>,
    /// The detector's; `None` in an aligned crop.
    pub confidence: Option<f32>,
}

impl Place {
    /// Of a face of which nothing but its embedding is at hand.
    pub const UNKNOWN: Self = Self { bounds: None, landmarks: None, confidence: None };
}

#[derive(Debug, Serialize)]
pub struct ScoredFace {
    #[serde(flatten)]
    pub place: Place,
    pub raw: f64,
    pub quality: Option<f64>,
    pub std_error: Option<f64>,
}

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
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Face(#[from] FaceError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    OnTop(#[from] OnTopError),
}

impl PictureError {
    /// Whether the device failed, so that every other picture would fail as well.
    pub fn is_the_devices(&self) -> bool {
        matches!(self, Self::Engine(EngineError::Model(ModelError::GpuLost(_) | ModelError::Device(_))))
    }
}

/// The score of every face, largest first.
pub fn score(engine: &Engine, bytes: &[u8], aligned: bool, method: Method) -> Result<Vec<ScoredFace>, PictureError> {
    each_crop(engine, bytes, aligned, |place, crop| {
        let score = block_on(engine.score_crop(&crop, method))?;
        Ok(ScoredFace { place, raw: score.raw, quality: score.quality, std_error: score.std_error })
    })
}

/// The score of every face by a head on top of its embedding, largest first.
pub fn score_on_top(engine: &Engine, bytes: &[u8], aligned: bool, scorer: &Scorer) -> Result<Vec<ScoredFace>, PictureError> {
    each_crop(engine, bytes, aligned, |place, crop| score_embedding(scorer, place, &block_on(engine.embed(&crop))?))
}

/// The score of a face by a head on top of its embedding.
pub fn score_embedding(scorer: &Scorer, place: Place, embedding: &[f32]) -> Result<ScoredFace, PictureError> {
    let Robustness { raw, std_error, .. } = scorer.score(embedding)?;
    Ok(ScoredFace { place, raw, quality: None, std_error })
}

/// The embedding of every face, largest first.
pub fn embed(engine: &Engine, bytes: &[u8], aligned: bool) -> Result<Vec<EmbeddedFace>, PictureError> {
    each_crop(engine, bytes, aligned, |place, crop| Ok(EmbeddedFace { place, embedding: block_on(engine.embed(&crop))? }))
}

fn each_crop<T>(
    engine: &Engine,
    bytes: &[u8],
    aligned: bool,
    handle: impl Fn(Place, AlignedCrop) -> Result<T, PictureError>,
) -> Result<Vec<T>, PictureError> {
    let frame = Frame::decode(bytes)?;
    if aligned {
        let crop = AlignedCrop::from_frame(&frame)?;
        let side = AlignedCrop::SIZE as f32;
        let place = Place { bounds: Some([0.0, 0.0, side, side]), ..Place::UNKNOWN };
        return Ok(vec![handle(place, crop)?]);
    }
    let faces = block_on(engine.detect(&frame, PHOTO_LONG_SIDE))?;
    faces.iter().map(|face| handle(Place::from(face), align(&frame, &face.landmarks)?)).collect()
}

impl From<&Face> for Place {
    fn from(face: &Face) -> Self {
        let bounds = &face.bounds;
        Self {
            bounds: Some([bounds.x, bounds.y, bounds.width, bounds.height]),
            landmarks: Some(face.landmarks),
            confidence: Some(face.confidence),
        }
    }
}

/// The largest face of a picture; `None` where none is found.
pub fn largest_face(engine: &Engine, bytes: &[u8], aligned: bool) -> Result<Option<AlignedCrop>, PictureError> {
    let frame = Frame::decode(bytes)?;
    if aligned {
        return Ok(Some(AlignedCrop::from_frame(&frame)?));
    }
    let faces = block_on(engine.detect(&frame, PHOTO_LONG_SIDE))?;
    Ok(faces.first().map(|largest| align(&frame, &largest.landmarks)).transpose()?)
}

/// How alike two faces are: the cosine of the angle between their embeddings, from -1 to 1.
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

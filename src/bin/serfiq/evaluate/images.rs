use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use pollster::block_on;
use serfiq::face::{AlignedCrop, align};
use serfiq::frame::Frame;
use serfiq::score::Method;
use serfiq::{Engine, PHOTO_LONG_SIDE};

use crate::parallel::in_order;
use crate::picture::PictureError;

/// What the engine says of an image's largest face.
pub struct Assessed {
    pub raw: f64,
    /// Of length 1.
    embedding: Vec<f32>,
}

/// An image that stops the run: the pairs name it, so that it should be there.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}; the pairs name their images as they lie in the folder of --images", path.display())]
pub struct ImageError {
    path: PathBuf,
    source: Box<PictureError>,
}

impl Assessed {
    /// The cosine of the angle between two embeddings.
    pub fn similarity(&self, other: &Self) -> f64 {
        self.embedding.iter().zip(&other.embedding).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }
}

/// Scores and embeds every image; `None` where no face is found.
pub fn assess(
    engine: &Engine,
    method: Method,
    images: &[String],
    root: &Path,
    aligned: bool,
    threads: NonZeroUsize,
    progress: &ProgressBar,
) -> Result<Vec<Option<Assessed>>, ImageError> {
    let mut all = Vec::with_capacity(images.len());
    let work = |image: &String| {
        let path = root.join(image);
        one(engine, method, &path, aligned).map_err(|source| ImageError { path, source: Box::new(source) })
    };
    in_order(images.iter(), threads, work, |assessed| {
        all.push(assessed?);
        progress.inc(1);
        Ok(())
    })?;
    Ok(all)
}

fn one(engine: &Engine, method: Method, path: &Path, aligned: bool) -> Result<Option<Assessed>, PictureError> {
    let frame = Frame::decode(&fs::read(path).map_err(PictureError::Read)?)?;
    let crop = if aligned {
        AlignedCrop::from_frame(&frame)?
    } else {
        match block_on(engine.detect(&frame, PHOTO_LONG_SIDE))?.first() {
            Some(largest) => align(&frame, &largest.landmarks)?,
            None => return Ok(None),
        }
    };
    let (score, mut embedding) = block_on(engine.score_and_embed(&crop, method))?;
    let length = embedding.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    embedding.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
    Ok(Some(Assessed { raw: score.raw, embedding }))
}

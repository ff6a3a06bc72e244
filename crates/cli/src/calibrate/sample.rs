use std::path::Path;

use indicatif::ProgressBar;
use pollster::block_on;
use serfiq::Engine;
use serfiq::score::{Moments, ScoreError, limit};

use crate::args::CalibrateArgs;
use crate::batch::progress_style;
use crate::evaluate::ImageError;
use crate::inputs::{self, Input, Source};
use crate::parallel::in_order;
use crate::picture::{PictureError, largest_face};

/// Minimum number of faces: fewer have no 5th percentile.
pub const MIN_FACES: usize = 20;

/// The recogniser's output for the largest face of each picture.
pub struct Sample {
    /// In the order of the pictures; `None` without a face.
    pub faces: Vec<Option<Face>>,
    /// The `k` of the limit: the median over all faces.
    pub k: f64,
    /// Pictures that could not be read, and why.
    pub unreadable: Vec<String>,
}

pub struct Face {
    pub moments: Moments,
    /// Effective number of dimensions in which dropout scatters the embedding.
    dimensions: f64,
}

/// Why there are no faces to fit to.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error("{name}: {source}")]
    Device { name: String, source: Box<PictureError> },
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error("faces were found in {found} of {pictures} pictures; expected {MIN_FACES} or more, and better some hundreds")]
    TooFew { found: usize, pictures: usize },
    #[error(transparent)]
    Score(#[from] ScoreError),
}

impl Sample {
    /// Samples all pictures named on the command line. Unreadable ones are left out.
    pub fn found(engine: &Engine, args: &CalibrateArgs) -> Result<Self, SampleError> {
        let pictures = inputs::find(args.paths.clone()).count();
        let mut unreadable = Vec::new();
        let faces = faces(engine, args, inputs::find(args.paths.clone()), pictures, |name, error| {
            unreadable.push(format!("{name}: {error}"));
            Ok(())
        })?;
        Self::new(faces, unreadable)
    }

    /// Samples the pictures with these names below a folder. Each must be readable.
    pub fn named(engine: &Engine, args: &CalibrateArgs, folder: &Path, names: &[String]) -> Result<Self, SampleError> {
        let files: Vec<Input> =
            names.iter().map(|name| Input { name: name.clone(), source: Source::File(folder.join(name)) }).collect();
        let faces = faces(engine, args, files.into_iter(), names.len(), |name, error| {
            Err(ImageError::new(folder.join(name), error).into())
        })?;
        Self::new(faces, Vec::new())
    }

    fn new(faces: Vec<Option<Face>>, unreadable: Vec<String>) -> Result<Self, SampleError> {
        let mut dimensions: Vec<f64> = faces.iter().flatten().map(|face| face.dimensions).collect();
        if dimensions.len() < MIN_FACES {
            return Err(SampleError::TooFew { found: dimensions.len(), pictures: faces.len() + unreadable.len() });
        }
        dimensions.sort_by(f64::total_cmp);
        Ok(Self { k: serfiq_eval::quantile(&dimensions, 0.5), faces, unreadable })
    }

    /// Returns the raw score of each picture for a given `k`; `None` without a face.
    pub fn raws(&self, k: f64) -> Result<Vec<Option<f64>>, ScoreError> {
        let raw = |face: &Face| Ok(limit(&face.moments, k)?.raw);
        self.faces.iter().map(|face| face.as_ref().map(raw).transpose()).collect()
    }
}

/// Returns the largest face of each picture, in order. Unreadable pictures go to `unreadable` and have no entry.
fn faces(
    engine: &Engine,
    args: &CalibrateArgs,
    pictures: impl Iterator<Item = Input> + Send + 'static,
    count: usize,
    mut unreadable: impl FnMut(&str, PictureError) -> Result<(), SampleError>,
) -> Result<Vec<Option<Face>>, SampleError> {
    // Hides itself if stderr is not a terminal.
    let progress = ProgressBar::new(count as u64).with_style(progress_style());
    let mut faces = Vec::with_capacity(count);
    let work = |Input { name, source }: Input| {
        let face = source.read().map_err(PictureError::Read).and_then(|bytes| face(engine, &bytes, args.aligned));
        (name, face)
    };
    in_order(pictures, args.model.threads(engine.info().backend), work, |(name, face)| {
        progress.inc(1);
        match face {
            Ok(face) => faces.push(face),
            Err(source) if source.is_the_devices() => return Err(SampleError::Device { name, source: source.into() }),
            Err(error) => unreadable(&name, error)?,
        }
        Ok(())
    })?;
    progress.finish_and_clear();
    Ok(faces)
}

fn face(engine: &Engine, bytes: &[u8], aligned: bool) -> Result<Option<Face>, PictureError> {
    let Some(crop) = largest_face(engine, bytes, aligned)? else {
        return Ok(None);
    };
    let (moments, dimensions) = block_on(engine.scatter(&crop))?;
    Ok(Some(Face { moments, dimensions }))
}

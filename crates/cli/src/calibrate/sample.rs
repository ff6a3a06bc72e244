use pollster::block_on;
use serfiq::Engine;
use serfiq::score::{Moments, ScoreError, limit};

use crate::args::CalibrateArgs;
use crate::faces::{Faces, FacesError};
use crate::inputs::Input;

/// Minimum number of faces: fewer have no 5th percentile.
pub const MIN_FACES: usize = 20;

/// The recogniser's output for the largest face of each picture.
pub struct Sample {
    /// In the order of the pictures; `None` for a picture without a face or one that could not be read.
    pub faces: Vec<Option<Face>>,
    /// The `k` of the limit: the median over all faces.
    pub k: f64,
    /// Rows and columns of the features; `None` if they lie on no grid.
    pub grid: Option<[usize; 2]>,
    /// Number of unreadable pictures.
    pub unreadable: usize,
}

pub struct Face {
    pub moments: Moments,
    /// Effective number of dimensions in which dropout scatters the embedding.
    dimensions: f64,
}

/// Why there are no faces to fit to.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error(transparent)]
    Faces(#[from] FacesError),
    #[error("faces were found in {found} of {pictures} pictures; expected {MIN_FACES} or more, and better some hundreds")]
    TooFew { found: usize, pictures: usize },
    #[error(transparent)]
    Score(#[from] ScoreError),
}

impl Sample {
    /// Samples the largest face of each of `count` pictures. Unreadable pictures are named on standard error.
    pub fn of(
        pictures: impl Iterator<Item = Input> + Send + 'static,
        count: usize,
        engine: &Engine,
        args: &CalibrateArgs,
    ) -> Result<Self, SampleError> {
        let threads = args.model.threads(engine.info().backend);
        let scatter = |crop: &_| {
            let (moments, dimensions) = block_on(engine.scatter(crop))?;
            Ok(Face { moments, dimensions })
        };
        let Faces { found: faces, unreadable } = Faces::of(pictures, count, engine, args.aligned, threads, scatter)?;
        let mut dimensions: Vec<f64> = faces.iter().flatten().map(|face| face.dimensions).collect();
        if dimensions.len() < MIN_FACES {
            return Err(SampleError::TooFew { found: dimensions.len(), pictures: faces.len() });
        }
        dimensions.sort_by(f64::total_cmp);
        Ok(Self { k: serfiq_eval::quantile(&dimensions, 0.5), faces, grid: engine.grid(), unreadable: unreadable.len() })
    }

    /// Returns the raw score of each picture for a given `k`; `None` without a face.
    pub fn raws(&self, k: f64) -> Result<Vec<Option<f64>>, ScoreError> {
        let raw = |face: &Face| Ok(limit(&face.moments, k)?.raw);
        self.faces.iter().map(|face| face.as_ref().map(raw).transpose()).collect()
    }
}

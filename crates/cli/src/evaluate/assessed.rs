use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use pollster::block_on;
use serfiq::Engine;
use serfiq::score::Method;

use crate::parallel::in_order;
use crate::picture::{PictureError, largest_face};

/// The engine's output for an image's largest face.
pub struct Assessed {
    pub raw: f64,
    pub embedding: Vec<f32>,
}

/// An image that stops the run: the report's files name it, so it should be readable.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    #[error("{}: {source}; images are named as they lie in the folder of --images", path.display())]
    Read { path: PathBuf, source: Box<PictureError> },
    #[error("{}: {source}", path.display())]
    Score { path: PathBuf, source: Box<PictureError> },
}

impl ImageError {
    /// Only a file that cannot be read may be misnamed.
    pub fn new(path: PathBuf, source: PictureError) -> Self {
        match source {
            PictureError::Read(_) => Self::Read { path, source: source.into() },
            source => Self::Score { path, source: source.into() },
        }
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
    let paths: Vec<PathBuf> = images.iter().map(|image| root.join(image)).collect();
    let work = |path: PathBuf| one(engine, method, &path, aligned).map_err(|source| ImageError::new(path, source));
    in_order(paths.into_iter(), threads, work, |assessed| {
        all.push(assessed?);
        progress.inc(1);
        Ok(())
    })?;
    Ok(all)
}

fn one(engine: &Engine, method: Method, path: &Path, aligned: bool) -> Result<Option<Assessed>, PictureError> {
    let Some(crop) = largest_face(engine, &fs::read(path).map_err(PictureError::Read)?, aligned)? else {
        return Ok(None);
    };
    let (score, embedding) = block_on(engine.score_and_embed(&crop, method))?;
    Ok(Some(Assessed { raw: score.raw, embedding }))
}

#[cfg(test)]
mod tests {
    use std::io;

    use serfiq::EngineError;
    use serfiq::model::ModelError;

    use super::*;

    #[test]
    fn a_lost_gpu_is_not_put_down_to_the_folder() {
        let message = |source| ImageError::new("a.jpg".into(), source).to_string();
        let lost = message(EngineError::from(ModelError::GpuLost("it was unplugged".into())).into());
        assert!(lost.contains("it was unplugged") && !lost.contains("--images"), "{lost}");
        let missing = message(PictureError::Read(io::Error::from(io::ErrorKind::NotFound)));
        assert!(missing.contains("a.jpg") && missing.contains("--images"), "{missing}");
    }
}

use std::num::NonZeroUsize;

use indicatif::ProgressBar;
use serfiq::face::AlignedCrop;
use serfiq::{Engine, EngineError};

use crate::batch::progress_style;
use crate::inputs::Input;
use crate::parallel::{NoThread, in_order};
use crate::picture::{PictureError, largest_face};
use crate::print;

/// A value computed from the largest face of each picture.
pub struct Faces<T> {
    /// In the order of the pictures; `None` for a picture without a face or one that could not be read.
    pub found: Vec<Option<T>>,
    /// Unreadable pictures, and why.
    pub unreadable: Vec<String>,
}

/// Why processing stopped early.
#[derive(Debug, thiserror::Error)]
pub enum FacesError {
    #[error("{name}: {source}")]
    Device { name: String, source: Box<PictureError> },
    #[error(transparent)]
    Threads(#[from] NoThread),
}

impl<T: Send> Faces<T> {
    /// Computes a value from the largest face of each picture, on this many threads. Unreadable pictures are named on standard
    /// error and skipped.
    pub fn of(
        pictures: impl Iterator<Item = Input> + Send + 'static,
        count: usize,
        engine: &Engine,
        aligned: bool,
        threads: NonZeroUsize,
        compute: impl Fn(&AlignedCrop) -> Result<T, EngineError> + Sync,
    ) -> Result<Self, FacesError> {
        let compute = |bytes: &[u8]| -> Result<Option<T>, PictureError> {
            let face = largest_face(engine, bytes, aligned)?;
            Ok(face.as_ref().map(&compute).transpose()?)
        };
        Self::of_pictures(pictures, count, threads, compute, |problem: &String| print::problem(problem))
    }

    /// Computes a value from each picture's file. At the end, calls `tell` with the error of each unreadable picture.
    pub fn of_pictures(
        pictures: impl Iterator<Item = Input> + Send + 'static,
        count: usize,
        threads: NonZeroUsize,
        compute: impl Fn(&[u8]) -> Result<Option<T>, PictureError> + Sync,
        tell: impl Fn(&String),
    ) -> Result<Self, FacesError> {
        // Hidden unless stderr is a terminal.
        let progress = ProgressBar::new(count as u64).with_style(progress_style());
        let mut faces = Self { found: Vec::with_capacity(count), unreadable: Vec::new() };
        let of_picture = |Input { name, source }: Input| {
            let bytes = source.read().map_err(PictureError::Read);
            (name, bytes.and_then(|bytes| compute(&bytes)))
        };
        let result = in_order(pictures, threads, of_picture, |(name, computed)| {
            progress.inc(1);
            faces.found.push(match computed {
                Ok(computed) => computed,
                Err(source) if source.is_the_devices() => return Err(FacesError::Device { name, source: source.into() }),
                Err(error) => {
                    faces.unreadable.push(format!("{name}: {error}"));
                    None
                }
            });
            Ok(())
        });
        progress.finish_and_clear();
        faces.unreadable.iter().for_each(tell);
        result.map(|()| faces)
    }
}

use std::num::NonZeroUsize;

use indicatif::ProgressBar;
use serfiq::face::AlignedCrop;
use serfiq::{Engine, EngineError};

use crate::batch::progress_style;
use crate::inputs::Input;
use crate::parallel::{NoThread, in_order};
use crate::picture::{PictureError, largest_face};
use crate::print;

/// Something that was computed of the largest face of each picture.
pub struct Faces<T> {
    /// In the order of the pictures; `None` without a face, and for a picture that could not be read.
    pub found: Vec<Option<T>>,
    /// Pictures that could not be read, and why.
    pub unreadable: Vec<String>,
}

/// Why the pictures could not all be handled.
#[derive(Debug, thiserror::Error)]
pub enum FacesError {
    #[error("{name}: {source}")]
    Device { name: String, source: Box<PictureError> },
    #[error(transparent)]
    Threads(#[from] NoThread),
}

impl<T: Send> Faces<T> {
    /// Computes something of the largest face of each picture, on this many threads. Pictures that cannot be read are named on
    /// standard error, and do not keep the others from being handled.
    pub fn of(
        pictures: impl Iterator<Item = Input> + Send + 'static,
        count: usize,
        engine: &Engine,
        aligned: bool,
        threads: NonZeroUsize,
        compute: impl Fn(&AlignedCrop) -> Result<T, EngineError> + Sync,
    ) -> Result<Self, FacesError> {
        // Hides itself if stderr is not a terminal.
        let progress = ProgressBar::new(count as u64).with_style(progress_style());
        let mut faces = Self { found: Vec::with_capacity(count), unreadable: Vec::new() };
        let of_picture = |Input { name, source }: Input| {
            let bytes = source.read().map_err(PictureError::Read);
            let face = bytes.and_then(|bytes| largest_face(engine, &bytes, aligned));
            let computed = face.and_then(|face| Ok(face.as_ref().map(&compute).transpose()?));
            (name, computed)
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
        for problem in &faces.unreadable {
            print::problem(problem);
        }
        result.map(|()| faces)
    }
}

//! The trait that every quality implements.
use std::future::Future;

use serfiq_score::Method;

use crate::{Engine, EngineError, EngineInfo, Score, explain::Cover, face::AlignedCrop, report::MethodReport};

/// A way to score an aligned face. The recogniser's own ways are [`Method`]s; `serfiq-on-top` adds another.
pub trait Quality {
    /// How the scores are made.
    fn report(&self, engine: &EngineInfo) -> MethodReport;

    /// Whether raw scores are calibrated: there is a quality from 0 to 100, with a default threshold.
    fn is_calibrated(&self, engine: &EngineInfo) -> bool;

    /// The score of one face.
    ///
    /// # Errors
    /// As [`Engine::score_crop`]; [`EngineError::Quality`] for failures of a quality that is not the recogniser's own.
    fn score(&self, engine: &Engine, crop: &AlignedCrop) -> impl Future<Output = Result<Score, EngineError>>;

    /// The score of one face, and what covers it, if that is known.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    fn score_and_cover(
        &self,
        engine: &Engine,
        crop: &AlignedCrop,
    ) -> impl Future<Output = Result<(Score, Option<Cover>), EngineError>> {
        async { Ok((self.score(engine, crop).await?, None)) }
    }
}

impl Quality for Method {
    fn report(&self, engine: &EngineInfo) -> MethodReport {
        MethodReport::new(engine, *self)
    }

    fn is_calibrated(&self, engine: &EngineInfo) -> bool {
        engine.calibrated
    }

    async fn score(&self, engine: &Engine, crop: &AlignedCrop) -> Result<Score, EngineError> {
        engine.score_crop(crop, *self).await
    }

    async fn score_and_cover(&self, engine: &Engine, crop: &AlignedCrop) -> Result<(Score, Option<Cover>), EngineError> {
        engine.score_and_cover(crop, *self).await
    }
}

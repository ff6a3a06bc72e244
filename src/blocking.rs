//! The engine on the CPU, for programs without an executor: the calls of [`Engine`](crate::Engine) that wait for nothing but the CPU, as
//! plain functions.
use pollster::block_on;

use crate::{
    BackendChoice, EngineError, EngineInfo, Faces, ModelFiles, Score, ScoredFace,
    face::{AlignedCrop, Face},
    frame::Frame,
    score::Method,
};

/// Recogniser and detector on the CPU, loaded and ready. Threads can share it.
///
/// # Example
/// ```
/// use serfiq::{Faces, blocking::Engine, example, score::Method};
///
/// let engine = Engine::load(example::files())?;
/// let scored = engine.score(&example::frame(), Faces::All, Method::MonteCarlo { passes: 100, seed: 0 })?;
/// let score = scored[0].score.ok_or("every face is scored")?;
/// assert!(score.raw > 0.0 && score.raw <= 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Engine(crate::Engine);

impl Engine {
    /// Loads both models.
    ///
    /// # Errors
    /// As [`Engine::load`](crate::Engine::load), but for what a GPU may lack.
    pub fn load(files: ModelFiles<'_>) -> Result<Self, EngineError> {
        block_on(crate::Engine::load(files, BackendChoice::Cpu)).map(Self)
    }

    /// What the engine runs.
    pub fn info(&self) -> EngineInfo {
        self.0.info()
    }

    /// As [`Engine::set_dropout`](crate::Engine::set_dropout).
    ///
    /// # Errors
    /// A p that is not between 0 and 1.
    pub fn set_dropout(&mut self, p: f64) -> Result<(), EngineError> {
        self.0.set_dropout(p)
    }

    /// As [`Engine::detect`](crate::Engine::detect).
    ///
    /// # Errors
    /// Outputs of the detector that make no sense.
    pub fn detect(&self, frame: &Frame, long_side: u32) -> Result<Vec<Face>, EngineError> {
        block_on(self.0.detect(frame, long_side))
    }

    /// As [`Engine::score`](crate::Engine::score).
    ///
    /// # Errors
    /// A method that the recogniser does not have; a result that is not a number.
    pub fn score(&self, frame: &Frame, which: Faces, method: Method) -> Result<Vec<ScoredFace>, EngineError> {
        block_on(self.0.score(frame, which, method))
    }

    /// As [`Engine::score_crop`](crate::Engine::score_crop).
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn score_crop(&self, crop: &AlignedCrop, method: Method) -> Result<Score, EngineError> {
        block_on(self.0.score_crop(crop, method))
    }

    /// As [`Engine::embed`](crate::Engine::embed).
    ///
    /// # Errors
    /// An embedding with a value that is not finite.
    pub fn embed(&self, crop: &AlignedCrop) -> Result<Vec<f32>, EngineError> {
        block_on(self.0.embed(crop))
    }
}

//! The engine on the CPU, for programs without an executor: the calls of [`Engine`](crate::Engine) that need only the CPU, as plain
//! functions.
use pollster::block_on;

use serfiq_score::Method;

use crate::{
    Assessment, BackendChoice, EngineError, EngineInfo, ModelFiles, Quality, Score,
    face::{AlignedCrop, Face},
    frame::Frame,
    guide::Settings,
};

/// Recogniser and detector on the CPU, loaded and ready. Can be shared between threads.
///
/// # Example
/// ```
/// use serfiq::{blocking::Engine, example, guide::Settings, score::Method};
///
/// let engine = Engine::load(example::files())?;
/// let assessment = engine.assess(&example::frame(), &Method::MonteCarlo { passes: 100, seed: 0 }, &Settings::of_photo())?;
/// let raw = assessment.faces[0].raw.ok_or("every face is scored")?;
/// assert!(raw > 0.0 && raw <= 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Engine(crate::Engine);

impl Engine {
    /// Loads both models.
    ///
    /// # Errors
    /// As [`Engine::load`](crate::Engine::load), except those of a GPU.
    pub fn load(files: ModelFiles<'_>) -> Result<Self, EngineError> {
        block_on(crate::Engine::load(files, BackendChoice::Cpu)).map(Self)
    }

    /// What the engine runs on.
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
    /// Detector outputs of the wrong length or not finite.
    pub fn detect(&self, frame: &Frame, long_side: u32) -> Result<Vec<Face>, EngineError> {
        block_on(self.0.detect(frame, long_side))
    }

    /// As [`Engine::assess`](crate::Engine::assess).
    ///
    /// # Errors
    /// A method that the recogniser lacks; a result that is not a number.
    pub fn assess(&self, frame: &Frame, quality: &impl Quality, settings: &Settings) -> Result<Assessment, EngineError> {
        block_on(self.0.assess(frame, quality, settings))
    }

    /// As [`Engine::assess_crop`](crate::Engine::assess_crop).
    ///
    /// # Errors
    /// As [`assess`](Self::assess).
    pub fn assess_crop(
        &self,
        crop: &AlignedCrop,
        quality: &impl Quality,
        settings: &Settings,
    ) -> Result<Assessment, EngineError> {
        block_on(self.0.assess_crop(crop, quality, settings))
    }

    /// As [`Engine::score_crop`](crate::Engine::score_crop).
    ///
    /// # Errors
    /// As [`assess`](Self::assess).
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

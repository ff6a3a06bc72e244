use std::path::{Path, PathBuf};

use serfiq::face::AlignedCrop;
use serfiq::report::MethodReport;
use serfiq::{Engine, EngineError, EngineInfo, Quality, Score};
use serfiq_on_top::{FileError, OnTopModel};

/// A trained on-top network, and how it scores.
pub struct Scorer {
    pub model: OnTopModel,
    pub passes: u32,
    pub seed: u64,
    /// File of the on-top network.
    path: PathBuf,
}

/// Why an on-top network cannot score.
#[derive(Debug, thiserror::Error)]
pub enum ScorerError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "{} was trained for the recogniser {trained}, and cannot score embeddings of {found}; use those of {trained}, or \
         train an on-top network for {found}",
        path.display()
    )]
    Recogniser { path: PathBuf, trained: String, found: String },
    #[error("{} scores embeddings of {expected} values, as {trained} makes them; found embeddings of {found}", path.display())]
    Dimension { path: PathBuf, trained: String, expected: usize, found: usize },
}

impl Scorer {
    pub fn load(path: &Path, passes: u32, seed: u64) -> Result<Self, ScorerError> {
        Ok(Self { model: OnTopModel::load(path)?, passes, seed, path: path.into() })
    }

    /// Checks that the on-top network was trained for this recogniser. It cannot score other embeddings.
    pub fn check_recogniser(&self, name: &str) -> Result<(), ScorerError> {
        let trained = &self.model.recogniser;
        if name != trained {
            return Err(ScorerError::Recogniser { path: self.path.clone(), trained: trained.clone(), found: name.into() });
        }
        Ok(())
    }

    pub fn check_dimension(&self, found: usize) -> Result<(), ScorerError> {
        let (expected, trained) = (self.model.network.dimension(), self.model.recogniser.clone());
        if found != expected {
            return Err(ScorerError::Dimension { path: self.path.clone(), trained, expected, found });
        }
        Ok(())
    }

    /// Describes how scores are made. `model_sha256` is that of the recogniser's file.
    pub fn method(&self, model_sha256: Option<String>) -> MethodReport {
        MethodReport {
            model: self.model.recogniser.clone(),
            model_sha256,
            on_top: Some(self.model.fingerprint()),
            method: "on_top_mc",
            passes: Some(self.passes),
            seed: Some(self.seed),
            dropout: self.model.network.dropout(),
        }
    }

    pub fn score_embedding(&self, embedding: &[f32]) -> Result<Score, EngineError> {
        let robustness = self.model.network.score(embedding, self.passes, self.seed);
        robustness.map(Score::from).map_err(|error| EngineError::Quality(error.into()))
    }
}

impl Quality for Scorer {
    fn report(&self, engine: &EngineInfo) -> MethodReport {
        self.method(Some(engine.model_sha256.clone()))
    }

    fn is_calibrated(&self, _engine: &EngineInfo) -> bool {
        false
    }

    async fn score(&self, engine: &Engine, crop: &AlignedCrop) -> Result<Score, EngineError> {
        self.score_embedding(&engine.embed(crop).await?)
    }
}

use std::path::{Path, PathBuf};

use serfiq::score::Robustness;
use serfiq_on_top::{FileError, OnTopError, OnTopModel};

/// A trained head, and how it scores.
pub struct Scorer {
    pub model: OnTopModel,
    pub passes: u32,
    pub seed: u64,
    /// Where the head is from.
    path: PathBuf,
}

/// Why a head cannot score.
#[derive(Debug, thiserror::Error)]
pub enum ScorerError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "{} was trained for the recogniser {trained}, and scores no embeddings of {found}; take those of {trained}, or train a head \
         for {found}",
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

    /// Whether the head was trained for a recogniser; scores of other embeddings would mean nothing.
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

    pub fn score(&self, embedding: &[f32]) -> Result<Robustness, OnTopError> {
        self.model.network.score(embedding, self.passes, self.seed)
    }
}

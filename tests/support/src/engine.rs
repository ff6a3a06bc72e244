//! The engine, with the models fetched by `cargo xtask setup`.
use std::path::PathBuf;

use serfiq::{BackendChoice, Engine, EngineError, ModelCard, ModelFile, ModelFiles, models};

use crate::in_checkout;

/// The file of a model.
pub fn file(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask setup`", path.display()))
}

/// Where `cargo xtask setup` puts a built-in model's file.
pub fn path(name: &str) -> PathBuf {
    let card = models().iter().find(|card| card.name == name).unwrap();
    in_checkout("models/files").join(&card.file)
}

pub fn on_cpu() -> Engine {
    on(BackendChoice::Cpu).unwrap()
}

pub fn on(backend: BackendChoice) -> Result<Engine, EngineError> {
    let card = ModelCard::recogniser("sface").unwrap();
    let [recogniser, detector, mesh] = ["sface", "yunet", "face-mesh"].map(file);
    let landmarks = Some(ModelFile { card: ModelCard::landmarks(), bytes: &mesh });
    let files = ModelFiles { landmarks, ..with_detector(card, &recogniser, &detector) };
    pollster::block_on(Engine::load(files, backend))
}

/// A recogniser, with the project's own detector and no more.
pub fn with_detector<'a>(card: &'a ModelCard, recogniser: &'a [u8], detector: &'a [u8]) -> ModelFiles<'a> {
    ModelFiles {
        recogniser: ModelFile { card, bytes: recogniser },
        detector: ModelFile { card: ModelCard::detector(), bytes: detector },
        landmarks: None,
    }
}

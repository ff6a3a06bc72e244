//! The engine, with the models fetched by `cargo xtask setup`.
use serfiq::{BackendChoice, Engine, EngineError, ModelCard, ModelFile, ModelFiles, models};

use crate::in_checkout;

/// The ONNX file of a model.
pub fn file(name: &str) -> Vec<u8> {
    let card = models().iter().find(|card| card.name == name).unwrap();
    let path = in_checkout("models/files").join(&card.file);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask setup`", path.display()))
}

pub fn on_cpu() -> Engine {
    on(BackendChoice::Cpu).unwrap()
}

pub fn on(backend: BackendChoice) -> Result<Engine, EngineError> {
    let card = ModelCard::recogniser("sface").unwrap();
    pollster::block_on(Engine::load(with_detector(card, &file("sface"), &file("yunet")), backend))
}

/// A recogniser, with the project's own detector.
pub fn with_detector<'a>(card: &'a ModelCard, recogniser: &'a [u8], detector: &'a [u8]) -> ModelFiles<'a> {
    ModelFiles {
        recogniser: ModelFile { card, bytes: recogniser },
        detector: ModelFile { card: ModelCard::detector(), bytes: detector },
    }
}

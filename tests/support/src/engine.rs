//! The engine, with the models that `cargo xtask setup` fetches.
use serfiq::{BackendChoice, Engine, EngineError, ModelCard, ModelFiles, models};

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
    let files = ModelFiles { card, recogniser: &file("sface"), detector: &file("yunet") };
    pollster::block_on(Engine::load(files, backend))
}

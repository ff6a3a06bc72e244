use std::io;
use std::path::{Path, PathBuf};

use serfiq::{Engine, EngineError, ModelCard, ModelFiles, Role, models};

use crate::args::{EngineArgs, MethodArgs};

/// Why the engine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("there is no recogniser called {name:?}; this build has {}", known().join(", "))]
    UnknownModel { name: String },
    #[error("this build has no face detector; build it with models/yunet.toml")]
    NoDetector,
    #[error(
        "the model file {} cannot be read ({source}); run `cargo xtask setup`, or name its folder with --models-dir",
        path.display()
    )]
    Missing { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Reads the model files and starts the engine.
pub fn load(args: &EngineArgs) -> Result<Engine, LoadError> {
    let recogniser = of_role(Role::Recogniser)
        .find(|card| card.name == args.model)
        .ok_or_else(|| LoadError::UnknownModel { name: args.model.clone() })?;
    let detector = of_role(Role::Detector).next().ok_or(LoadError::NoDetector)?;

    let folder = args.models_dir.clone().unwrap_or_else(default_folder);
    let files =
        ModelFiles { name: recogniser.name, recogniser: &read(&folder, recogniser)?, detector: &read(&folder, detector)? };
    Ok(pollster::block_on(Engine::load(files, args.backend.into()))?)
}

/// The same, with the dropout that was asked for.
pub fn load_for(args: &EngineArgs, method: &MethodArgs) -> Result<Engine, LoadError> {
    let mut engine = load(args)?;
    if let Some(p) = method.dropout {
        engine.set_dropout(p)?;
    }
    Ok(engine)
}

fn of_role(role: Role) -> impl Iterator<Item = &'static ModelCard> {
    models().iter().filter(move |card| card.role == role)
}

fn known() -> Vec<&'static str> {
    of_role(Role::Recogniser).map(|card| card.name).collect()
}

fn read(folder: &Path, card: &ModelCard) -> Result<Vec<u8>, LoadError> {
    let path = folder.join(card.file);
    std::fs::read(&path).map_err(|source| LoadError::Missing { path, source })
}

/// An installed program has its models beside it; one that was built here and never moved has them in the source tree.
fn default_folder() -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("models")));
    beside
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join("files"))
}

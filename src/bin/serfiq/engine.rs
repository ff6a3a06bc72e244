use std::io;
use std::path::{Path, PathBuf};

use serfiq::{BackendChoice, Engine, EngineError, ModelCard, ModelFiles, Role, models};

use crate::args::{EngineArgs, MethodArgs, ModelArgs};
use crate::sources;

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
pub fn load(args: &ModelArgs, backend: BackendChoice) -> Result<Engine, LoadError> {
    let recogniser = recogniser(&args.name)?;
    let detector = of_role(Role::Detector).next().ok_or(LoadError::NoDetector)?;

    let folder = args.models_dir.clone().unwrap_or_else(default_folder);
    let files =
        ModelFiles { name: recogniser.name, recogniser: &read(&folder, recogniser)?, detector: &read(&folder, detector)? };
    Ok(pollster::block_on(Engine::load(files, backend))?)
}

/// The same, for scores: with the dropout that was asked for, and a word of caution where they say less than they seem to.
pub fn load_for(args: &EngineArgs, method: &MethodArgs) -> Result<Engine, LoadError> {
    let mut engine = load(&args.model, args.backend.into())?;
    if !engine.info().trained_with_dropout {
        eprintln!("serfiq: caution: {}", without_dropout(engine.info().model));
    }
    if let Some(p) = method.dropout {
        engine.set_dropout(p)?;
    }
    Ok(engine)
}

/// What to know of the scores of a recogniser that was never trained with dropout.
pub fn without_dropout(model: &str) -> String {
    format!(
        "the recogniser {model} was not trained with dropout, and its embeddings were not made to bear it. Its scores may follow \
         quality less closely; `serfiq edc` shows what they are worth"
    )
}

/// The card of a recogniser in this build.
pub fn recogniser(name: &str) -> Result<&'static ModelCard, LoadError> {
    of_role(Role::Recogniser).find(|card| card.name == name).ok_or_else(|| LoadError::UnknownModel { name: name.into() })
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
pub fn default_folder() -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("models")));
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(sources::built_model_files)
}

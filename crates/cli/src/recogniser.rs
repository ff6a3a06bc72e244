use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::PathBuf;

use pollster::block_on;
use serfiq::model::{ImportError, ModelError};
use serfiq::report::MethodReport;
use serfiq::score::Method;
use serfiq::{BackendChoice, Engine, EngineError, ModelCard, ModelFile, ModelFiles, Role, models};
use serfiq_reports::Computed;

use crate::args::{EngineArgs, MethodArgs, ModelArgs};
use crate::bundled;
use crate::own_file::{OwnFile, OwnFileError};
use crate::print;

/// Folder of the models in the checkout this program was built in.
const MODELS_OF_CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/files");

/// The requested recogniser, and its file.
pub enum Recogniser {
    /// A built-in one.
    BuiltIn { card: &'static ModelCard, file: Cow<'static, [u8]> },
    /// The user's own file.
    Own { card: Box<ModelCard>, file: OwnFile },
}

/// Why a recogniser cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(
        "there is no recogniser called {}, and no file of that name ({source}); expected {}, or the path of an ONNX or TFLite file",
        path.display(), known().join(" or ")
    )]
    Unknown { path: PathBuf, source: io::Error },
    #[error(
        "the model file {} cannot be read ({source}); this program was built without models. Use a released one, which contains them; or \
         name their folder with --models-dir; or, in a checkout, run `cargo xtask setup`",
        path.display()
    )]
    Missing { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Own(#[from] OwnFileError),
    /// The remedy, in one sentence.
    #[error("{0}")]
    Incomplete(String),
    #[error(
        "the recogniser {model} has no calibration, which the limit needs; use --method mc, or calibrate it: serfiq calibrate \
         --recogniser {argument} PICTURES"
    )]
    Uncalibrated { model: String, argument: String },
    #[error("{}: {source}", path.display())]
    Unusable { path: PathBuf, source: EngineError },
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Recogniser {
    /// Reads the named recogniser: a built-in one, or else a file.
    pub fn find(args: &ModelArgs) -> Result<Self, LoadError> {
        let name = &args.recogniser;
        if let Some(card) = name.to_str().and_then(ModelCard::recogniser) {
            return Ok(Self::BuiltIn { card, file: read(args, card)? });
        }
        let file = match OwnFile::read(name) {
            Err(OwnFileError::Read { path, source }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(LoadError::Unknown { path, source });
            }
            file => file?,
        };
        Ok(Self::Own { card: Box::new(file.model_card()?), file })
    }

    /// Describes it for a report, with the method by which it scored.
    pub fn computed(&self, method: MethodReport, backend: &'static str) -> Computed {
        let ModelCard { file, source, .. } = self.card().clone();
        Computed { method, backend, file, source }
    }

    pub fn card(&self) -> &ModelCard {
        match self {
            Self::BuiltIn { card, .. } => card,
            Self::Own { card, .. } => card,
        }
    }

    /// Returns the user's own file, if it is one.
    pub fn own_file(&self) -> Option<&OwnFile> {
        match self {
            Self::BuiltIn { .. } => None,
            Self::Own { file, .. } => Some(file),
        }
    }

    /// Returns its name on the command line.
    pub fn argument(&self) -> String {
        match self {
            Self::BuiltIn { card, .. } => card.name.clone(),
            Self::Own { file, .. } => file.argument(),
        }
    }

    /// Loads the engine with this recogniser.
    pub fn load(&self, args: &ModelArgs, backend: BackendChoice) -> Result<Engine, LoadError> {
        let recogniser: &[u8] = match self {
            Self::BuiltIn { file, .. } => file,
            Self::Own { file, .. } => &file.bytes,
        };
        let [detector, landmarks] = [ModelCard::detector(), ModelCard::landmarks()];
        let files = ModelFiles {
            recogniser: ModelFile { card: self.card(), bytes: recogniser },
            detector: ModelFile { card: detector, bytes: &read(args, detector)? },
            landmarks: Some(ModelFile { card: landmarks, bytes: &read(args, landmarks)? }),
        };
        block_on(Engine::load(files, backend)).map_err(|error| self.explain(error))
    }

    /// Like `load`, for scores: sets the requested dropout, and warns if the recogniser was trained without dropout.
    pub fn load_for_scores(&self, args: &EngineArgs, method: &MethodArgs) -> Result<Engine, LoadError> {
        let mut engine = self.load(&args.model, args.backend.into())?;
        let info = engine.info();
        if !info.calibrated && method.method.is_some_and(Method::needs_calibration) {
            return Err(LoadError::Uncalibrated { model: info.model, argument: self.argument() });
        }
        if !info.trained_with_dropout {
            print::problem(format_args!("caution: {}", without_dropout(&info.model)));
        }
        if let Some(p) = method.dropout {
            engine.set_dropout(p)?;
        }
        Ok(engine)
    }

    /// Rewords an error for the command line: names the file, and says how to supply what it lacks.
    fn explain(&self, error: EngineError) -> LoadError {
        let Self::Own { file, .. } = self else { return error.into() };
        let incomplete = || {
            let found = file.inspect(None).ok()?.recogniser.ok()?;
            let missing = file.missing(&found);
            missing.any().then(|| LoadError::Incomplete(file.advice(missing)))
        };
        match error {
            // This error names the file itself, which may be the detector's.
            EngineError::Model(ModelError::Import(ImportError::Hash(_))) => error.into(),
            EngineError::Model(ModelError::Normalisation { .. } | ModelError::Import(_)) => {
                incomplete().unwrap_or_else(|| LoadError::Unusable { path: file.path.clone(), source: error })
            }
            error => error.into(),
        }
    }
}

/// Returns the caution for a recogniser trained without dropout.
fn without_dropout(model: &str) -> String {
    format!(
        "the recogniser {model} was not trained with dropout, so its embeddings were never made robust to it. Its scores may \
         follow quality less closely; `serfiq edc` shows what they are worth"
    )
}

/// Returns the names of the built-in recognisers.
fn known() -> Vec<&'static str> {
    models().iter().filter(|card| card.role == Role::Recogniser).map(|card| card.name.as_str()).collect()
}

/// Returns the file of a model that comes with serfiq: from --models-dir, or else from inside this program, or else from the default
/// folder.
fn read(args: &ModelArgs, card: &ModelCard) -> Result<Cow<'static, [u8]>, LoadError> {
    let inside = bundled::model(&card.name).filter(|_| args.models_dir.is_none());
    if let Some(bytes) = inside {
        return Ok(bytes.into());
    }
    let path = args.models_dir.clone().unwrap_or_else(default_folder).join(&card.file);
    fs::read(&path).map(Cow::from).map_err(|source| LoadError::Missing { path, source })
}

/// Returns whether a model that comes with serfiq is here, without --models-dir.
pub fn is_here(card: &ModelCard) -> bool {
    bundled::model(&card.name).is_some() || default_folder().join(&card.file).is_file()
}

/// Returns the default folder of the models: beside an installed program, or else in the checkout it was built in.
fn default_folder() -> PathBuf {
    // Not beside a link to the program: some systems return the link.
    let program = std::env::current_exe().and_then(fs::canonicalize);
    let beside = program.ok().and_then(|program| Some(program.parent()?.join("models")));
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(|| MODELS_OF_CHECKOUT.into())
}

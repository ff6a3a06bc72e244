use std::path::{Path, PathBuf};

/// Where this program was built; its sources were there then.
const BUILT_IN: &str = env!("CARGO_MANIFEST_DIR");

/// The sources of this program.
#[derive(Debug)]
pub struct Sources {
    root: PathBuf,
}

/// There is nothing to write into or to build.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} does not hold the sources of serfiq: expected a checkout, with its folder models and its build.rs; name one with {option}",
    root.display()
)]
pub struct NoSources {
    root: PathBuf,
    option: &'static str,
}

impl Sources {
    /// Those in a folder, or else those that this program was built from. `option` is how to name others.
    pub fn find(given: Option<&Path>, option: &'static str) -> Result<Self, NoSources> {
        let root = given.map_or_else(|| BUILT_IN.into(), PathBuf::from);
        match root.join("models").is_dir() && root.join("build.rs").is_file() {
            true => Ok(Self { root }),
            false => Err(NoSources { root, option }),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Folder of the model cards.
    pub fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    /// The card of a model.
    pub fn card(&self, name: &str) -> PathBuf {
        self.models().join(format!("{name}.toml"))
    }
}

/// Folder of the ONNX files where this program was built.
pub fn built_model_files() -> PathBuf {
    Path::new(BUILT_IN).join("models").join("files")
}

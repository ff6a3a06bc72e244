//! The paths of everything.
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::command;

/// The folders of this checkout.
#[derive(Clone)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo, which alone knows all the ways to set a target folder.
    pub fn find() -> Result<Self> {
        // At run time: checkouts that share a target folder share one xtask, compiled in either.
        let xtask = env::var_os("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR is not set: run this as `cargo xtask`")?;
        let root = Path::new(&xtask)
            .parent()
            .context("the folder xtask/ has no parent: expected the root of the repository")?
            .to_path_buf();
        let metadata = command::output(
            Command::new(command::cargo()).args(["metadata", "--no-deps", "--format-version=1"]).current_dir(&root),
        )?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata).context("cargo metadata did not print JSON")?;
        let target = metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?;
        Ok(Self { root, target: target.into() })
    }

    /// The root of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The model cards.
    pub fn model_cards(&self) -> PathBuf {
        self.root.join("models")
    }

    /// The ONNX files, which git ignores.
    pub fn model_files(&self) -> PathBuf {
        self.root.join("models/files")
    }

    /// The Python package.
    pub fn python_package(&self) -> PathBuf {
        self.root.join("crates/python")
    }

    /// The tests of the Python wheel.
    pub fn python_tests(&self) -> PathBuf {
        self.root.join("tests/python")
    }

    /// The page's own files.
    pub fn site(&self) -> PathBuf {
        self.root.join("www/site")
    }

    /// The npm package's own files.
    pub fn package(&self) -> PathBuf {
        self.root.join("www/package")
    }

    /// What a web server hosts.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The browser tests, a Node package.
    pub fn browser_tests(&self) -> PathBuf {
        self.root.join("tests/browser")
    }

    /// The projects built with the npm package.
    pub fn consumer_tests(&self) -> PathBuf {
        self.root.join("tests/consumers")
    }

    /// The tests of the engines that drive the command line, in Python.
    pub fn engine_tests(&self) -> PathBuf {
        self.root.join("tests/many-machines")
    }

    /// The list of test pictures.
    pub fn portrait_list(&self) -> PathBuf {
        self.root.join("tests/portraits.toml")
    }

    /// The npm package's reference.
    pub fn api_docs(&self) -> PathBuf {
        self.root.join("docs/api")
    }

    /// The folder of native builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The command line, as built by the native tests.
    pub fn native_program(&self) -> Result<PathBuf> {
        let program = self.target.join("debug").join(format!("serfiq{}", env::consts::EXE_SUFFIX));
        if !program.exists() {
            bail!("{} is missing: expected the native tests to have built it", program.display());
        }
        Ok(program)
    }

    /// The folder of builds for the browser: a separate one, as the compiler may differ.
    pub fn web_target(&self) -> PathBuf {
        self.target.join("web")
    }

    /// The npm package's folder to be packed.
    pub fn npm_package(&self) -> PathBuf {
        self.web_target().join("npm/package")
    }

    /// The packed npm package.
    pub fn npm_archives(&self) -> PathBuf {
        self.web_target().join("npm/archives")
    }

    /// The archives of the command line, one per system.
    pub fn program_archives(&self) -> PathBuf {
        self.target.join("archives")
    }

    /// Everything to be published, and nothing else.
    pub fn release_files(&self) -> PathBuf {
        self.target.join("release-files")
    }

    /// Archives as downloaded from the package registry.
    pub fn downloads(&self) -> PathBuf {
        self.target.join("downloads")
    }

    /// The card of the recogniser that only the tests use.
    pub fn test_recogniser_cards(&self) -> PathBuf {
        self.root.join("tests/recognisers")
    }

    /// Its file, and those of other networks that only the tests read.
    pub fn test_recognisers(&self) -> PathBuf {
        self.target.join("recognisers")
    }

    /// Test pictures.
    pub fn portraits(&self) -> PathBuf {
        self.target.join("portraits")
    }

    /// Fake camera videos.
    pub fn camera(&self) -> PathBuf {
        self.target.join("camera")
    }
}

/// Writes a file whole or not at all, creating its folder; returns `true` unless it already had these contents.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(false);
    }
    let write = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        // Opened like any new file: those of `tempfile` are private.
        let open = |path: &Path| fs::File::options().write(true).create_new(true).open(path);
        let mut file = tempfile::Builder::new().make_in(folder, open)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    write().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file");
        assert!(write_if_changed(&path, b"one").unwrap());
        assert!(!write_if_changed(&path, b"one").unwrap());
        assert!(write_if_changed(&path, b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
    }
}

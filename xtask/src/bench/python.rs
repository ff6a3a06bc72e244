//! The contenders written in Python, and their packages.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::Folders;
use crate::{command, pip, prerequisites};

/// An interpreter that finds the pinned packages.
pub struct Python {
    program: &'static str,
    packages: PathBuf,
    scripts: PathBuf,
}

impl Python {
    pub fn install(folders: &Folders) -> Result<Self> {
        let program = prerequisites::python_with_pip()?;
        let packages = folders.data.join("python");
        pip::install("python", &folders.scripts.join("requirements.txt"), &packages, program)?;
        Ok(Self { program, packages, scripts: folders.scripts.clone() })
    }

    /// Returns a command that runs one of the bench's scripts with a wheel, as its file is.
    pub fn script_with(&self, wheel: &Path, name: &str) -> Result<Command> {
        let folder = self.packages.with_file_name("wheel");
        if folder.is_dir() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot delete {}", folder.display()))?;
        }
        let mut pip = Command::new(self.program);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(&folder).arg(wheel);
        command::output(&mut pip)?;
        let mut script = self.script(name);
        script.env("PYTHONPATH", env::join_paths([&folder, &self.packages]).context("a path has a separator of paths in it")?);
        Ok(script)
    }

    /// Returns a command that runs one of the bench's scripts.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.program);
        command.arg(self.scripts.join(name)).env("PYTHONPATH", &self.packages);
        command
    }
}

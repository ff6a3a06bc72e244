//! The contenders written in Python, and their packages.
use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::Folders;
use crate::{pip, prerequisites};

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

    /// Returns a command that runs one of the bench's scripts.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.program);
        command.arg(self.scripts.join(name)).env("PYTHONPATH", &self.packages);
        command
    }
}

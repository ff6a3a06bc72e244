//! Pinned Python packages, in folders of their own.
use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{command, step::Step, workspace};

/// Ensures that `folder` holds exactly the packages that `list` pins. Python finds them there through `PYTHONPATH`.
pub fn install(name: &'static str, list: &Path, folder: &Path, python: &str) -> Result<()> {
    let step = Step::start(name);
    let wanted = fs::read(list).with_context(|| format!("cannot read {}", list.display()))?;
    let stamp = folder.join("installed.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        step.done("up to date");
        return Ok(());
    }
    step.say("pip install");
    if folder.is_dir() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--target"]).arg(folder);
    command::output(pip.arg("--requirement").arg(list))?;
    workspace::write_if_changed(&stamp, &wanted)?;
    step.done("installed");
    Ok(())
}

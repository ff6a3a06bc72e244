//! The command line as an archive: one program with the models inside, completions, manual pages, and licences.
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{cross, pack, target::Target, try_out};
use crate::{
    command,
    credits::{self, Compiled},
    models,
    step::Step,
    web_build,
    workspace::{self, Workspace},
};

/// The features of the released program. Without WebGPU, which would more than double its build.
const FEATURES: &str = "--features=bundled-models";

/// Builds the archive of a target that this machine can build for, tries it out, and returns its path.
pub fn make(workspace: &Workspace, target: &Target) -> Result<PathBuf> {
    let program = build(workspace, target)?;
    let step = Step::start("archive");
    let made = workspace.program_archives().join(target.folder());
    write_shell_files(workspace, &made)?;
    write_credits(workspace, target, &made)?;
    let mut files = BTreeMap::new();
    web_build::add_folder(&mut files, &made, Path::new(""))?;
    files.insert(target.program().into(), program);
    files.insert("README.md".into(), workspace.root().join("xtask/src/release/archive.md"));
    for name in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        files.insert(name.into(), workspace.root().join(name));
    }
    web_build::add_folder(&mut files, &workspace.package().join("licences"), Path::new("licences"))?;
    let archive = workspace.program_archives().join(target.archive());
    let bytes = pack::pack(target, &files)?;
    workspace::write_if_changed(&archive, &bytes)?;
    step.done(format_args!("{}: {} files, {:.1} MB", archive.display(), files.len(), bytes.len() as f64 / 1e6));
    try_out::check(workspace, target, &archive)?;
    Ok(archive)
}

/// Packs the program of the native tests, with the models beside it.
pub fn pack_unreleased(workspace: &Workspace, target: &Target) -> Result<PathBuf> {
    let mut files = BTreeMap::from([(target.program().into(), workspace.native_program()?)]);
    web_build::add_folder(&mut files, &workspace.model_files(), Path::new("models"))?;
    let archive = workspace.target().join("many-machines-archive").join(target.archive());
    workspace::write_if_changed(&archive, &pack::pack(target, &files)?)?;
    Ok(archive)
}

/// Compiles the program; returns its path.
fn build(workspace: &Workspace, target: &Target) -> Result<PathBuf> {
    let mut cargo = Command::new(command::cargo());
    cargo.args(["build", "--release", "--locked", "--package=serfiq-cli", FEATURES]).current_dir(workspace.root());
    // A folder of its own: compiling for another system takes long, and would block all other builds.
    let built = match target.is_this_machine() {
        true => workspace.target().to_path_buf(),
        false => {
            cross::find_or_install()?;
            cross::compile_for(&mut cargo)?;
            workspace.target().join("cross")
        }
    };
    cargo.arg("--target-dir").arg(&built);
    let step = Step::start("program");
    step.say(command::describe(&cargo));
    command::run(&mut cargo)?;
    step.done(target.triple);
    let folder = if target.is_this_machine() { built.join("release") } else { built.join(target.triple).join("release") };
    Ok(folder.join(target.program()))
}

/// What the program is compiled from.
pub fn compiled(target: &Target) -> Compiled<'static> {
    Compiled { packages: vec!["serfiq-cli"], triple: target.triple, introduction: "The program is compiled from these crates" }
}

/// Writes completions and manual pages.
fn write_shell_files(workspace: &Workspace, folder: &Path) -> Result<()> {
    if folder.is_dir() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    let mut cargo = Command::new(command::cargo());
    // With the features of the native tests, which have built nearly all of it.
    cargo.args(["run", "--quiet", "--package=serfiq-cli", command::ENGINE_PACKAGES, "--example=shell_files", "--"]);
    command::output(cargo.arg(folder).current_dir(workspace.root()))?;
    Ok(())
}

/// Writes who made what is inside the program, and the licences.
fn write_credits(workspace: &Workspace, target: &Target, folder: &Path) -> Result<()> {
    let models = models::load(&workspace.model_cards())?;
    let models = credits::models(&models, &workspace.package().join("licences"), "inside the program");
    for (name, text) in [("MODELS.txt", models), ("THIRD-PARTY.txt", credits::crates(workspace, &compiled(target))?)] {
        workspace::write_if_changed(&folder.join(name), text.as_bytes())?;
    }
    Ok(())
}

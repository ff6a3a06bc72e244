//! The Python wheel `serfiq`: the compiled engine, the models and their licences.
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    command,
    credits::{self, Compiled},
    models, pip, prerequisites,
    step::Step,
    web_build,
    workspace::{self, Workspace},
};

/// Builds the wheel for this machine; returns its path.
pub fn build(workspace: &Workspace) -> Result<PathBuf> {
    let package = workspace.python_package();
    lay_out(workspace, &package)?;
    let maturin = workspace.target().join("maturin");
    let python = prerequisites::python_with_pip()?;
    pip::install("maturin", &package.join("build-requirements.txt"), &maturin, python)?;

    let step = Step::start("wheel");
    let folder = workspace.target().join("wheels");
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    // Not `python -m maturin`, which looks for the program only where Python's own are.
    let mut command = Command::new(maturin.join("bin/maturin"));
    command.args(["build", "--locked", "--release", "--out"]).arg(&folder);
    command.arg("--manifest-path").arg(package.join("Cargo.toml")).arg("--target-dir").arg(workspace.target());
    command.current_dir(workspace.root());
    step.say("maturin build");
    command::run(&mut command)?;
    let wheel = only_file(&folder)?;
    step.done(format_args!("{}: {:.1} MB", wheel.display(), fs::metadata(&wheel)?.len() as f64 / 1e6));
    Ok(wheel)
}

/// Copies the models and the licences to where maturin collects them.
fn lay_out(workspace: &Workspace, package: &Path) -> Result<()> {
    let step = Step::start("wheel's files");
    let models = models::load(&workspace.model_cards())?;
    let files =
        models.iter().map(|model| (model.file_name().into(), workspace.model_files().join(model.file_name()))).collect();
    let mut changed = web_build::mirror(&files, &package.join("python/serfiq/models"))?;

    let texts = workspace.package().join("licences");
    let mut licences = BTreeMap::new();
    web_build::add_folder(&mut licences, &texts, Path::new(""))?;
    let made = workspace.target().join("python/credits");
    let compiled = Compiled {
        packages: vec!["serfiq-python"],
        triple: &host()?,
        introduction: "The compiled part, serfiq/_core, is compiled from these crates",
    };
    for (name, text) in [
        ("MODELS.txt", credits::models(&models, &texts, "files below serfiq/models/")),
        ("THIRD-PARTY.txt", credits::crates(workspace, &compiled)?),
    ] {
        workspace::write_if_changed(&made.join(name), text.as_bytes())?;
        licences.insert(name.into(), made.join(name));
    }
    changed += web_build::mirror(&licences, &package.join("licences"))?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let text = fs::read(workspace.root().join(name)).with_context(|| format!("cannot read {name}"))?;
        changed += usize::from(workspace::write_if_changed(&package.join(name), &text)?);
    }
    step.done(format_args!("{changed} files changed"));
    Ok(())
}

/// Returns rustc's name for this system.
fn host() -> Result<String> {
    let printed = command::output(Command::new("rustc").arg("-vV"))?;
    let host = printed.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).with_context(|| format!("`rustc -vV` names no host: {printed}"))
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    ensure!(files.len() == 1, "maturin made {} files in {}; expected one wheel", files.len(), folder.display());
    Ok(files[0].clone())
}

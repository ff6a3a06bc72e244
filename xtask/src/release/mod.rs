//! Everything to be published, built, checked and laid out in one folder. RELEASING.md is the way from there to the registries.
//!
//! | module | owns |
//! |---|---|
//! | `version` | the one version, and that every file repeats it |
//! | `changelog` | the section of the changelog |
//! | `target`, `cross` | the systems that archives are made for; compiling for ARM64 |
//! | `program`, `pack`, `try_out` | the archive of the command line: made, packed, and used as a stranger would |
//! | `bill` | the bill of materials |
//! | `checksums` | `SHA256SUMS` |
//! | `tools` | cargo's subcommands that only a release needs |
//! | `unfinished` | what only a person can do |
mod bill;
mod changelog;
mod checksums;
mod cross;
mod pack;
mod program;
mod target;
mod tools;
mod try_out;
mod unfinished;
mod version;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    forge_files, many_machines, npm_package, print, published, python_tests,
    step::Step,
    web_build,
    workspace::{self, Workspace},
};
use target::TARGETS;
pub use target::Target;

/// Builds and checks something that is published; returns its files.
type Make = fn(&Workspace) -> Result<Vec<PathBuf>>;

/// Everything that is published as files.
const ARTEFACTS: [Make; 4] = [programs, python, npm, bill::write];

/// Builds and checks everything. Refuses a release with anything unfinished; a dry run lists it at the end. `with` is a folder of archives
/// made on other systems.
pub fn run(workspace: &Workspace, with: Option<&Path>, dry_run: bool) -> Result<()> {
    let changes = changelog::section(&read(workspace, "CHANGELOG.md")?, version::VERSION)?;
    let mut unfinished = unfinished::list(workspace, &changes)?;
    if !dry_run && !unfinished.is_empty() {
        bail!("{}", unfinished::refusal(&unfinished));
    }
    version::check(workspace)?;
    forge_files::check(workspace)?;
    published::test(workspace)?;
    published::dry_run(workspace)?;
    check_interfaces(workspace)?;

    let folder = workspace.release_files();
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for make in ARTEFACTS {
        copy(&make(workspace)?, &folder)?;
    }
    if let Some(with) = with {
        copy(&archives_in(with)?, &folder)?;
    }
    workspace::write_if_changed(&folder.join("CHANGES.md"), changes.text.as_bytes())?;
    let step = Step::start("release");
    let files = checksums::write(&folder)?;
    step.done(format_args!("{files} files in {}", folder.display()));

    unfinished.extend(unfinished::missing_archives(&folder));
    if !dry_run && !unfinished.is_empty() {
        bail!("{}", unfinished::refusal(&unfinished));
    }
    print::message(unfinished::summary(&unfinished).trim_end());
    Ok(())
}

/// Builds and tries out the archive of the command line for one system: this machine's, or a named one.
pub fn archive(workspace: &Workspace, triple: Option<&str>) -> Result<PathBuf> {
    let target = match triple {
        None => Target::of_this_machine()?,
        Some(triple) => {
            let possible = || TARGETS.iter().filter(|target| target.is_this_machine() || cross::is_possible(target));
            possible().find(|target| target.triple == triple).with_context(|| {
                let names: Vec<_> = possible().map(|target| target.triple).collect();
                format!("no archive for {triple} can be made and tested on this machine; expected {}", names.join(" or "))
            })?
        }
    };
    program::make(workspace, target)
}

/// Returns an archive like the released one, but of a program that is there already, as the tests of the command line built it: the models lie
/// beside it, not inside. `None` if no archive is released for this system.
pub fn stand_in(workspace: &Workspace) -> Result<Option<PathBuf>> {
    Target::of_this_machine().ok().map(|target| program::pack_unreleased(workspace, target)).transpose()
}

/// Unpacks an archive for this machine below a folder; returns the path of the program.
pub fn unpack(archive: &Path, folder: &Path) -> Result<PathBuf> {
    let target = Target::of_this_machine()?;
    pack::unpack(target, archive, folder)?;
    Ok(folder.join(target.folder()).join(target.program()))
}

/// Makes every archive of the command line that this machine can make, and has engines drive the one for this machine.
fn programs(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let possible = TARGETS.iter().filter(|target| target.is_this_machine() || cross::is_possible(target));
    let mut archives = Vec::new();
    for target in possible {
        let archive = program::make(workspace, target)?;
        if target.is_this_machine() {
            many_machines::test(workspace, &archive)?;
        }
        archives.push(archive);
    }
    Ok(archives)
}

/// Builds the wheel, and compares it with the released program.
fn python(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let program = workspace.target().join("release").join(Target::of_this_machine()?.program());
    Ok(vec![python_tests::test(workspace, &program)?])
}

fn npm(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    web_build::build(workspace)?;
    Ok(vec![npm_package::pack(workspace)?])
}

/// Compares the public interfaces of the crates with those of the last release, once there is one.
fn check_interfaces(workspace: &Workspace) -> Result<()> {
    let Some(tag) = unfinished::last_release(workspace)? else {
        Step::start("interfaces").done("nothing to compare with before the second release");
        return Ok(());
    };
    published::check_interfaces(tools::cargo(workspace, "semver-checks", "0.51.0")?, &tag)
}

/// Returns the archives of the command line in a folder, and the wheels beside them.
fn archives_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<_> = TARGETS.iter().map(|target| folder.join(target.archive())).filter(|path| path.is_file()).collect();
    if found.is_empty() {
        bail!(
            "{} has no archive of version {}; expected files such as {}",
            folder.display(),
            version::VERSION,
            TARGETS[3].archive()
        );
    }
    let wheel = format!("serfiq-{}-", version::VERSION);
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&wheel) && name.ends_with(".whl") {
            found.push(path);
        }
    }
    Ok(found)
}

fn copy(files: &[PathBuf], folder: &Path) -> Result<()> {
    for file in files {
        let to = folder.join(file.file_name().unwrap_or_default());
        fs::copy(file, &to).with_context(|| format!("cannot copy {} to {}", file.display(), to.display()))?;
    }
    Ok(())
}

fn read(workspace: &Workspace, path: &str) -> Result<String> {
    fs::read_to_string(workspace.root().join(path)).with_context(|| format!("cannot read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_of_another_version_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("serfiq-0.0.1-aarch64-apple-darwin.tar.gz"), "old").unwrap();
        let error = archives_in(folder.path()).unwrap_err().to_string();
        assert!(error.contains("expected files such as serfiq-"), "{error}");
        fs::write(folder.path().join(TARGETS[3].archive()), "new").unwrap();
        assert_eq!(archives_in(folder.path()).unwrap(), [folder.path().join(TARGETS[3].archive())]);
        let wheel = format!("serfiq-{}-cp310-abi3-win_amd64.whl", version::VERSION);
        fs::write(folder.path().join("serfiq-0.0.1-cp310-abi3-win_amd64.whl"), "old").unwrap();
        fs::write(folder.path().join(&wheel), "new").unwrap();
        assert_eq!(archives_in(folder.path()).unwrap()[1..], [folder.path().join(wheel)]);
    }

    #[test]
    fn an_archive_that_cannot_be_tested_here_is_refused() {
        let workspace = Workspace::find().unwrap();
        let error = archive(&workspace, Some("riscv64gc-unknown-linux-gnu")).unwrap_err().to_string();
        assert!(error.contains("riscv64gc") && error.contains("expected"), "{error}");
    }
}

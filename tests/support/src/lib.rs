//! Helpers shared by the tests of several packages.
#![allow(missing_docs, reason = "only tests call it, and they show what for")]

use std::path::{Path, PathBuf};

pub mod covers;
pub mod degrade;
pub mod engine;
pub mod portraits;
pub mod reference;
pub mod relief;
pub mod turns;

/// A file of this checkout.
pub fn in_checkout(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

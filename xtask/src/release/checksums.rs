//! `SHA256SUMS`, as `sha256sum --check` reads it.
use std::{fmt::Write, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serfiq_network::verify;

use crate::workspace;

const FILE: &str = "SHA256SUMS";

/// Writes the checksums of all files in a folder; returns how many there are.
pub fn write(folder: &Path) -> Result<usize> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry.with_context(|| format!("cannot read {}", folder.display()))?.file_name();
        names.extend(name.into_string().ok().filter(|name| name != FILE));
    }
    names.sort();
    ensure!(!names.is_empty(), "there is nothing to publish in {}", folder.display());
    let mut text = String::new();
    for name in &names {
        let path = folder.join(name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}  {name}", verify::sha256(&bytes));
    }
    workspace::write_if_changed(&folder.join(FILE), text.as_bytes())?;
    Ok(names.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_but_the_list_has_a_checksum() {
        let folder = tempfile::tempdir().unwrap();
        for (name, contents) in [("b.tgz", "b"), ("a.zip", "a")] {
            fs::write(folder.path().join(name), contents).unwrap();
        }
        for _ in 0..2 {
            assert_eq!(write(folder.path()).unwrap(), 2);
        }
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        let expected = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.zip\n\
                        3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  b.tgz\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn an_empty_folder_is_refused() {
        assert!(write(tempfile::tempdir().unwrap().path()).is_err());
    }
}

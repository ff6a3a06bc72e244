//! The one version of everything: `workspace.package.version` in Cargo.toml. All other files repeat it.
use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;

/// The version of everything.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Checks the version in every file that repeats it.
pub fn check(workspace: &Workspace) -> Result<()> {
    for (path, found) in [
        ("www/package/package.json", npm as fn(&str) -> Option<String>),
        ("CITATION.cff", citation),
        ("docs/many-machines.md", archive),
        ("docs/many-machines/score_with_spark.py", archive),
    ] {
        let text = fs::read_to_string(workspace.root().join(path)).with_context(|| format!("cannot read {path}"))?;
        let Some(found) = found(&text) else { bail!("{path} names no version; expected {VERSION}, the version in Cargo.toml") };
        ensure!(found == VERSION, "{path} has the version {found}; expected {VERSION}, the version in Cargo.toml");
    }
    Ok(())
}

fn npm(manifest: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(manifest).ok()?;
    Some(manifest["version"].as_str()?.into())
}

fn citation(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix("version: ")).map(Into::into)
}

/// The version in a command that names an archive once, as `release=serfiq-1.2.3-x86_64-unknown-linux-gnu`.
fn archive(text: &str) -> Option<String> {
    let name = text.lines().find_map(|line| line.trim().strip_prefix("release=serfiq-"))?;
    Some(name.split_once('-')?.0.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_has_the_version_of_the_workspace() {
        check(&Workspace::find().unwrap()).unwrap();
    }

    #[test]
    fn a_version_is_read_from_each_kind_of_file() {
        assert_eq!(npm(r#"{ "name": "serfiq", "version": "1.2.3" }"#).as_deref(), Some("1.2.3"));
        assert_eq!(citation("cff-version: 1.2.0\nversion: 1.2.3\n").as_deref(), Some("1.2.3"));
        assert_eq!(archive("    release=serfiq-1.2.3-x86_64-unknown-linux-gnu\n").as_deref(), Some("1.2.3"));
        assert_eq!(archive("release=serfiq"), None);
        assert_eq!((npm("{}"), npm("no JSON"), citation("cff-version: 1.2.0\n")), (None, None, None));
    }
}

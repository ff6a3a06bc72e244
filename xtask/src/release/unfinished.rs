//! What only a person can do, and what a release still lacks.
use std::{fmt::Write, path::Path, process::Command};

use anyhow::Result;

use super::{changelog::Section, target::TARGETS, version::VERSION};
use crate::{command, workspace::Workspace};

/// What no command here can do, whatever the state of the repository.
const FOR_A_PERSON: [&str; 3] = [
    "once: reserve the names at the registries, and let the workflow `release.yml` publish there (RELEASING.md, Accounts)",
    "push the tag; the workflow builds the archives for macOS and Windows, which nobody has run before the first release",
    "look at the files that the workflow made, then approve its environment `release`: that publishes",
];

/// Returns what must be done before this version can be released.
pub fn list(workspace: &Workspace, changes: &Section) -> Result<Vec<String>> {
    let git = |arguments: &[&str]| command::output(Command::new("git").args(arguments).current_dir(workspace.root()));
    let mut list = in_files(&super::read(workspace, "Cargo.toml")?, changes);
    if !git(&["status", "--porcelain"])?.trim().is_empty() {
        list.push("commit all changes: `git status` lists some".into());
    }
    let tag = format!("v{VERSION}");
    if !git(&["tag", "--points-at", "HEAD"])?.lines().any(|line| line == tag) {
        list.push(format!("tag this commit: `git tag --sign {tag}`"));
    }
    Ok(list)
}

fn in_files(manifest: &str, changes: &Section) -> Vec<String> {
    let mut list = Vec::new();
    if manifest.lines().any(|line| line.starts_with("repository = ") && line.contains(".invalid/")) {
        list.push("set the repository's address in Cargo.toml and www/package/package.json, in place of the one that ends in .invalid".into());
    }
    if !changes.is_named {
        list.push(format!("in CHANGELOG.md, rename `## Unreleased` to `## {VERSION}`, with the date"));
    }
    list
}

/// Returns the archives of the command line that are not in a folder.
pub fn missing_archives(folder: &Path) -> Vec<String> {
    let missing = TARGETS.iter().filter(|target| !folder.join(target.archive()).is_file());
    missing.map(|target| format!("{} is missing: made on that system by `cargo xtask archive`", target.archive())).collect()
}

/// Returns the tag of the last release before this version.
pub fn last_release(workspace: &Workspace) -> Result<Option<String>> {
    let tags = command::output(
        Command::new("git").args(["tag", "--list", "v*", "--sort=-version:refname"]).current_dir(workspace.root()),
    )?;
    Ok(before(&tags, VERSION))
}

fn before(tags: &str, version: &str) -> Option<String> {
    let mut versions = tags.lines().filter(|tag| tag.strip_prefix('v').is_some_and(|tag| semver::Version::parse(tag).is_ok()));
    versions.find(|tag| tag.strip_prefix('v') != Some(version)).map(Into::into)
}

/// Returns why a release is refused.
pub fn refusal(unfinished: &[String]) -> String {
    format!(
        "version {VERSION} cannot be released yet:\n{}`cargo xtask release --dry-run` builds it nevertheless",
        lines(unfinished)
    )
}

/// Returns what is left, for the end of a run.
pub fn summary(unfinished: &[String]) -> String {
    let mut text = String::new();
    if !unfinished.is_empty() {
        let _ = write!(text, "Before version {VERSION} can be released:\n{}", lines(unfinished));
    }
    let people = FOR_A_PERSON.map(String::from);
    let _ = write!(text, "For a person:\n{}", lines(&people));
    text
}

fn lines(items: &[String]) -> String {
    items.iter().map(|item| format!("  - {item}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_and_an_unnamed_section_are_unfinished() {
        let section = |is_named| Section { text: "- new\n".into(), is_named };
        let placeholder = "[workspace.package]\nrepository = \"https://serfiq.invalid/repository\"\n";
        assert_eq!(in_files(placeholder, &section(false)).len(), 2);
        assert_eq!(in_files("repository = \"https://example.org/serfiq\"\n", &section(true)), Vec::<String>::new());
    }

    #[test]
    fn every_missing_archive_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(missing_archives(folder.path()).len(), TARGETS.len());
        std::fs::write(folder.path().join(TARGETS[0].archive()), "").unwrap();
        let missing = missing_archives(folder.path());
        assert!(missing.len() == TARGETS.len() - 1 && missing[0].contains(TARGETS[1].triple), "{missing:?}");
    }

    #[test]
    fn the_last_release_is_the_one_before_this_version() {
        assert_eq!(before("", "1.0.0"), None);
        assert_eq!(before("v1.0.0\n", "1.0.0"), None, "this version's own tag");
        assert_eq!(before("vendor\nv1.1.0\nv1.0.0\n", "1.1.0").as_deref(), Some("v1.0.0"));
        assert_eq!(before("v1.0.0\nv0.9.0\n", "1.1.0").as_deref(), Some("v1.0.0"));
    }

    #[test]
    fn what_is_left_is_said_in_lines() {
        let text = summary(&["tag it".into()]);
        assert!(
            text.starts_with(&format!("Before version {VERSION} can be released:\n  - tag it\nFor a person:\n  - ")),
            "{text}"
        );
        assert!(refusal(&["tag it".into()]).contains("  - tag it\n"));
        assert!(summary(&[]).starts_with("For a person"));
    }
}

//! The changelog's section of one version, for the page of the release.
use anyhow::{Result, bail};

/// The heading of changes that no version has yet.
const UNRELEASED: &str = "Unreleased";

/// The changes of a version.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    pub text: String,
    /// Whether its heading is the version, and not `Unreleased`.
    pub is_named: bool,
}

/// Returns the section `## VERSION`, with or without a date behind it, or else `## Unreleased`.
pub fn section(changelog: &str, version: &str) -> Result<Section> {
    for (heading, is_named) in [(version, true), (UNRELEASED, false)] {
        let section = changelog
            .split("\n## ")
            .skip(1)
            .find(|section| section.split_whitespace().next().map(|word| word.trim_end_matches(',')) == Some(heading));
        let Some((_, text)) = section.and_then(|section| section.split_once('\n')) else { continue };
        if text.trim().is_empty() {
            bail!("CHANGELOG.md: the section `## {heading}` is empty; expected one line for each change that users see");
        }
        return Ok(Section { text: format!("{}\n", text.trim()), is_named });
    }
    bail!(
        "CHANGELOG.md has no section `## {version}` and no `## {UNRELEASED}`; add one, with a line for each change that users see"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_changelog_has_a_section_for_the_next_release() {
        section(include_str!("../../../CHANGELOG.md"), env!("CARGO_PKG_VERSION")).unwrap();
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let changelog = "# Changelog\n\n## 1.10.0, 2026-12-01\n\n- new\n\n## 1.1.0\n\n- old\n- older\n";
        let found = |version| section(changelog, version).unwrap();
        assert_eq!(found("1.10.0"), Section { text: "- new\n".into(), is_named: true });
        assert_eq!(found("1.1.0").text, "- old\n- older\n");
        assert!(section(changelog, "1.1").is_err(), "the start of a version is another version");
    }

    #[test]
    fn changes_without_a_version_are_those_of_the_next() {
        let changelog = "# Changelog\n\n## Unreleased\n\n- new\n\n## 1.0.0\n\n- old\n";
        assert_eq!(section(changelog, "1.1.0").unwrap(), Section { text: "- new\n".into(), is_named: false });
        assert!(section(changelog, "1.0.0").unwrap().is_named);
    }

    #[test]
    fn an_empty_or_missing_section_is_refused() {
        for (changelog, words) in
            [("# Changelog\n\n## 1.0.0\n\n## 0.9.0\n\n- old\n", "is empty"), ("# Changelog\n", "no section")]
        {
            let error = section(changelog, "1.0.0").unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}

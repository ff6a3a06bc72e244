//! The browser engines other than Chromium's: Firefox, and WebKitGTK on a virtual display.
use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{apt, step::Step};

/// The environment variables that name Firefox and WebKit to the tests.
const VARIABLES: [&str; 2] = ["SERFIQ_FIREFOX", "SERFIQ_WEBKIT"];

/// Where Debian's WebKitGTK keeps the small browser that its driver starts: below a folder for the processor and one for the
/// version.
const LIBRARIES: &str = "/usr/lib";
const MINI_BROWSER: &str = "MiniBrowser";

/// Returns the environment variables that name the engines to the tests, installing Debian's packages if possible. Missing
/// engines are left out, and their tests report that.
pub fn find_or_install() -> Vec<(&'static str, PathBuf)> {
    let step = Step::start("other engines");
    let mut found = find();
    if found.len() < VARIABLES.len() && apt::available() {
        // Each on its own: not every system built on Debian has all of them.
        for packages in [&["firefox-esr"][..], &["webkit2gtk-driver", "xvfb"]] {
            step.say(format_args!("installing Debian's {}", packages.join(" and ")));
            if let Err(error) = apt::install(packages) {
                step.say(format_args!("{} cannot be installed: {error:#}", packages.join(" and ")));
            }
        }
        found = find();
    }
    let names: Vec<String> = found.iter().map(|(_, path)| path.display().to_string()).collect();
    step.done(if names.is_empty() { "none".into() } else { names.join(", ") });
    found
}

fn find() -> Vec<(&'static str, PathBuf)> {
    let firefox = ["firefox-esr", "firefox"].into_iter().find_map(|name| which::which(name).ok());
    let has_driver = ["WebKitWebDriver", "Xvfb"].iter().all(|name| which::which(name).is_ok());
    let webkit = has_driver.then(|| mini_browser(Path::new(LIBRARIES))).flatten();
    VARIABLES.into_iter().zip([firefox, webkit]).filter_map(|(variable, path)| Some((variable, path?))).collect()
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

//! The browser that the tests drive.
use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{apt, step::Step};

/// Programs on the path, then the locations used by the installers of macOS and Windows.
const NAMES: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

/// Returns the browser that `CHROME` names, else any installed Chrome or Chromium, else installs Debian's.
pub fn find_or_install() -> Result<PathBuf> {
    let step = Step::start("browser");
    if let Some(chosen) = env::var_os("CHROME") {
        let path = which::which(&chosen).with_context(|| {
            format!(
                "CHROME names {}, which is not a program; set it to the path of Chrome or Chromium",
                Path::new(&chosen).display()
            )
        })?;
        step.done(path.display());
        return Ok(path);
    }
    if let Some(path) = first_of(&NAMES) {
        step.done(path.display());
        return Ok(path);
    }
    if !apt::available() {
        bail!(
            "Chrome or Chromium is missing: the browser tests drive it. Install either \
             (Debian: `apt-get install chromium`), or set CHROME to its path"
        );
    }
    step.say("installing Debian's chromium");
    apt::install(&["chromium"])?;
    let path = first_of(&NAMES).context("Debian's chromium is installed, but `chromium` is not on the path")?;
    step.done(path.display());
    Ok(path)
}

fn first_of(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| which::which(name).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_program_that_is_there_is_taken() {
        assert_eq!(first_of(&["no-such-browser"]), None);
        assert!(first_of(&["no-such-browser", "cargo"]).is_some_and(|path| path.is_absolute()));
    }
}

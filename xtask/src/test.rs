//! The native tests, and the tests in a real browser.
use std::process::Command;

use anyhow::Result;

use crate::{
    browser, camera, command,
    npm::{self, npm},
    step::Step,
    workspace::Workspace,
};

/// Runs every native test. This builds the command line too, which the browser tests compare with.
pub fn native(workspace: &Workspace) -> Result<()> {
    let step = Step::start("native tests");
    for packages in command::ALL_PACKAGES {
        step.say(format_args!("cargo test {}", packages.join(" ")));
        let mut cargo = Command::new(command::cargo());
        cargo.arg("test").args(packages).current_dir(workspace.root());
        cargo.env("SERFIQ_PORTRAITS", workspace.portraits()).env("SERFIQ_RECOGNISERS", workspace.test_recognisers());
        command::run(&mut cargo)?;
    }
    step.done("passed");
    Ok(())
}

/// Runs the browser tests against `dist/`.
pub fn in_browser(workspace: &Workspace) -> Result<()> {
    let browser = browser::find_or_install()?;
    let videos = camera::record(workspace)?;
    npm::install(&workspace.browser_tests())?;
    let cli = workspace.native_program()?;
    let step = Step::start("browser tests");
    step.say("npm test");
    command::run(
        Command::new(npm()?)
            .arg("test")
            .current_dir(workspace.browser_tests())
            .env("SERFIQ_DIST", workspace.dist())
            .env("SERFIQ_CHROME", browser)
            .env("SERFIQ_CLI", cli)
            .env("SERFIQ_PORTRAITS", workspace.portraits())
            .env("SERFIQ_CAMERA_FACE", videos.face)
            .env("SERFIQ_CAMERA_TWO_FACES", videos.two_faces)
            .env("SERFIQ_CAMERA_EMPTY", videos.empty),
    )?;
    step.done("passed");
    Ok(())
}

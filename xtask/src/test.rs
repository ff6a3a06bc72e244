//! The native tests, and the tests in a real browser: of the page, and of projects built with the npm package.
use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    browser, camera, command, mesh,
    npm::{self, npm},
    software_adapter::SoftwareAdapter,
    step::Step,
    workspace::Workspace,
};

/// Runs every native test, the WebGPU ones on the browser's bundled adapter. Also builds the command line, which the browser tests compare
/// with.
pub fn native(workspace: &Workspace) -> Result<()> {
    // On other systems the tests find the system's own adapters, if any.
    let adapter = SoftwareAdapter::of(&browser::find_or_install()?).filter(|_| cfg!(target_os = "linux"));
    let step = Step::start("native tests");
    for packages in command::NATIVE_PACKAGES {
        step.say(format_args!("cargo test {}", packages.join(" ")));
        let mut cargo = Command::new(command::cargo());
        cargo.arg("test").args(packages).current_dir(workspace.root());
        cargo.env("SERFIQ_PORTRAITS", workspace.portraits()).env("SERFIQ_RECOGNISERS", workspace.test_recognisers());
        if let Some(adapter) = &adapter {
            cargo.envs(adapter.variables()).env("SERFIQ_ADAPTER_REQUIRED", "1");
        }
        command::run(&mut cargo)?;
    }
    step.done("passed");
    face_mesh(workspace)?;
    if cfg!(target_os = "linux") { half_floats(workspace) } else { Ok(()) }
}

/// Runs the TFLite reader's tests that need the face mesh's file.
fn face_mesh(workspace: &Workspace) -> Result<()> {
    let mesh = mesh::fetch(workspace)?;
    let step = Step::start("tests of the face mesh");
    let mut cargo = Command::new(command::cargo());
    // The same packages as above, so that nothing is compiled again.
    cargo.args(["test", command::ENGINE_PACKAGES, "--test", "tflite", "--", "--ignored"]);
    command::run(cargo.current_dir(workspace.root()).env("SERFIQ_MESH", mesh))?;
    step.done("passed");
    Ok(())
}

/// Runs the WebGPU tests again on an adapter with half floats, as most real ones have.
fn half_floats(workspace: &Workspace) -> Result<()> {
    let Some(adapter) = SoftwareAdapter::with_half_floats()? else { return Ok(()) };
    let step = Step::start("tests in half floats");
    for tests in [&["--lib", "model::gpu"][..], &["--test", "native", "webgpu"]] {
        step.say(format_args!("cargo test {}", tests.join(" ")));
        let mut cargo = Command::new(command::cargo());
        // The same packages as above, so that nothing is compiled again.
        cargo.args(["test", command::ENGINE_PACKAGES]).args(tests).current_dir(workspace.root());
        cargo.env("SERFIQ_PORTRAITS", workspace.portraits()).env("SERFIQ_RECOGNISERS", workspace.test_recognisers());
        cargo.envs(adapter.variables()).env("SERFIQ_ADAPTER_REQUIRED", "1").env("SERFIQ_HALF_FLOATS_REQUIRED", "1");
        command::run(&mut cargo)?;
    }
    step.done("passed");
    Ok(())
}

/// Runs the browser tests against `dist/`.
pub fn in_browser(workspace: &Workspace) -> Result<()> {
    let settings = settings(workspace)?;
    let step = Step::start("browser tests");
    step.say("npm test");
    command::run(Command::new(npm()?).arg("test").current_dir(workspace.browser_tests()).envs(settings))?;
    step.done("passed");
    Ok(())
}

/// Tests the projects that developers build with the npm package.
pub fn consumers(workspace: &Workspace, archive: &Path) -> Result<()> {
    let settings = settings(workspace)?;
    let step = Step::start("consumers");
    step.say("node --test");
    command::run(
        Command::new("node")
            .args(["--test", "--test-reporter=spec"])
            .current_dir(workspace.consumer_tests())
            .envs(settings)
            .env("SERFIQ_PACKAGE", archive)
            .env("SERFIQ_CONSUMERS", workspace.web_target().join("consumers")),
    )?;
    step.done("passed");
    Ok(())
}

/// Returns the environment of the browser tests, and prepares what they need.
fn settings(workspace: &Workspace) -> Result<[(&'static str, PathBuf); 8]> {
    let browser = browser::find_or_install()?;
    let videos = camera::record(workspace)?;
    npm::install(&workspace.browser_tests())?;
    Ok([
        ("SERFIQ_DIST", workspace.dist()),
        ("SERFIQ_CHROME", browser),
        ("SERFIQ_CLI", workspace.native_program()?),
        ("SERFIQ_PORTRAITS", workspace.portraits()),
        ("SERFIQ_RECOGNISERS", workspace.test_recognisers()),
        ("SERFIQ_CAMERA_FACE", videos.face),
        ("SERFIQ_CAMERA_TWO_FACES", videos.two_faces),
        ("SERFIQ_CAMERA_EMPTY", videos.empty),
    ])
}

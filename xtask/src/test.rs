//! The native tests, and the browser tests: of the page, and of projects built with the npm package.
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    browser, camera, command,
    npm::{self, npm},
    other_engines, skips,
    software_adapter::SoftwareAdapter,
    step::Step,
    workspace::Workspace,
};

/// Set in `.cargo/config.toml` for every command that cargo runs.
const SEED: &str = "PROPTEST_RNG_SEED";

/// The environment variable with the file in which the browser tests write what each browser can do.
const BROWSER_TABLE: &str = "SERFIQ_BROWSER_TABLE";

/// Runs every native test, the WebGPU ones on the browser's bundled adapter. Also builds the command line, because the browser
/// tests compare with it.
pub fn native(workspace: &Workspace) -> Result<()> {
    // On other systems the tests find any adapters of the system.
    let adapter = SoftwareAdapter::of(&browser::find_or_install()?).filter(|_| cfg!(target_os = "linux"));
    let step = Step::start("native tests");
    step.say(format_args!("property tests draw with {SEED}={}", env::var(SEED).unwrap_or_else(|_| "a random number".into())));
    for packages in command::NATIVE_PACKAGES {
        step.say(format_args!("cargo test {}", packages.join(" ")));
        let mut cargo = Command::new(command::cargo());
        cargo.arg("test").args(packages).current_dir(workspace.root());
        cargo.envs(of_every_test(workspace));
        if let Some(adapter) = &adapter {
            cargo.envs(adapter.variables()).env(serfiq_skips::ADAPTER_REQUIRED, "1");
        }
        command::run(&mut cargo)?;
    }
    step.done("passed");
    face_mesh(workspace)?;
    half_floats(workspace)
}

/// The environment of every native test. A missing or changed snapshot is a failure, and is not written.
fn of_every_test(workspace: &Workspace) -> [(&'static str, PathBuf); 4] {
    [
        ("SERFIQ_PORTRAITS", workspace.portraits()),
        ("SERFIQ_RECOGNISERS", workspace.test_recognisers()),
        ("INSTA_UPDATE", "no".into()),
        skips::variable(workspace),
    ]
}

/// Runs the TFLite reader's tests that need the face mesh file.
fn face_mesh(workspace: &Workspace) -> Result<()> {
    let step = Step::start("tests of the face mesh");
    let mut cargo = Command::new(command::cargo());
    // The same packages as above, so that nothing is recompiled.
    cargo.args(["test", command::ENGINE_PACKAGES, "--test", "tflite", "--", "--ignored"]);
    command::run(cargo.current_dir(workspace.root()).env("SERFIQ_MESH", workspace.model_files().join("face_mesh.bin")))?;
    step.done("passed");
    Ok(())
}

/// Runs the WebGPU tests again on an adapter with half floats, as most real ones have.
fn half_floats(workspace: &Workspace) -> Result<()> {
    // On other systems, programs cannot be pointed to another adapter.
    let adapter = if cfg!(target_os = "linux") { SoftwareAdapter::with_half_floats()? } else { None };
    let Some(adapter) = adapter else {
        return skips::skip(workspace, "half floats on a GPU", "no adapter that the tests can be pointed to has them");
    };
    let step = Step::start("tests in half floats");
    for tests in [&["--lib", "model::gpu"][..], &["--test", "native", "webgpu"]] {
        step.say(format_args!("cargo test {}", tests.join(" ")));
        let mut cargo = Command::new(command::cargo());
        // The same packages as above, so that nothing is recompiled.
        cargo.args(["test", command::ENGINE_PACKAGES]).args(tests).args(["--", "--include-ignored"]);
        cargo.current_dir(workspace.root()).envs(of_every_test(workspace));
        cargo.envs(adapter.variables()).env(serfiq_skips::ADAPTER_REQUIRED, "1");
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
    let mut tests = Command::new(npm()?);
    tests.arg("test").current_dir(workspace.browser_tests()).envs(settings).envs([skips::variable(workspace)]);
    tests.envs(other_engines::find_or_install()).env(BROWSER_TABLE, workspace.target().join("browsers.md"));
    command::run(&mut tests)?;
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
            // One file at a time: they share the folder in which the package is installed.
            .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
            .current_dir(workspace.consumer_tests())
            .envs(settings)
            .envs([skips::variable(workspace)])
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

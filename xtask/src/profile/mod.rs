//! Records which functions of the module with WebGPU usual sessions call, for [`rest`]. A real browser runs the sessions with a copy of
//! `dist/` whose module notes its calls.
mod note_calls;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    browser, camera, command, npm, rest,
    step::Step,
    web_build::{self, NPM_PACKAGE},
    workspace::{self, Workspace},
};

/// Appended to the module's JavaScript, which keeps the module's exports in `wasm`, so that the browser's script can read the notes.
const HOOK: &str = "\nglobalThis.serfiqExports = () => wasm;\n";

/// Rewrites the profile. Expects `dist/` to be up to date.
pub fn record(workspace: &Workspace) -> Result<()> {
    let folder = workspace.web_target().join("profile");
    let dist = prepare(workspace, &folder)?;
    let (browser, videos) = (browser::find_or_install()?, camera::record(workspace)?);
    npm::install(&workspace.browser_tests())?;
    let step = Step::start("profile");
    let written = folder.join("called.txt");
    let mut node = Command::new("node");
    node.arg("profile.mjs").arg(&written).current_dir(workspace.browser_tests());
    node.env("SERFIQ_DIST", dist).env("SERFIQ_CHROME", browser);
    node.env("SERFIQ_PORTRAITS", workspace.portraits()).env("SERFIQ_CAMERA_FACE", videos.face);
    command::run(&mut node)?;
    let called = fs::read_to_string(&written).with_context(|| format!("the script did not write {}", written.display()))?;
    let profile = workspace.root().join("xtask/src/rest/called.txt");
    workspace::write_if_changed(&profile, called.as_bytes())?;
    step.done(format_args!("{} functions in {}", called.lines().count(), profile.display()));
    Ok(())
}

/// Makes the copy of `dist/` and returns its path.
fn prepare(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    let step = Step::start("noting calls");
    let dist = folder.join("dist");
    let (name, whole) = web_build::undivided(workspace, &folder.join("bindings"))?;
    let mut wanted = BTreeMap::new();
    web_build::add_folder(&mut wanted, &workspace.dist(), Path::new(""))?;
    let package = Path::new(NPM_PACKAGE).join("pkg");
    let (module, script) = (package.join(format!("{name}_bg.wasm")), package.join(format!("{name}.js")));
    ensure!(wanted.remove(&package.join(format!("{name}_rest.wasm"))).is_some(), "the module in dist/ has no rest");
    let read = |path: &PathBuf| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let script_with_hook = [&read(&wanted[&script])?, HOOK.as_bytes()].concat();
    for (path, bytes) in [(module, note_calls::note_calls(&whole, rest::may_go)?), (script, script_with_hook)] {
        let changed = folder.join("changed").join(path.file_name().unwrap_or_default());
        workspace::write_if_changed(&changed, &bytes)?;
        wanted.insert(path, changed);
    }
    web_build::mirror(&wanted, &dist)?;
    step.done(dist.display());
    Ok(dist)
}

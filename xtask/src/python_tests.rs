//! The tests of the Python wheel, in fresh virtual environments of the oldest and the newest Python here.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{command, prerequisites, skips, step::Step, wheel, workspace::Workspace};

/// Minor versions of Python 3 that the wheel supports and the tests' packages exist for.
const MINORS: std::ops::RangeInclusive<u32> = 10..=14;

/// Builds the wheel, installs it, and runs `tests/python/`, which compare it with `program`, the command line; returns the wheel.
pub fn test(workspace: &Workspace, program: &Path) -> Result<PathBuf> {
    let wheel = wheel::build(workspace)?;
    let pythons = oldest_and_newest();
    if pythons.len() < 2 {
        skips::skip(workspace, "the wheel on two versions of Python", "there is only one that it supports")?;
    }
    for (version, python) in pythons {
        in_environment(workspace, [&wheel, program], &version, &python)?;
    }
    Ok(wheel)
}

/// Creates an environment with the wheel alone, scores a portrait, then adds what the tests need and runs them.
fn in_environment(workspace: &Workspace, [wheel, program]: [&Path; 2], version: &str, python: &Path) -> Result<()> {
    let step = Step::start("python tests");
    step.say(format_args!("Python {version}"));
    let environment = workspace.target().join("python").join(version);
    if environment.is_dir() {
        fs::remove_dir_all(&environment).with_context(|| format!("cannot delete {}", environment.display()))?;
    }
    command::output(Command::new(python).args(["-m", "venv"]).arg(&environment))?;
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let install = |what: &[&Path]| {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]);
        command::output(pip.args(what)).map(drop)
    };
    install(&[wheel])?;
    let tests = workspace.python_tests();
    let with_settings = |program: &mut Command| {
        // Not in the repository, where Python would find the sources instead of the wheel.
        program.current_dir(&environment).env_remove("PYTHONPATH");
        program.env("SERFIQ_PORTRAITS", workspace.portraits()).env("SERFIQ_MODELS", workspace.model_files());
    };
    let mut alone = Command::new(&python);
    with_settings(alone.arg(tests.join("alone.py")));
    command::output(&mut alone)?;
    install(&[Path::new("--requirement"), &tests.join("requirements.txt")])?;
    let mut pytest = Command::new(&python);
    with_settings(pytest.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]).arg(&tests));
    pytest.env("SERFIQ_CLI", program).env("SERFIQ_RECOGNISERS", workspace.test_recognisers());
    command::run(&mut pytest)?;
    step.done("passed");
    Ok(())
}

/// Returns the oldest and the newest Python that the wheel supports, with their versions; only one if they are the same.
fn oldest_and_newest() -> Vec<(String, PathBuf)> {
    let named = MINORS.map(|minor| format!("python3.{minor}"));
    let mut found: Vec<(u32, String, PathBuf)> = named
        .chain(prerequisites::python_with_pip().map(str::to_owned))
        .chain(of_pyenv())
        .filter_map(|name| version_of(&name))
        .filter(|(minor, ..)| MINORS.contains(minor))
        .collect();
    found.sort();
    found.dedup_by_key(|(minor, ..)| *minor);
    let last = found.len().saturating_sub(1);
    let ends = found.into_iter().enumerate().filter(|(index, _)| *index == 0 || *index == last);
    ends.map(|(_, (_, version, path))| (version, path)).collect()
}

/// Returns the interpreters that pyenv has installed. Its shims in the path run only those that are switched on.
fn of_pyenv() -> Vec<String> {
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".pyenv")));
    let Some(versions) = root.and_then(|root| fs::read_dir(root.join("versions")).ok()) else { return Vec::new() };
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin/python3").to_string_lossy().into_owned()));
    programs.collect()
}

/// Returns the minor version, the version and the path of an interpreter, if it runs and can make environments. A name may be a shim
/// without an interpreter behind it.
fn version_of(name: &str) -> Option<(u32, String, PathBuf)> {
    let script = "import ensurepip, sys, venv; print(sys.version_info.minor, sys.version.split()[0], sys.executable)";
    let printed = command::output(Command::new(name).args(["-c", script])).ok()?;
    let mut words = printed.trim().splitn(3, ' ');
    Some((words.next()?.parse().ok()?, words.next()?.to_owned(), words.next()?.into()))
}

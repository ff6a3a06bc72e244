//! Natively: our engine against onnxruntime's Python package, each with all cores and with one thread.
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};

use super::{
    Folders,
    measure::{self, Entry, Times},
    program::Program,
    python::Python,
};
use crate::{command, step::Step, workspace::Workspace};

/// Contenders, by engine and number of threads.
pub const OURS: [&str; 2] = ["serfiq, all cores", "serfiq, 1 thread"];
pub const THEIRS: [&str; 2] = ["onnxruntime, all cores", "onnxruntime, 1 thread"];

/// The portrait of `tests/portraits.toml` whose face all contenders score.
pub const PORTRAIT: &str = "astronaut.png";

/// Builds one of the engine's programs, a `--bench` or a `--bin`, from the crates under test, and returns its path.
pub fn build(workspace: &Workspace, profile: &str, kind: &str, name: &str) -> Result<PathBuf> {
    let step = Step::start("engine");
    step.say(format_args!("cargo build {kind} {name} --profile {profile}"));
    let mut cargo = Command::new(command::cargo());
    cargo.args(["build", command::ENGINE_PACKAGES, kind, name, "--message-format", "json-render-diagnostics"]);
    let output = cargo
        .args(["--profile", profile])
        .current_dir(workspace.root())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cargo build {kind} {name} failed ({}); see the messages above", output.status);
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let program = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).find_map(|message: serde_json::Value| {
        let is_ours = message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| is_ours).map(PathBuf::from)
    });
    step.done("compiled");
    program.with_context(|| format!("cargo built {name}, but did not say where"))
}

/// Writes the contenders' input.
pub fn prepare(workspace: &Workspace, engine: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let portrait = workspace.portraits().join(PORTRAIT);
    command::run(Command::new(engine).arg("prepare").arg(portrait).arg(folder).current_dir(workspace.root()))
}

/// Times all jobs; also returns the version of onnxruntime.
pub fn measure(
    workspace: &Workspace,
    engine: &Path,
    folders: &Folders,
    python: &Python,
    rounds: u32,
) -> Result<(Vec<Times>, String)> {
    let cores = thread::available_parallelism().context("cannot tell how many cores there are")?.get();
    let ours = |threads: usize| {
        let mut command = Command::new(engine);
        command.arg("run").arg(&folders.data).env("RAYON_NUM_THREADS", threads.to_string()).current_dir(workspace.root());
        Program::start(&mut command)
    };
    let theirs =
        |threads: usize| Program::start(python.script("onnxruntime_peer.py").arg(&folders.data).arg(threads.to_string()));
    let mut programs = [ours(cores)?, theirs(cores)?, ours(1)?, theirs(1)?];
    let version = programs[1].ask("version")?;
    let mut entries = Vec::new();
    for (threads, (ours, theirs)) in OURS.into_iter().zip(THEIRS).enumerate() {
        let mut add = |contender, program, job: &'static str| {
            entries.push(Entry { contender, job, program: 2 * threads + program, question: job.into() });
        };
        // Compared jobs are neighbours, as in the browser.
        add(theirs, 1, "embed");
        for job in ["embed", "limit", "mc"] {
            add(ours, 0, job);
        }
        add(theirs, 1, "mc");
        for job in ["detect320", "detect640"] {
            add(ours, 0, job);
            add(theirs, 1, job);
        }
    }
    Ok((measure::in_turn("native", &mut programs, &entries, 3, rounds)?, version))
}

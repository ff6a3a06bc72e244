//! Compile times on this machine: from scratch, in a clone of the current commit, and after a one-line change.
use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{Folders, SeenByNode, commit};
use crate::{
    command,
    step::Step,
    workspace::{self, Workspace},
};

/// Maximum time from a change in `crates/score` to its test results.
const MAX_TO_TEST_THE_SCORE: Duration = Duration::from_secs(20);
/// Budgets for newcomers, on two cores.
const MAX_TO_THE_PROGRAM: Duration = Duration::from_mins(5);
const MAX_TO_THE_PAGE: Duration = Duration::from_mins(6);

struct Time {
    what: &'static str,
    command: String,
    took: Duration,
    budget: Option<Duration>,
}

/// Measures, writes `docs/compile-times.md` and returns its content.
pub fn run(workspace: &Workspace, folders: &Folders) -> Result<String> {
    let (seen, commit) = (SeenByNode::ask(workspace)?, commit(workspace)?);
    let clone = FreshClone::make(workspace, folders.data.join("compile"))?;
    let program = ["build", "--release", "--package", "serfiq-cli"];
    let mut times = vec![clone.time("the command line, from scratch", &program)?.within(MAX_TO_THE_PROGRAM)];
    clone.forget()?;
    times.push(clone.time("the native tests, from scratch", &["test", "--no-run"])?);
    // One-time compilation belongs to no change.
    clone.time("", &["test", "--package", "serfiq-score"])?;
    clone.change("crates/score/src/limit.rs")?;
    let score = clone.time("a line of the score changed: its tests, run", &["test", "--package", "serfiq-score"])?;
    times.push(score.within(MAX_TO_TEST_THE_SCORE));
    clone.change("src/engine.rs")?;
    times.push(clone.time("a line of the engine changed: all its tests, built", &["test", "--no-run"])?);
    clone.forget()?;
    times.push(
        clone.time_to_serve("the page on the CPU, and `xtask`, from scratch, until it is served")?.within(MAX_TO_THE_PAGE),
    );
    times.push(clone.time("its other modules, after that", &["xtask", "build"])?);
    clone.change("src/engine.rs")?;
    times.push(clone.time("a line of the engine changed: the page", &["xtask", "build"])?);
    clone.change("crates/kernels/src/pool.rs")?;
    times.push(clone.time("a line of a kernel changed: the page", &["xtask", "build"])?);
    drop(clone);

    let mut table = String::from("| | | | budget |\n|---|---|---|---|\n");
    for Time { what, command, took, budget } in &times {
        let budget = budget.map_or(String::new(), |budget| {
            let verdict = if *took <= budget { "met" } else { "**missed**" };
            format!("at most {}: {verdict}", in_words(budget))
        });
        writeln!(table, "| {what} | `{command}` | {} | {budget} |", in_words(*took))?;
    }
    let text = format!(
        "# Compile times

Written by `cargo xtask bench compile`; do not edit. In a clone of commit {commit}, with all crates downloaded, in the order of the table.
Each change adds a constant.

Measured on {machine}.

{table}
Where the time goes, and what was done about it: [performance.md](performance.md#compile-time).
",
        machine = seen.in_words(),
    );
    workspace::write_if_changed(&workspace.root().join("docs/compile-times.md"), text.as_bytes())?;
    Ok(text)
}

impl Time {
    fn within(self, budget: Duration) -> Self {
        Self { budget: Some(budget), ..self }
    }
}

fn in_words(took: Duration) -> String {
    match took.as_secs_f64() {
        seconds if seconds < 100.0 => format!("{seconds:.1} s"),
        seconds => format!("{:.1} min", seconds / 60.0),
    }
}

/// A clone of the current commit with its own target folder; both are deleted at the end.
struct FreshClone {
    folder: PathBuf,
}

impl FreshClone {
    fn make(workspace: &Workspace, folder: PathBuf) -> Result<Self> {
        let clone = Self { folder };
        Self::delete(&clone.folder)?;
        let mut git = Command::new("git");
        command::output(git.args(["clone", "--quiet", "--local"]).arg(workspace.root()).arg(clone.checkout()))?;
        // Downloading is not part of compiling.
        let models = clone.checkout().join("models/files");
        fs::create_dir_all(&models)?;
        for entry in fs::read_dir(workspace.model_files()).context("cannot read the models")? {
            let model = entry?.path();
            fs::copy(&model, models.join(model.file_name().unwrap_or_default()))?;
        }
        Ok(clone)
    }

    fn checkout(&self) -> PathBuf {
        self.folder.join("checkout")
    }

    fn time(&self, what: &'static str, arguments: &[&str]) -> Result<Time> {
        let step = Step::start("compile");
        let words = format!("cargo {}", arguments.join(" "));
        step.say(&words);
        let mut cargo = Command::new(command::cargo());
        cargo.args(arguments).current_dir(self.checkout()).env("CARGO_TARGET_DIR", self.folder.join("target"));
        let start = Instant::now();
        command::run(&mut cargo)?;
        let took = start.elapsed();
        step.done("timed");
        Ok(Time { what, command: words, took, budget: None })
    }

    /// Times a newcomer's wait for the page, then stops the server and the builds behind it.
    fn time_to_serve(&self, what: &'static str) -> Result<Time> {
        let step = Step::start("compile");
        let words = "cargo xtask serve";
        step.say(words);
        let mut cargo = Command::new(command::cargo());
        cargo.args(["xtask", "serve", "--port", "0"]).current_dir(self.checkout());
        cargo.env("CARGO_TARGET_DIR", self.folder.join("target")).stdout(Stdio::piped());
        // A group of its own, which the compilers are in, too.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut cargo, 0);
        let start = Instant::now();
        let mut server = cargo.spawn().context("cannot start cargo")?;
        let output = server.stdout.take().context("the server has no output")?;
        let is_served = BufReader::new(output).lines().map_while(Result::ok).any(|line| line.starts_with("Serving "));
        let took = start.elapsed();
        command::output(Command::new("kill").args(["-TERM", "--", &format!("-{}", server.id())]))?;
        server.wait().context("the server does not end")?;
        ensure!(is_served, "the server ended before it served the page; see the messages above");
        step.done("timed");
        Ok(Time { what, command: words.into(), took, budget: None })
    }

    /// Adds an unused constant: enough to change the file.
    fn change(&self, path: &str) -> Result<()> {
        let path = self.checkout().join(path);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let changed = format!("{text}\nconst _: usize = {};\n", text.len());
        fs::write(&path, changed).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Deletes the build output.
    fn forget(&self) -> Result<()> {
        Self::delete(&self.folder.join("target"))
    }

    fn delete(folder: &Path) -> Result<()> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot delete {}", folder.display()))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for FreshClone {
    fn drop(&mut self) {
        // The next run deletes any remains.
        let _ = Self::delete(&self.folder);
    }
}

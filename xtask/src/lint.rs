//! Checks that do not run the code: format, clippy, documentation, licences, files for the repository's host.
use std::process::Command;

use anyhow::Result;

use crate::{command, forge_files, skips, step::Step, wasm_target::Toolchain, workspace::Workspace};

/// What each run documents: the command line shares the library's name, and would overwrite its pages.
const DOCUMENTED: [&[&str]; 3] = [
    &[command::ENGINE_PACKAGES, "--lib"],
    &["--package=serfiq-cli", "--features=webgpu", "--bins"],
    &["--package=xtask", "--profile=xtask"],
];

/// Not a default member: it can be linked only into Python.
const PYTHON: &str = "--package=serfiq-python";

/// The features of each package that has some, checked one at a time and with none.
const FEATURES: [(&str, &[&str]); 3] = [
    ("--package=serfiq", &["", "threads", "webgpu"]),
    ("--package=serfiq-cli", &["", "webgpu", "bundled-models"]),
    ("--package=serfiq-kernels", &["", "threads"]),
];

/// Runs every lint; stops at the first finding.
pub fn run(workspace: &Workspace) -> Result<()> {
    cargo(workspace, "format", &["fmt", "--all", "--check"])?;
    forge_files::check(workspace)?;
    for packages in command::NATIVE_PACKAGES {
        cargo(workspace, "clippy", &[&["clippy"], packages, &["--all-targets", "--", "--deny", "warnings"]].concat())?;
    }
    cargo(workspace, "clippy", &["clippy", PYTHON, "--", "--deny", "warnings"])?;
    for packages in DOCUMENTED {
        cargo(workspace, "docs", &[&["doc"], packages, &["--no-deps", "--document-private-items"]].concat())?;
    }
    for (package, features) in FEATURES {
        for feature in features {
            cargo(workspace, "features", &["check", package, &format!("--features={feature}")])?;
        }
    }
    of_the_browser(workspace)?;
    licences(workspace)
}

/// Lints the Rust for the browser: with all features of a module, and with none.
fn of_the_browser(workspace: &Workspace) -> Result<()> {
    let toolchain = Toolchain::find_or_install()?;
    let run = |name, subcommand, features, more: &[&str]| {
        let mut cargo = toolchain.cargo(subcommand);
        cargo.args(["--package=serfiq-web", features, "--target-dir"]).arg(workspace.web_target()).args(more);
        found_nothing(name, cargo.current_dir(workspace.root()))
    };
    for features in ["--all-features", "--no-default-features"] {
        run("browser", "clippy", features, &["--", "--deny", "warnings"])?;
    }
    run("browser docs", "doc", "--all-features", &["--no-deps", "--document-private-items"])
}

fn cargo(workspace: &Workspace, name: &'static str, arguments: &[&str]) -> Result<()> {
    found_nothing(name, in_root(workspace).args(arguments))
}

fn found_nothing(name: &'static str, cargo: &mut Command) -> Result<()> {
    let step = Step::start(name);
    step.say(command::describe(cargo));
    command::run(cargo.env("RUSTDOCFLAGS", "--deny warnings"))?;
    step.done("nothing found");
    Ok(())
}

/// Installing cargo-deny takes minutes, so this only asks for it; `.ci/run` installs it.
fn licences(workspace: &Workspace) -> Result<()> {
    let step = Step::start("licences");
    if command::output(in_root(workspace).args(["deny", "--version"])).is_err() {
        return skips::skip(
            workspace,
            "licences",
            "cargo-deny is missing; install it with `cargo install cargo-deny --locked`",
        );
    }
    let mut deny = in_root(workspace);
    deny.args(["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
    if command::output(in_root(workspace).args(["deny", "fetch", "db"])).is_ok() {
        deny.arg("advisories");
    } else {
        skips::skip(workspace, "security advisories", "`cargo deny fetch db` cannot fetch their database")?;
    }
    command::run(&mut deny)?;
    step.done("nothing found");
    Ok(())
}

fn in_root(workspace: &Workspace) -> Command {
    let mut cargo = Command::new(command::cargo());
    cargo.current_dir(workspace.root());
    cargo
}

//! Cargo's subcommands that only a release needs.
use std::process::Command;

use anyhow::Result;

use crate::{command, step::Step, workspace::Workspace};

/// Returns `cargo SUBCOMMAND` in the workspace, after installing it if it is missing.
pub fn cargo(workspace: &Workspace, name: &'static str, version: &str) -> Result<Command> {
    let step = Step::start(name);
    let tools = workspace.target().join("tools");
    let program = tools.join("bin").join(format!("cargo-{name}{}", std::env::consts::EXE_SUFFIX));
    let subcommand = || {
        let mut cargo = Command::new(&program);
        cargo.arg(name).current_dir(workspace.root()).env("CARGO", command::cargo());
        cargo
    };
    if command::output(subcommand().arg("--version")).is_ok_and(|printed| printed.contains(version)) {
        step.done("up to date");
        return Ok(subcommand());
    }
    step.say(format_args!("cargo install cargo-{name}"));
    let mut install = Command::new(command::cargo());
    // Unoptimised: it runs for seconds, and compiling takes minutes.
    install.args(["install", "--quiet", "--locked", "--debug", "--force", "--version", version, "--root"]).arg(&tools);
    // Not into the folder of our own builds, which others may be waiting for.
    install.env_remove("CARGO_TARGET_DIR");
    command::run(install.arg(format!("cargo-{name}")))?;
    step.done("installed");
    Ok(subcommand())
}

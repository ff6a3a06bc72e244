//! What a machine can say about the code without running it: format, clippy, documentation, licences.
use std::process::Command;

use anyhow::Result;

use crate::{command, step::Step, workspace::Workspace};

/// Runs every lint; the first that finds something ends it.
pub fn run(workspace: &Workspace) -> Result<()> {
    cargo(workspace, "format", &["fmt", "--all", "--check"])?;
    for packages in command::ALL_PACKAGES {
        cargo(workspace, "clippy", &[&["clippy"], packages, &["--all-targets", "--", "--deny", "warnings"]].concat())?;
        cargo(workspace, "docs", &[&["doc"], packages, &["--no-deps", "--document-private-items"]].concat())?;
    }
    licences(workspace)
}

fn cargo(workspace: &Workspace, name: &'static str, arguments: &[&str]) -> Result<()> {
    let step = Step::start(name);
    step.say(format_args!("cargo {}", arguments.join(" ")));
    command::run(in_root(workspace).args(arguments).env("RUSTDOCFLAGS", "--deny warnings"))?;
    step.done("nothing found");
    Ok(())
}

/// cargo-deny takes minutes to install, so that it is asked for, not installed; `.ci/run` installs it.
fn licences(workspace: &Workspace) -> Result<()> {
    let step = Step::start("licences");
    if command::output(in_root(workspace).args(["deny", "--version"])).is_err() {
        step.say("skipped: cargo-deny is not there; install it with `cargo install cargo-deny --locked`");
        return Ok(());
    }
    let mut deny = in_root(workspace);
    deny.args(["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
    if command::output(in_root(workspace).args(["deny", "fetch", "db"])).is_ok() {
        deny.arg("advisories");
    } else {
        step.say("security advisories are not checked: `cargo deny fetch db` cannot fetch their database");
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

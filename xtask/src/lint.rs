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

/// Native packages that are no default members: one can be linked only into Python, and one is for tests alone. As many features as
/// in the other calls, so that burn is not compiled again.
const OTHERS: [&[&str]; 2] =
    [&["--package=serfiq-python"], &["--package=serfiq-test-support", "--features=serfiq/webgpu", "--all-targets"]];

/// The package for the browser. Its modules are one line each.
const BROWSER: &str = "--package=serfiq-web";

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
    for packages in OTHERS {
        cargo(workspace, "clippy", &[&["clippy"], packages, &["--", "--deny", "warnings"]].concat())?;
    }
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
        cargo.args([BROWSER, features, "--target-dir"]).arg(workspace.web_target()).args(more);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Names of packages, by their ids in one of cargo's lists.
    fn names(metadata: &Value, list: &str) -> BTreeSet<String> {
        let ids: Vec<&Value> = metadata[list].as_array().unwrap().iter().collect();
        let packages = metadata["packages"].as_array().unwrap().iter().filter(|package| ids.contains(&&package["id"]));
        packages.map(|package| package["name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_package_is_linted_and_every_native_one_is_tested() {
        let mut cargo = Command::new(command::cargo());
        cargo.args(["metadata", "--no-deps", "--format-version=1", "--manifest-path"]);
        let metadata = cargo.arg(Workspace::find().unwrap().root().join("Cargo.toml")).output().unwrap();
        let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
        let linted = command::NATIVE_PACKAGES.concat().into_iter().chain(OTHERS.concat()).chain([BROWSER]);
        let linted: BTreeSet<String> =
            linted.filter_map(|argument| argument.strip_prefix("--package=")).map(Into::into).collect();
        let modules = ["serfiq-cpu", "serfiq-cpu-threads", "serfiq-webgpu"].map(Into::into).into();
        let [all, tested] = ["workspace_members", "workspace_default_members"].map(|list| names(&metadata, list));
        assert_eq!(
            &(&all - &tested) - &modules,
            linted,
            "default members are linted and tested; name all others in `lint::run`"
        );
    }
}

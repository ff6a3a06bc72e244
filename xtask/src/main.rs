//! Developer commands of serfiq: `cargo xtask <command>`.
//!
//! | module | owns |
//! |---|---|
//! | `print`, `step` | the only place that prints; the lines that show progress |
//! | `workspace` | the paths of everything |
//! | `command`, `apt` | running other programs; installing Debian packages |
//! | `prerequisites` | what the machine must have before anything else |
//! | `packages`, `pinned`, `pypi`, `npm`, `archive` | one member of one pinned archive of one package |
//! | `pip` | pinned Python packages |
//! | `models`, `portraits`, `camera` | the networks' files; test pictures; fake camera videos made from them |
//! | `wasm_target`, `web_build` | a toolchain for WebAssembly; the static folder `dist/` |
//! | `split`, `rest` | a WebAssembly module in two parts; which functions are fetched only when called |
//! | `profile` | which functions usual sessions call, the input of `rest` |
//! | `credits` | the authors of everything that is passed on, and the licences |
//! | `npm_package`, `published`, `wheel` | what developers install: from npm, as crates, from PyPI |
//! | `release` | everything to be published: archives of the command line, bill of materials, checksums |
//! | `forge_files` | checks of workflows, issue forms and the citation |
//! | `api_docs` | the npm package's reference, generated from its types |
//! | `serve` | `dist/` on loopback |
//! | `browser`, `other_engines`, `many_machines`, `python_tests`, `lint`, `test` | checks, and what they need |
//! | `skips` | what the tests have left out, listed at their end |
//! | `bench` | times, against onnxruntime and a pipeline in Python |
//! | `results` | what serfiq is worth, for a reader |
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod allocator;
mod api_docs;
mod apt;
mod archive;
mod bench;
mod browser;
mod camera;
mod command;
mod credits;
mod forge_files;
mod lint;
mod many_machines;
mod models;
mod npm;
mod npm_package;
mod other_engines;
mod packages;
mod pinned;
mod pip;
mod portraits;
mod prerequisites;
mod print;
mod profile;
mod published;
mod pypi;
mod python_tests;
mod release;
mod rest;
mod results;
mod serve;
mod skips;
mod software_adapter;
mod split;
mod step;
mod test;
mod wasm_target;
mod web_build;
mod wheel;
mod workspace;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

use crate::workspace::Workspace;

/// Developer commands of serfiq. Each command does what it needs first, and skips what is up to date.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Command {
    /// Check the prerequisites; fetch and check the models
    Setup,
    /// Build the static folder dist/, which any web server can host
    Build,
    /// Build, and serve dist/ on this machine only, as soon as the page runs on the CPU
    Serve {
        /// Port to listen on; 0 takes any free port
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Build, then pack the npm package
    Package,
    /// Build, then regenerate docs/api/
    Docs,
    /// Build, then record which functions of the WebGPU module usual sessions call; the next build divides it accordingly
    Profile,
    /// Build the Python wheel
    Wheel,
    /// Build the Python wheel, and test it in fresh environments of the oldest and the newest Python here
    Python,
    /// Pack the crates, and build and run a program on them outside this workspace
    Crates,
    /// Build the archive of the command line, and try it out in an empty folder
    Archive {
        /// rustc's name for the system [default: this machine's]
        #[arg(long, value_name = "TRIPLE")]
        target: Option<String>,
    },
    /// Build and check everything to be published, in target/release-files/; RELEASING.md says what comes before and after
    Release {
        /// Build it even if something is unfinished, and list that at the end
        #[arg(long)]
        dry_run: bool,
        /// Folder of archives made on other systems, to be published with the rest
        #[arg(long, value_name = "FOLDER")]
        with: Option<PathBuf>,
    },
    /// Format, clippy, documentation, licences: warnings are errors
    Lint,
    /// Lint and the native tests: quick enough for every commit
    Check,
    /// Native tests, then those with Spark and GNU parallel, then those of the page and the npm package in a real browser
    Test,
    /// Time the engine against onnxruntime, natively and in a browser, and against a pipeline in Python; write docs/benchmarks.md
    Bench(bench::Options),
    /// Build what users install, install it, and measure what a score is worth; write docs/results.md
    Results {
        /// Pairs of pictures, as for `serfiq edc`, such as those of LFW's development view
        #[arg(long, value_name = "FILE")]
        pairs: PathBuf,
    },
}

fn main() -> Result<()> {
    let command = Command::parse();
    let workspace = Workspace::find()?;
    match command {
        Command::Setup => setup(&workspace),
        Command::Build => build(&workspace),
        Command::Serve { port } => {
            let listener = serve::listen(port)?;
            setup(&workspace)?;
            web_build::build_in_background(&workspace)?;
            serve::serve(&workspace.dist(), listener)
        }
        Command::Package => {
            prerequisites::check_node()?;
            build(&workspace)?;
            npm_package::pack(&workspace).map(drop)
        }
        Command::Docs => {
            prerequisites::check_node()?;
            build(&workspace)?;
            api_docs::write(&workspace)
        }
        Command::Profile => {
            prerequisites::check_node()?;
            build(&workspace)?;
            portraits::fetch(&workspace)?;
            profile::record(&workspace)
        }
        Command::Wheel => {
            setup(&workspace)?;
            wheel::build(&workspace).map(drop)
        }
        Command::Python => {
            setup(&workspace)?;
            fetch_for_tests(&workspace)?;
            skips::listed(&workspace, || python_tests::test(&workspace, &workspace.native_program()?).map(drop))
        }
        Command::Crates => published::test(&workspace),
        Command::Archive { target } => {
            setup(&workspace)?;
            release::archive(&workspace, target.as_deref()).map(drop)
        }
        Command::Release { dry_run, with } => {
            prerequisites::check_node()?;
            setup(&workspace)?;
            fetch_for_tests(&workspace)?;
            skips::listed(&workspace, || release::run(&workspace, with.as_deref(), dry_run))
        }
        Command::Lint => {
            setup(&workspace)?;
            skips::listed(&workspace, || lint::run(&workspace))
        }
        Command::Check => {
            prerequisites::check_node()?;
            setup(&workspace)?;
            skips::listed(&workspace, || {
                lint::run(&workspace)?;
                fetch_for_tests(&workspace)?;
                test::native(&workspace)
            })
        }
        Command::Test => {
            prerequisites::check_node()?;
            setup(&workspace)?;
            skips::listed(&workspace, || {
                fetch_for_tests(&workspace)?;
                test::native(&workspace)?;
                match release::stand_in(&workspace)? {
                    Some(archive) => many_machines::test(&workspace, &archive)?,
                    None => skips::skip(&workspace, "many machines", "no archive is released for this system")?,
                }
                web_build::build(&workspace)?;
                test::in_browser(&workspace)?;
                api_docs::check(&workspace)?;
                let archive = npm_package::pack(&workspace)?;
                test::consumers(&workspace, &archive)
            })
        }
        Command::Results { pairs } => {
            prerequisites::check_node()?;
            setup(&workspace)?;
            results::write(&workspace, &pairs)
        }
        Command::Bench(options) => {
            setup(&workspace)?;
            portraits::fetch(&workspace)?;
            if options.part.is_none_or(bench::Part::is_in_browser) {
                prerequisites::check_node()?;
                web_build::build(&workspace)?;
            }
            match options.part {
                Some(part) => bench::run_part(&workspace, &options, part),
                None => bench::run(&workspace, &options),
            }
        }
    }
}

fn setup(workspace: &Workspace) -> Result<()> {
    prerequisites::check_rust(workspace)?;
    models::fetch(workspace)
}

fn fetch_for_tests(workspace: &Workspace) -> Result<()> {
    portraits::fetch(workspace)?;
    models::fetch_test_recogniser(workspace)
}

fn build(workspace: &Workspace) -> Result<()> {
    setup(workspace)?;
    web_build::build(workspace)
}

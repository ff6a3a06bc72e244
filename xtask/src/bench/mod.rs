//! Times serfiq against onnxruntime, natively and in the browser, and against a whole pipeline in Python; writes
//! `docs/benchmarks.md`.
//!
//! | module | owns |
//! |---|---|
//! | `graphs` | the ONNX files for onnxruntime: the published graphs, with float weights |
//! | `program` | a contender's process: a line in, a line out |
//! | `measure` | taking times in turn; medians and ratios; agreement of all contenders |
//! | `native`, `web` | the contenders of each platform, and their jobs |
//! | `throughput` | many photos, by the program and the wheel, against the same pipeline in Python |
//! | `python` | Python and its packages |
//! | `site` | the files of both sides on loopback |
//! | `sizes` | bytes to download |
//! | `compile` | compile times; a page of its own |
//! | `growth` | how the cost grows with passes, faces and pixels; memory |
//! | `report` | the page |
mod compile;
mod graphs;
mod growth;
mod measure;
mod native;
mod program;
mod python;
mod report;
mod site;
pub mod sizes;
mod throughput;
mod web;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::{
    browser, command, npm, print,
    step::Step,
    workspace::{self, Workspace},
};
use measure::Times;
use python::Python;
use throughput::Throughput;

/// How much to measure.
#[derive(clap::Args)]
pub struct Options {
    /// Measure only this part, and print its section instead of writing the page
    #[arg(value_enum)]
    pub part: Option<Part>,
    /// Rounds on the CPU
    #[arg(long, default_value_t = 51, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Rounds on WebGPU; a software adapter takes seconds for each
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    webgpu_rounds: u32,
    /// Camera frames after which memory is measured
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    frames: u32,
    /// Rounds over the list of photos; each takes seconds
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    photo_rounds: u32,
    /// Cargo profile of the native engine; `dev` is optimised too, and the tests have already built it
    #[arg(long, default_value = "dev")]
    profile: String,
    /// The page to write, in the repository; ratios differ between processors, so each has a page of its own
    #[arg(long, value_name = "FILE", default_value = "docs/benchmarks.md")]
    page: PathBuf,
}

/// The parts that can be measured alone.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Part {
    /// Natively, on one face
    Native,
    /// Photos per second, against the same pipeline in Python
    Throughput,
    /// How cost and memory grow in a browser, on the CPU
    Growth,
    /// In a browser, on the CPU
    Wasm,
    /// In a browser, on its GPU
    Webgpu,
    /// Compile times from scratch: half an hour, not part of a full run; writes docs/compile-times.md
    Compile,
}

/// All measurements. They are kept as JSON beside the page made from them.
#[derive(Serialize)]
pub struct Results {
    machine: Machine,
    profile: String,
    native: Vec<Times>,
    throughput: Throughput,
    wasm: Vec<Times>,
    on_all_cores: Vec<Times>,
    on_one_and_all: Vec<Times>,
    growth: growth::Growth,
    webgpu: web::WebGpu,
    first_score: Vec<FirstScore>,
    sizes: sizes::Sizes,
}

/// The machine of the measurements.
#[derive(Serialize)]
pub struct Machine {
    #[serde(flatten)]
    seen_by_node: SeenByNode,
    browser: String,
    commit: String,
    onnxruntime: String,
    onnxruntime_web: String,
}

/// Facts that Node reports in the same way on every system.
#[derive(Serialize, Deserialize)]
pub struct SeenByNode {
    cpu: String,
    cores: usize,
    memory_gb: f64,
    system: String,
    date: String,
}

impl SeenByNode {
    pub fn ask(workspace: &Workspace) -> Result<Self> {
        let script = Folders::of(workspace).scripts.join("machine.mjs");
        answer(&command::output(std::process::Command::new("node").arg(script))?)
    }

    /// Machine, system and date.
    pub fn in_words(&self) -> String {
        let Self { cpu, cores, memory_gb, system, date } = self;
        format!("{cpu}, {cores} cores, {memory_gb:.0} GB, {system}, on {date}")
    }
}

/// Milliseconds from the start of a navigation to the first score.
#[derive(Serialize)]
pub struct FirstScore {
    backend: &'static str,
    #[serde(flatten)]
    times: FirstScoreTimes,
}

#[derive(Serialize, Deserialize)]
pub struct FirstScoreTimes {
    cold: Vec<f64>,
    warm: Vec<f64>,
}

/// The bench's folders.
pub struct Folders {
    /// Scripts of the other contenders, and the bench's own page.
    scripts: PathBuf,
    /// The contenders' input, and the bench's output.
    data: PathBuf,
}

/// Measures everything and writes the page. Needs the models, the portraits and `dist/`.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let bench = Bench::prepare(workspace, options)?;
    let (native, onnxruntime) = bench.native()?;
    let throughput = bench.throughput()?;
    let site = site::open(workspace, &bench.folders)?;
    let node = bench.node(&site);
    let wasm = web::measure_wasm(&node, options.rounds)?;
    let results = Results {
        machine: Machine {
            seen_by_node: SeenByNode::ask(workspace)?,
            browser: wasm.browser,
            commit: commit(workspace)?,
            onnxruntime,
            onnxruntime_web: web::onnxruntime_version(&bench.folders.scripts)?,
        },
        profile: options.profile.clone(),
        native,
        throughput,
        wasm: wasm.times,
        on_all_cores: wasm.on_all_cores,
        on_one_and_all: wasm.on_one_and_all,
        growth: growth::measure(&node, options.frames)?,
        webgpu: web::measure_webgpu(&node, bench.weight_bytes()?, options.webgpu_rounds)?,
        first_score: vec![node.first_score("cpu", 5)?, node.first_score("webgpu", 1)?],
        sizes: sizes::Sizes::of(workspace, &bench.folders)?,
    };

    let step = Step::start("report");
    workspace::write_if_changed(&bench.folders.data.join("results.json"), &serde_json::to_vec_pretty(&results)?)?;
    let page = workspace.root().join(&options.page);
    let text = report::page(&results)?;
    workspace::write_if_changed(&page, text.as_bytes())?;
    print::result(text)?;
    step.done(page.display());
    Ok(())
}

impl Part {
    /// Returns whether the part needs `dist/`.
    pub fn is_in_browser(self) -> bool {
        matches!(self, Self::Growth | Self::Wasm | Self::Webgpu)
    }
}

/// Measures one part, and prints its section or writes its own page. Needs what [`run`] needs, but `dist/` only if the part is [in a
/// browser](Part::is_in_browser).
pub fn run_part(workspace: &Workspace, options: &Options, part: Part) -> Result<()> {
    let bench = || Bench::prepare(workspace, options);
    let site = || site::open(workspace, &Folders::of(workspace));
    let text = match part {
        Part::Native => report::native_cpu(&bench()?.native()?.0, &options.profile)?,
        Part::Throughput => report::many_photos(&bench()?.throughput()?, &options.profile)?,
        Part::Growth => report::growth(&growth::measure(&bench()?.node(&site()?), options.frames)?),
        Part::Wasm => {
            let web::Wasm { times, on_all_cores, on_one_and_all, .. } =
                web::measure_wasm(&bench()?.node(&site()?), options.rounds)?;
            report::web_assembly(&times, &on_all_cores, &on_one_and_all)?
        }
        Part::Webgpu => {
            let bench = bench()?;
            report::web_gpu(&web::measure_webgpu(&bench.node(&site()?), bench.weight_bytes()?, options.webgpu_rounds)?)?
        }
        Part::Compile => compile::run(workspace, &Folders::of(workspace))?,
    };
    print::result(text)
}

/// What every measurement needs.
struct Bench<'a> {
    workspace: &'a Workspace,
    options: &'a Options,
    folders: Folders,
    browser: PathBuf,
    python: Python,
    /// The native engine.
    engine: PathBuf,
}

impl<'a> Bench<'a> {
    fn prepare(workspace: &'a Workspace, options: &'a Options) -> Result<Self> {
        let folders = Folders::of(workspace);
        let browser = browser::find_or_install()?;
        npm::install(&folders.scripts)?;
        let python = Python::install(&folders)?;
        let engine = native::build(workspace, &options.profile, "--bench", "native")?;
        native::prepare(workspace, &engine, &folders.data)?;
        graphs::write(workspace, &folders.data)?;
        Ok(Self { workspace, options, folders, browser, python, engine })
    }

    /// Returns the times and the version of onnxruntime.
    fn native(&self) -> Result<(Vec<Times>, String)> {
        native::measure(self.workspace, &self.engine, &self.folders, &self.python, self.options.rounds)
    }

    fn throughput(&self) -> Result<Throughput> {
        throughput::measure(self.workspace, &self.folders, &self.python, &self.options.profile, self.options.photo_rounds)
    }

    fn weight_bytes(&self) -> Result<u64> {
        graphs::weight_bytes(&self.folders.data)
    }

    fn node(&'a self, site: &'a site::Site) -> web::Node<'a> {
        web::Node { scripts: &self.folders.scripts, browser: &self.browser, site }
    }
}

impl Folders {
    fn of(workspace: &Workspace) -> Self {
        Self { scripts: workspace.root().join("xtask/bench"), data: workspace.target().join("bench") }
    }
}

/// Returns the current commit, and whether the files are unchanged from it.
fn commit(workspace: &Workspace) -> Result<String> {
    let git =
        |arguments: &[&str]| command::output(std::process::Command::new("git").args(arguments).current_dir(workspace.root()));
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = !git(&["status", "--porcelain"])?.trim().is_empty();
    Ok(format!("{}{}", commit.trim(), if changed { ", with changes" } else { "" }))
}

/// Returns the times of one contender's job.
fn times_of<'a>(times: &'a [Times], contender: &str, job: &str) -> Result<&'a Times> {
    let found = times.iter().find(|times| times.contender == contender && times.job == job);
    found.with_context(|| format!("{contender} was not timed at {job}"))
}

/// Parses the line that a contender sent.
fn answer<T: for<'de> Deserialize<'de>>(line: &str) -> Result<T> {
    match serde_json::from_str(line) {
        Ok(answer) => Ok(answer),
        Err(error) => bail!("a contender's answer cannot be read ({error}): {}", line.chars().take(200).collect::<String>()),
    }
}

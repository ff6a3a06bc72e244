//! In the browser: our engine against onnxruntime-web, each in a worker of the same page.
use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{
    FirstScore,
    measure::{self, Entry, Times},
    program::Program,
    site::Site,
};
use crate::{command, step::Step};

pub const OURS: &str = "serfiq";
pub const THEIRS: &str = "onnxruntime";
/// On the CPU, in workers that share memory.
pub const OURS_ON_ALL_CORES: &str = "serfiq, all cores";
pub const THEIRS_ON_ALL_CORES: &str = "onnxruntime, all cores";

/// The jobs timed on either backend, in turn. Compared jobs are neighbours: a job also pays for what the one before it left in the
/// processor's cache, or evicted.
const JOBS: [(&str, &str); 6] =
    [(THEIRS, "embed"), (OURS, "embed"), (OURS, "limit"), (OURS, "frame"), (OURS, "mc"), (THEIRS, "mc")];

/// The jobs timed on all cores against onnxruntime.
const JOBS_ON_ALL_CORES: [(&str, &str); 4] =
    [(THEIRS_ON_ALL_CORES, "embed"), (OURS_ON_ALL_CORES, "embed"), (OURS_ON_ALL_CORES, "mc"), (THEIRS_ON_ALL_CORES, "mc")];

/// The jobs timed on all cores against the same on one: without onnxruntime, whose threads keep spinning for a while after each run.
const JOBS_ON_ONE_AND_ALL: [(&str, &str); 4] =
    [(OURS, "embed"), (OURS_ON_ALL_CORES, "embed"), (OURS, "frame"), (OURS_ON_ALL_CORES, "frame")];

/// The scripts that drive a browser, and their input.
pub struct Node<'a> {
    pub scripts: &'a Path,
    pub browser: &'a Path,
    pub site: &'a Site,
}

pub struct Wasm {
    pub times: Vec<Times>,
    pub on_all_cores: Vec<Times>,
    pub on_one_and_all: Vec<Times>,
    /// Name and version.
    pub browser: String,
}

#[derive(Serialize)]
pub struct WebGpu {
    pub times: Vec<Times>,
    /// Name of the GPU.
    pub adapter: String,
    pub counts: Vec<Counts>,
    /// Of the recogniser, as floats.
    pub weight_bytes: u64,
}

/// What a contender's job asks of the GPU, as counted in the browser.
#[derive(Serialize)]
pub struct Counts {
    pub contender: &'static str,
    pub job: &'static str,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
pub struct Asked {
    pub dispatches: u64,
    pub submissions: u64,
    pub read_backs: u64,
    /// Compiled since the start.
    pub pipelines: u64,
    /// Size of the buffers bound to dispatches.
    pub bound_bytes: u64,
    /// Written from the CPU, or copied from buffer to buffer.
    pub copied_bytes: u64,
    /// In all buffers after the run.
    pub gpu_bytes: u64,
    /// Peak since the start.
    pub most_gpu_bytes: u64,
}

#[derive(Deserialize)]
struct Loaded {
    adapter: Option<String>,
}

/// Measures on the CPU: with one thread, then in another page with all cores.
pub fn measure_wasm(node: &Node, rounds: u32) -> Result<Wasm> {
    let mut page = [node.open("cpu")?];
    let browser = page[0].ask("browser")?;
    let times = measure::in_turn("wasm", &mut page, &JOBS.map(entry), 3, rounds)?;
    drop(page);
    let mut page = [node.open("threads")?];
    let on_one_and_all = measure::in_turn("one and all cores", &mut page, &JOBS_ON_ONE_AND_ALL.map(entry), 20, rounds)?;
    let on_all_cores = measure::in_turn("all cores", &mut page, &JOBS_ON_ALL_CORES.map(entry), 3, rounds)?;
    Ok(Wasm { times, on_all_cores, on_one_and_all, browser })
}

/// Measures on the browser's adapter, or on a software one if it has no other.
pub fn measure_webgpu(node: &Node, weight_bytes: u64, rounds: u32) -> Result<WebGpu> {
    let mut page = [node.open("webgpu")?];
    let Loaded { adapter } = page[0].ask("serfiq load")?;
    let times = measure::in_turn("webgpu", &mut page, &JOBS.map(entry), 1, rounds)?;
    let counts = [THEIRS, OURS].into_iter().flat_map(|contender| ["embed", "mc"].map(|job| (contender, job)));
    let counts = counts
        .map(|(contender, job)| {
            let asked = page[0].ask(&format!("{contender} count-{job}"))?;
            Ok(Counts { contender, job, asked })
        })
        .collect::<Result<_>>()?;
    let adapter = adapter.unwrap_or_else(|| "an unnamed adapter".into());
    Ok(WebGpu { times, adapter, counts, weight_bytes })
}

fn entry((contender, job): (&'static str, &'static str)) -> Entry {
    // A contender's name is sent as one word.
    Entry { contender, job, program: 0, question: format!("{} {job}", contender.replace(", ", "-").replace(' ', "-")) }
}

impl Node<'_> {
    /// Opens a browser with a page in which both engines wait in their workers.
    pub fn open(&self, backend: &str) -> Result<Program> {
        Program::start(&mut self.script("browser.mjs", backend))
    }

    /// Measures how long a visitor waits for the first score, on the first visit and on later ones.
    pub fn first_score(&self, backend: &'static str, visits: u32) -> Result<FirstScore> {
        let step = Step::start("first score");
        step.say(format_args!("on {backend}"));
        let printed = command::output(self.script("first-score.mjs", backend).arg(visits.to_string()))?;
        step.done("timed");
        Ok(FirstScore { backend, times: super::answer(&printed)? })
    }

    fn script(&self, name: &str, backend: &str) -> Command {
        let mut node = Command::new("node");
        node.arg(self.scripts.join(name)).arg(backend);
        node.env("SERFIQ_CHROME", self.browser).env("SERFIQ_SITE", self.site.origin());
        node
    }
}

/// Returns the installed version of onnxruntime-web.
pub fn onnxruntime_version(scripts: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Package {
        version: String,
    }
    let path = scripts.join("node_modules/onnxruntime-web/package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let package: Package = serde_json::from_str(&text).with_context(|| format!("{} is not valid", path.display()))?;
    Ok(package.version)
}

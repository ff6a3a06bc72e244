use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{command, step::Step};

/// The measures of ISO/IEC 29794-5 that the score is compared with: their qualities, 0 to 100.
const MEASURES: [&str; 8] = [
    "InterEyeDistance",
    "HeadPoseYaw",
    "HeadPosePitch",
    "IlluminationUniformity",
    "LuminanceMean",
    "DynamicRange",
    "EyesOpen",
    "BackgroundUniformity",
];

/// The part of a report of `serfiq edc` that the page shows.
#[derive(Debug, Deserialize)]
pub struct Report {
    pub comparisons: Comparisons,
    pub recogniser: Recogniser,
    pub at: Vec<AtFmr>,
}

#[derive(Debug, Deserialize)]
pub struct Comparisons {
    pub images: usize,
    pub subjects: usize,
    pub mated: usize,
    pub non_mated: usize,
    pub pairs_left_out: usize,
}

#[derive(Debug, Deserialize)]
pub struct Recogniser {
    pub equal_error_rate: f64,
}

#[derive(Debug, Deserialize)]
pub struct AtFmr {
    pub fmr: f64,
    pub fnmr: f64,
    pub measures: Vec<Measure>,
    pub best: Measure,
}

#[derive(Debug, Deserialize)]
pub struct Measure {
    pub name: String,
    pub curve: Vec<Point>,
    pub areas: Vec<Area>,
}

#[derive(Debug, Deserialize)]
pub struct Point {
    pub discarded: f64,
    pub fnmr: f64,
}

#[derive(Debug, Deserialize)]
pub struct Area {
    pub to: f64,
    pub area: f64,
    pub interval: Option<[f64; 2]>,
    pub relative: Option<f64>,
}

impl Measure {
    /// FNMR with this fraction discarded.
    pub fn at(&self, discarded: f64) -> Option<f64> {
        self.curve.iter().rfind(|point| point.discarded <= discarded + 1e-9).map(|point| point.fnmr)
    }
}

/// Measures the pictures of the pairs, and judges the score and the measures on the same pairs.
pub fn measure(program: &Path, pairs: &Path) -> Result<Report> {
    let step = Step::start("discard");
    let place = tempfile::tempdir().context("cannot create a temporary folder")?;
    let measures = place.path().join("measures.csv");
    let images = pairs.parent().unwrap_or(Path::new("."));
    step.say("serfiq measures");
    let mut command = Command::new(program);
    command.args(["measures", "--format", "csv", "--output"]).arg(&measures).arg(images);
    run(&mut command)?;
    let page = place.path().join("edc.html");
    step.say("serfiq edc");
    let mut command = Command::new(program);
    command.args(["edc", "--fmr", "0.01", "--pairs"]).arg(pairs).arg("--output").arg(&page);
    command.arg("--scores").arg(format!("iso={}", measures.display()));
    MEASURES.iter().for_each(|name| {
        command.args(["--column", &format!("{name}.scalar")]);
    });
    run(&mut command)?;
    let text = fs::read_to_string(page.with_extension("json")).context("there is no report")?;
    let report: Report = serde_json::from_str(&text).context("the report of `serfiq edc` is not as expected")?;
    step.done(format_args!("{} images", report.comparisons.images));
    Ok(report)
}

/// Runs a command of serfiq. Status 1 says that some pictures cannot be read: the others are judged.
fn run(serfiq: &mut Command) -> Result<()> {
    let status = serfiq.status().with_context(|| format!("cannot start {}", command::describe(serfiq)))?;
    match status.code() {
        Some(0 | 1) => Ok(()),
        _ => bail!("{} failed ({status}); see the messages above", command::describe(serfiq)),
    }
}

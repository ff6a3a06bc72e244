//! Many photos: `serfiq score` and the wheel, as users run them, against the same pipeline in Python with OpenCV and onnxruntime.
use std::{process::Command, thread, time::Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{
    Folders, graphs,
    measure::{self, Times},
    native,
    program::Program,
    python::Python,
};
use crate::{command, step::Step, wheel, workspace::Workspace};

pub const OURS: &str = "serfiq";
pub const WHEEL: &str = "serfiq's wheel";
pub const THEIRS: &str = "Python";
pub const JOB: &str = "photos";

/// Maximum difference between two raw scores of a face. Ours is cropped by the landmarks of the face mesh, which the pipeline in Python does
/// not have: it is work that only we do. Decoders and scaling round differently, too.
const MAX_APART: f64 = 0.01;

/// Reading JSON rounds the last digit.
const MAX_APART_IN_WHEEL: f64 = 1e-15;

/// The contenders' times for the same photos.
#[derive(Serialize)]
pub struct Throughput {
    pub photos: usize,
    pub faces: usize,
    /// The largest difference between our raw score of a face and theirs.
    pub apart: f64,
    /// Version of OpenCV.
    pub opencv: String,
    pub times: Vec<Times>,
    /// Peak memory of each contender, in bytes.
    pub most_memory: Vec<(&'static str, Option<u64>)>,
}

/// What `photos.py` prints.
#[derive(Deserialize)]
struct Photos {
    opencv: String,
    paths: Vec<String>,
}

/// Either side's answer for a photo.
#[derive(Debug, Deserialize)]
struct Answer {
    path: String,
    faces: Vec<Face>,
}

#[derive(Debug, Deserialize)]
struct Face {
    raw: f64,
}

/// All load their models and process all photos once, which does not count. After that, a time runs from the first path sent to the
/// last answer received.
pub fn measure(workspace: &Workspace, folders: &Folders, python: &Python, profile: &str, rounds: u32) -> Result<Throughput> {
    let serfiq = native::build(workspace, profile, "--bin", "serfiq")?;
    let wheel = wheel::build(workspace)?;
    graphs::write_for_pipeline(workspace, &folders.data)?;
    let step = Step::start("throughput");
    let mut photos = python.script("photos.py");
    photos.arg(workspace.portraits()).arg(folders.data.join("photos"));
    let photos: Photos = super::answer(&command::output(&mut photos)?)?;
    let paths: Vec<&str> = photos.paths.iter().map(String::as_str).collect();

    let mut ours = Command::new(serfiq);
    ours.args(["score", "--format", "jsonl", "--stdin", "--models-dir"]).arg(workspace.model_files());
    let cores = thread::available_parallelism().context("cannot tell how many cores there are")?;
    let mut theirs = python.script("opencv_pipeline.py");
    theirs.arg(&folders.data).arg(cores.to_string());
    let mut in_wheel = python.script_with(&wheel, "wheel_pipeline.py")?;
    in_wheel.arg(paths.len().to_string());
    const CONTENDERS: [&str; 3] = [OURS, WHEEL, THEIRS];
    let mut programs = [Program::start(&mut ours)?, Program::start(&mut in_wheel)?, Program::start(&mut theirs)?];

    step.say(format_args!("{rounds} rounds of {} photos", paths.len()));
    let [ours, in_wheel, theirs] = &mut programs;
    let (ours, in_wheel, theirs) = (answers(ours, &paths)?, answers(in_wheel, &paths)?, answers(theirs, &paths)?);
    let apart = largest_difference(&ours, &theirs)?;
    ensure!(apart <= MAX_APART, "{OURS} and {THEIRS} score a face {apart} apart; expected at most {MAX_APART}");
    let apart_in_wheel = largest_difference(&ours, &in_wheel)?;
    ensure!(apart_in_wheel <= MAX_APART_IN_WHEEL, "{OURS} and {WHEEL} score a face {apart_in_wheel} apart; expected the same");
    let times = measure::alternate(rounds, programs.len(), |index| {
        let start = Instant::now();
        programs[index].ask_all(&paths)?;
        Ok(1000.0 * start.elapsed().as_secs_f64())
    })?;
    step.done("timed");
    let most_memory = CONTENDERS.into_iter().zip(programs.iter().map(Program::most_memory)).collect();
    let times = CONTENDERS.into_iter().zip(times);
    Ok(Throughput {
        photos: paths.len(),
        faces: ours.iter().map(|answer| answer.faces.len()).sum(),
        apart,
        opencv: photos.opencv,
        times: times.map(|(contender, milliseconds)| Times { contender, job: JOB, milliseconds }).collect(),
        most_memory,
    })
}

fn answers(program: &mut Program, paths: &[&str]) -> Result<Vec<Answer>> {
    program.ask_all(paths)?.iter().map(|line| super::answer(line)).collect()
}

/// Returns the largest difference between two raw scores, or an error where the two report different faces.
fn largest_difference(ours: &[Answer], theirs: &[Answer]) -> Result<f64> {
    let mut largest = 0.0_f64;
    for (ours, theirs) in ours.iter().zip(theirs) {
        ensure!(ours.path == theirs.path, "{OURS} answers {} where {THEIRS} answers {}", ours.path, theirs.path);
        let (path, found, expected) = (&ours.path, ours.faces.len(), theirs.faces.len());
        ensure!(found == expected, "{path}: {OURS} finds {found} faces, {THEIRS} {expected}");
        for (ours, theirs) in ours.faces.iter().zip(&theirs.faces) {
            largest = largest.max((ours.raw - theirs.raw).abs());
        }
    }
    Ok(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(path: &str, scores: &[f64]) -> Answer {
        Answer { path: path.into(), faces: scores.iter().map(|&raw| Face { raw }).collect() }
    }

    #[test]
    fn scores_are_compared_face_by_face() {
        let ours = [photo("a", &[]), photo("b", &[0.5, 0.75])];
        assert_eq!(largest_difference(&ours, &[photo("a", &[]), photo("b", &[0.5, 0.5])]).unwrap(), 0.25);
    }

    #[test]
    fn other_faces_and_other_photos_do_not_compare() {
        let ours = [photo("a", &[0.5])];
        let error = |theirs| largest_difference(&ours, &[theirs]).unwrap_err().to_string();
        assert_eq!(error(photo("a", &[])), "a: serfiq finds 1 faces, Python 0");
        assert_eq!(error(photo("b", &[0.5])), "serfiq answers a where Python answers b");
    }
}

//! How a score's cost grows with passes, faces and pixels, in a browser on the CPU; and the module's memory.
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::{
    measure::{Answer, quantile},
    program::Program,
    web::Node,
};
use crate::step::Step;

/// Runs of each job; the median counts.
const RUNS: usize = 7;
/// Frames until memory is steady: by then every one-time allocation has been made.
const FIRST_FRAMES: u32 = 20;

#[derive(Serialize)]
pub struct Growth {
    /// Dropout passes over one crop.
    pub passes: Vec<Cost>,
    /// Faces in a picture of 1280 x 960 pixels.
    pub faces: Vec<Cost>,
    /// One face in a picture whose long side has this many pixels.
    pub sides: Vec<Cost>,
    pub memory: Memory,
}

#[derive(Serialize)]
pub struct Cost {
    /// Number of passes, faces or pixels.
    pub of: u32,
    /// The median.
    pub milliseconds: f64,
}

/// Bytes used by the engine's worker.
#[derive(Serialize)]
pub struct Memory {
    /// After loading the models.
    pub loaded: Bytes,
    /// After the first frames.
    pub first_frames: Bytes,
    /// Frames before `steady`.
    pub frames: u32,
    pub steady: Bytes,
    /// After all other measurements of this module.
    pub peak: Bytes,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
pub struct Bytes {
    /// The module's memory, which never shrinks.
    pub module: u64,
    /// JavaScript's memory, not included in `module`.
    pub script: u64,
}

pub fn measure(node: &Node, frames: u32) -> Result<Growth> {
    let step = Step::start("growth");
    let mut page = node.open("cpu")?;
    step.say(format_args!("memory over {frames} frames"));
    let loaded = memory(&mut page)?;
    live(&mut page, FIRST_FRAMES)?;
    let first_frames = memory(&mut page)?;
    live(&mut page, frames - frames.min(FIRST_FRAMES))?;
    let steady = memory(&mut page)?;
    step.say("passes, faces, pixels");
    let growth = Growth {
        passes: costs(&mut page, "passes", &[2, 10, 100, 400])?,
        faces: costs(&mut page, "faces", &[1, 2, 4, 8, 16])?,
        sides: costs(&mut page, "side", &[320, 640, 1280, 2560])?,
        memory: Memory { loaded, first_frames, frames, steady, peak: memory(&mut page)? },
    };
    step.done("measured");
    Ok(growth)
}

fn costs(page: &mut Program, what: &str, numbers: &[u32]) -> Result<Vec<Cost>> {
    let mut cost = |&of: &u32| {
        let mut milliseconds = Vec::with_capacity(RUNS);
        for run in 0..=RUNS {
            let answer: Answer = page.ask(&format!("serfiq {what}-{of}"))?;
            ensure!(what != "faces" || answer.values.len() == of as usize, "{} of {of} faces were found", answer.values.len());
            // The first run also allocates what later runs reuse.
            if run > 0 {
                milliseconds.push(answer.milliseconds);
            }
        }
        Ok(Cost { of, milliseconds: quantile(&milliseconds, 0.5) })
    };
    numbers.iter().map(&mut cost).collect()
}

fn live(page: &mut Program, frames: u32) -> Result<()> {
    for _ in 0..frames {
        page.ask::<Answer>("serfiq frame")?;
    }
    Ok(())
}

fn memory(page: &mut Program) -> Result<Bytes> {
    page.ask("memory")
}

//! Guidance for a person in front of a camera: measures over time become one instruction, and good frames one picture.
//!
//! | module | owns |
//! |---|---|
//! | `motion` | the speed of the face |
//! | `settings` | every threshold, and when a picture is captured |
//! | `verdict` | whether a measure is bad, over several frames |
//! | `checks` | every check, in order of precedence |
//! | `instruction` | every instruction |
//! | `shown` | how long an instruction stays |
//! | `faults` | which instruction was shown for longest |
//! | `capture` | which frame is captured |
//!
//! Has no clock and keeps no pictures: times and frame numbers come from the caller. `docs/guidance.md` gives the sources of the
//! definitions and thresholds.
mod capture;
mod checks;
mod faults;
mod instruction;
mod motion;
mod settings;
mod shown;
#[cfg(test)]
mod tests;
mod verdict;

use serde::Serialize;

use crate::measure::Measures;

pub use capture::{Capture, Shot};
pub use checks::{Rule, Unit, rules};
pub use instruction::Instruction;
pub use settings::{CaptureSettings, Settings, Threshold, ThresholdError};
pub use verdict::Bad;

use capture::{AutoCapture, Candidate};
use checks::{Checks, Seen};
use faults::Faults;
use motion::Motion;
use shown::Shown;

/// Frames at least this many milliseconds apart are unrelated: verdicts are reset, so that at one frame in ten seconds each frame decides
/// at once.
const FORGOTTEN_AFTER: f64 = 1000.0;

/// The result of one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Guidance {
    /// The one instruction to show.
    pub instruction: Instruction,
    /// Everything that is wrong with this frame on its own, in order of precedence. Suspected reasons for a low score follow the certain
    /// ones.
    pub issues: Vec<Instruction>,
    /// Speed of the face, in distances between the eyes per second; `None` while unknown.
    pub speed: Option<f64>,
    /// State of the capture.
    pub capture: Capture,
    /// Numbers of the frames that may still be captured. Keep their pictures; discard all others.
    pub keep: [Option<u32>; 3],
}

/// Guides one person to one picture.
#[derive(Debug, Clone, Default)]
pub struct Guide {
    settings: Settings,
    last: Option<f64>,
    motion: Motion,
    checks: Checks,
    shown: Shown,
    faults: Faults,
    capture: AutoCapture,
}

impl Guide {
    /// A guide that has not seen a frame yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Adds one more frame. `frame` is its number, which identifies it. `time` is in milliseconds, by any clock that runs forwards. `score`
    /// is that of its largest face, on the scale of [`Settings::score`] (larger is better), or `None` if it was not scored.
    pub fn next(&mut self, frame: u32, time: f64, measures: &Measures, score: Option<f64>) -> Guidance {
        let elapsed = self.last.replace(time).map(|last| time - last);
        // Written so that a clock that runs backwards, or returns NaN, counts as a new one.
        if !elapsed.is_some_and(|elapsed| (0.0..FORGOTTEN_AFTER).contains(&elapsed)) {
            (self.motion, self.checks) = Default::default();
        }
        // The attempt is what the time limit measures. The last instruction was on screen until this frame.
        if let (Some(elapsed), Some(shown), true) = (elapsed, self.shown.current(), self.capture.has_begun()) {
            self.faults.add(shown, elapsed);
        }
        let score = score.filter(|score| score.is_finite());
        let speed = measures.face.as_ref().and_then(|face| self.motion.next(time, &face.landmarks));
        let seen = Seen { measures, speed, score: score.filter(|_| measures.face.is_some()) };
        let next = self.checks.next(&self.settings, &seen);
        let instruction = self.shown.next(time, next, self.settings.shown_ms);
        let issues = checks::issues(&self.settings, &seen);
        let candidate = Candidate {
            shot: seen.score.map(|score| Shot { frame, score }),
            passes: issues.is_empty(),
            told: instruction == Instruction::HoldStill,
        };
        let (capture, keep) = match &self.settings.capture {
            Some(settings) => (self.capture.next(settings, time, candidate, &self.faults), self.capture.keep(settings)),
            None => (Capture::Off, [None; 3]),
        };
        Guidance { instruction, issues, speed, capture, keep }
    }

    /// Whether a score could make this frame a good picture, because nothing else is wrong with it. For machines too slow to score every
    /// frame.
    pub fn is_worth_scoring(&self, measures: &Measures) -> bool {
        issues(&self.settings, measures, None).is_empty()
    }

    /// Call when the next frame does not follow from the previous ones: the camera was switched or turned. Resets verdicts and motion;
    /// keeps what was captured so far.
    pub fn cut(&mut self) {
        self.last = None;
    }
}

/// Everything that is wrong with a standalone picture, in order of precedence. `score` is on the scale of [`Settings::score`].
pub fn issues(settings: &Settings, measures: &Measures, score: Option<f64>) -> Vec<Instruction> {
    checks::issues(settings, &Seen { measures, speed: None, score })
}

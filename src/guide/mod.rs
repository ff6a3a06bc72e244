//! Guidance for a person in front of a camera: measures over time become one instruction, and good frames one picture.
//!
//! | module | owns |
//! |---|---|
//! | `motion` | how fast the face moves |
//! | `settings` | every threshold, and when a picture is taken |
//! | `verdict` | whether a measure is bad, over several frames |
//! | `checks` | every check, in order of precedence |
//! | `instruction` | what can be said |
//! | `shown` | how long it stays |
//! | `capture` | which frame is taken |
//!
//! Knows no clock and keeps no picture: times and frames' numbers come from the caller. `docs/guidance.md` says where the
//! definitions and the thresholds come from.
mod capture;
mod checks;
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
use motion::Motion;
use shown::Shown;

/// Frames so many milliseconds apart have nothing to do with each other: verdicts start anew, so that at a frame in ten seconds
/// each one is believed at once.
const FORGOTTEN_AFTER: f64 = 1000.0;

/// What to say and do after a frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Guidance {
    /// The one thing to say.
    pub instruction: Instruction,
    /// All that is wrong with this frame by itself, in order of precedence.
    pub issues: Vec<Instruction>,
    /// How fast the face moves, in distances between the eyes per second; `None` while that is not known.
    pub speed: Option<f64>,
    /// Whether a picture is taken.
    pub capture: Capture,
    /// The frames that may still be taken, by number: their pictures are to be kept, all others can go.
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
    capture: AutoCapture,
}

impl Guide {
    /// A guide that has seen nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Takes one more frame: its number, by which alone it is known here; its time in milliseconds, by any clock that goes
    /// forwards; its measures; and the score of its largest face, on the scale of [`Settings::score`], larger is better, `None`
    /// if it was not scored.
    pub fn next(&mut self, frame: u32, time: f64, measures: &Measures, score: Option<f64>) -> Guidance {
        let elapsed = self.last.replace(time).map(|last| time - last);
        // Written so that a clock that goes backwards, or is no number, is taken for a new one.
        if !elapsed.is_some_and(|elapsed| (0.0..FORGOTTEN_AFTER).contains(&elapsed)) {
            (self.motion, self.checks) = Default::default();
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
            Some(settings) => (self.capture.next(settings, time, candidate), self.capture.keep(settings)),
            None => (Capture::Off, [None; 3]),
        };
        Guidance { instruction, issues, speed, capture, keep }
    }

    /// Whether a score of this frame could make it a good picture: nothing else is wrong with it. For machines that are too slow
    /// to score every frame.
    pub fn is_worth_scoring(&self, measures: &Measures) -> bool {
        issues(&self.settings, measures, None).is_empty()
    }

    /// The next frame does not follow from those before: another camera, or one that was turned. Verdicts and motion start anew; what
    /// was captured so far stays.
    pub fn cut(&mut self) {
        self.last = None;
    }

    /// Starts again for the next picture, with the same settings.
    pub fn restart(&mut self) {
        *self = Self::new(self.settings.clone());
    }
}

/// All that is wrong with a picture that stands alone, in order of precedence. `score` is on the scale of [`Settings::score`].
pub fn issues(settings: &Settings, measures: &Measures, score: Option<f64>) -> Vec<Instruction> {
    checks::issues(settings, &Seen { measures, speed: None, score })
}

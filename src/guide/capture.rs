use serde::Serialize;

use super::{CaptureSettings, Instruction, faults::Faults};

/// A frame that may become the captured picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Shot {
    /// The frame number that the caller gave.
    pub frame: u32,
    /// Its score.
    pub score: f64,
}

/// Progress of the capture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capture {
    /// Capture is off.
    Off,
    /// No picture yet.
    Waiting {
        /// Share of the required good frames in a row, 0 to 1.
        progress: f64,
    },
    /// The captured picture. The guide captures no other until restarted.
    Taken(Shot),
    /// Time ran out and no frame was good enough. The guide captures none until restarted.
    TimeUp {
        /// The fault that was shown for longest since the time limit began; `None` if none was shown.
        fault: Option<Instruction>,
    },
}

/// What a frame contributes to the capture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) shot: Option<Shot>,
    /// Whether the frame passes every check on its own, including its score.
    pub(super) passes: bool,
    /// Whether the instruction was to hold still.
    pub(super) told: bool,
}

/// Chooses one frame: the best of the required good frames in a row, or the best so far when time is up.
#[derive(Debug, Clone, Default)]
pub(super) struct AutoCapture {
    /// When the first face was scored.
    started: Option<f64>,
    row: Option<Row>,
    /// The best frame that passes.
    best: Option<Shot>,
    /// The best frame with a face, whether it passes or not.
    of_all: Option<Shot>,
    done: Option<Capture>,
}

/// Good frames in a row.
#[derive(Debug, Clone, Copy)]
struct Row {
    since: f64,
    frames: u32,
    best: Shot,
}

impl AutoCapture {
    /// Whether the time limit has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.started.is_some()
    }

    /// Adds one more frame. `faults` has what was shown until then.
    pub(super) fn next(&mut self, settings: &CaptureSettings, time: f64, candidate: Candidate, faults: &Faults) -> Capture {
        // The time limit starts when a face is first scored, not when the camera starts.
        self.started = self.started.or(candidate.shot.map(|_| time));
        let elapsed = self.started.map_or(0.0, |started| time - started);
        let left = settings.time_limit_ms.map_or(f64::INFINITY, f64::from) - elapsed;
        let row = self.add(time, candidate, left >= 0.0);
        let progress = row.map_or(0.0, |row| {
            let frames = f64::from(row.frames) / f64::from(settings.good_frames.get());
            let span = if settings.steady_ms == 0 { 1.0 } else { (time - row.since) / f64::from(settings.steady_ms) };
            frames.min(span).clamp(0.0, 1.0)
        });
        if self.done.is_none() {
            let in_a_row = row.filter(|_| progress >= 1.0).map(|row| row.best);
            let when_time_is_up = || {
                let any = if settings.below_threshold { self.of_all } else { None };
                self.best.or(any).map_or_else(|| Capture::TimeUp { fault: faults.longest() }, Capture::Taken)
            };
            self.done = in_a_row.map(Capture::Taken).or_else(|| (left <= 0.0).then(when_time_is_up));
        }
        self.done.unwrap_or(Capture::Waiting { progress })
    }

    /// Adds one more frame and returns the current row of good frames.
    fn add(&mut self, time: f64, Candidate { shot, passes, told }: Candidate, in_time: bool) -> Option<Row> {
        // A frame without a score neither extends the row nor ends it, unless it fails a check.
        let good = shot.filter(|_| passes && told);
        self.row = match (self.row, good) {
            (Some(row), Some(shot)) => {
                Some(Row { frames: row.frames.saturating_add(1), best: better(Some(row.best), shot), ..row })
            }
            (None, Some(shot)) => Some(Row { since: time, frames: 1, best: shot }),
            (row, None) => row.filter(|_| passes && told),
        };
        if let Some(shot) = shot.filter(|_| in_time) {
            self.of_all = Some(better(self.of_all, shot));
            if passes {
                self.best = Some(better(self.best, shot));
            }
        }
        self.row
    }

    /// The frames that may still be captured: the caller keeps only their pictures.
    pub(super) fn keep(&self, settings: &CaptureSettings) -> [Option<u32>; 3] {
        let limited = settings.time_limit_ms.is_some();
        let shots = match self.done {
            Some(Capture::Taken(shot)) => [Some(shot), None, None],
            Some(_) => [None; 3],
            None => [
                self.row.map(|row| row.best),
                self.best.filter(|_| limited),
                self.of_all.filter(|_| limited && settings.below_threshold && self.best.is_none()),
            ],
        };
        shots.map(|shot| shot.map(|shot| shot.frame))
    }
}

/// The shot with the higher score; on a tie, the earlier.
fn better(before: Option<Shot>, shot: Shot) -> Shot {
    before.filter(|before| before.score >= shot.score).unwrap_or(shot)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn settings(good_frames: u32, steady_ms: u32, time_limit_ms: Option<u32>, below_threshold: bool) -> CaptureSettings {
        CaptureSettings { good_frames: NonZeroU32::new(good_frames).unwrap(), steady_ms, time_limit_ms, below_threshold }
    }

    fn good(frame: u32, score: f64) -> Candidate {
        Candidate { shot: Some(Shot { frame, score }), passes: true, told: true }
    }

    fn poor(frame: u32, score: f64) -> Candidate {
        Candidate { passes: false, ..good(frame, score) }
    }

    const TIME_UP: Capture = Capture::TimeUp { fault: None };
    const NOBODY: Candidate = Candidate { shot: None, passes: false, told: false };
    const NOT_SCORED: Candidate = Candidate { shot: None, passes: true, told: true };

    /// The state after each of the candidates, 100 ms apart.
    fn all(settings: &CaptureSettings, candidates: &[Candidate]) -> Vec<Capture> {
        let mut capture = AutoCapture::default();
        candidates
            .iter()
            .zip(0..)
            .map(|(candidate, frame)| capture.next(settings, f64::from(100 * frame), *candidate, &Faults::default()))
            .collect()
    }

    fn taken(frame: u32, score: f64) -> Capture {
        Capture::Taken(Shot { frame, score })
    }

    #[test]
    fn the_best_of_a_row_is_taken() {
        let said = all(&settings(3, 200, None, false), &[good(0, 70.0), good(1, 90.0), good(2, 80.0), good(3, 99.0)]);
        assert_eq!(said[..2], [Capture::Waiting { progress: 0.0 }, Capture::Waiting { progress: 0.5 }]);
        // Nothing is captured after it.
        assert_eq!(said[2..], [taken(1, 90.0), taken(1, 90.0)]);
    }

    #[test]
    fn a_row_must_last() {
        let said = all(&settings(2, 250, None, false), &[good(0, 70.0), good(1, 60.0), good(2, 65.0), good(3, 50.0)]);
        assert_eq!(said[2..], [Capture::Waiting { progress: 0.8 }, taken(0, 70.0)]);
        assert_eq!(all(&settings(1, 0, None, false), &[good(7, 55.0)]), [taken(7, 55.0)]);
    }

    #[test]
    fn a_bad_frame_ends_a_row() {
        let not_told = Candidate { told: false, ..good(2, 99.0) };
        for between in [poor(2, 99.0), not_told, NOBODY] {
            let said = all(
                &settings(3, 0, None, false),
                &[good(0, 95.0), good(1, 80.0), between, good(3, 60.0), good(4, 70.0), good(5, 65.0)],
            );
            assert!(said[..5].iter().all(|capture| matches!(capture, Capture::Waiting { .. })));
            assert_eq!(said[5], taken(4, 70.0));
        }
    }

    #[test]
    fn a_frame_without_a_score_does_not() {
        let said = all(&settings(2, 0, None, false), &[good(0, 80.0), NOT_SCORED, good(2, 70.0)]);
        assert_eq!(said[1..], [Capture::Waiting { progress: 0.5 }, taken(0, 80.0)]);
    }

    #[test]
    fn when_time_is_up_the_best_is_taken() {
        let candidates = [good(0, 60.0), poor(1, 99.0), good(2, 75.0), poor(3, 99.0), good(4, 90.0)];
        assert_eq!(all(&settings(9, 0, Some(300), false), &candidates)[3..], [taken(2, 75.0); 2]);
        // The late frame is not considered.
        assert_eq!(all(&settings(9, 0, Some(350), false), &candidates)[4], taken(2, 75.0));
    }

    #[test]
    fn nothing_below_the_threshold_is_taken_unless_asked_for() {
        let candidates = [poor(0, 30.0), poor(1, 40.0), poor(2, 35.0)];
        assert_eq!(all(&settings(1, 0, Some(200), false), &candidates)[2], TIME_UP);
        assert_eq!(all(&settings(1, 0, Some(200), true), &candidates)[2], taken(1, 40.0));
        // A frame that passes beats one that does not, whatever the score.
        assert_eq!(all(&settings(9, 0, Some(200), true), &[poor(0, 99.0), good(1, 60.0), poor(2, 70.0)])[2], taken(1, 60.0));
    }

    #[test]
    fn time_begins_with_a_face() {
        let said = all(&settings(9, 0, Some(200), false), &[NOBODY, NOBODY, NOBODY, poor(3, 40.0), NOBODY, NOBODY]);
        assert_eq!(said[4..], [Capture::Waiting { progress: 0.0 }, TIME_UP]);
    }

    #[test]
    fn only_what_may_be_taken_is_kept() {
        let kept = |settings: &CaptureSettings, candidates: &[Candidate]| {
            let mut capture = AutoCapture::default();
            candidates.iter().for_each(|candidate| {
                capture.next(settings, 0.0, *candidate, &Faults::default());
            });
            capture.keep(settings)
        };
        let candidates = [good(0, 90.0), poor(1, 95.0), good(2, 70.0), good(3, 60.0)];
        assert_eq!(kept(&settings(9, 0, Some(500), false), &candidates), [Some(2), Some(0), None]);
        assert_eq!(kept(&settings(9, 0, None, true), &candidates), [Some(2), None, None]);
        assert_eq!(kept(&settings(9, 0, Some(500), true), &[poor(1, 95.0)]), [None, None, Some(1)]);
        assert_eq!(kept(&settings(2, 0, Some(500), true), &candidates), [Some(2), None, None]);
        assert_eq!(kept(&settings(9, 0, Some(0), false), &[poor(1, 95.0)]), [None; 3]);
    }
}

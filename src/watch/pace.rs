use super::Scoring;
use crate::report::Milliseconds;

/// Milliseconds per score from which a machine is too slow to both guide and score every frame.
const SLOW_SCORE: f64 = 200.0;
/// Milliseconds per look (reading pixels, finding faces, measuring) from which a smaller copy of each frame is used.
const SLOW_LOOK: f64 = 70.0;
/// Slow looks in a row until the machine counts as slow: a single one may be due to other work on it.
const SLOW_LOOKS: u32 = 5;
/// Long sides of these copies, in pixels.
const LARGE: u32 = 1280;
const SMALL: u32 = 640;
/// After this many times a score's duration, a frame is scored whatever is wrong with it, so that the person sees a score.
const PATIENCE: f64 = 4.0;

/// Adapts the work to the machine. A fast machine scores every frame. A slow one must not respond to a movement seconds late: it scores for
/// at most half of its time, and prefers frames that may become the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    long_side: u32,
    slow_looks: u32,
    /// When the last score was ready, and how long it took, in milliseconds.
    scored: Option<(f64, f64)>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { long_side: LARGE, slow_looks: 0, scored: None }
    }
}

impl Pace {
    /// Long side of the copy for the next frame, in pixels.
    pub(super) fn long_side(self) -> u32 {
        self.long_side
    }

    /// Which frames are scored at this time, in milliseconds.
    pub(super) fn scoring(self, time: f64) -> Scoring {
        let Some((at, took)) = self.scored else { return Scoring::Always };
        let since = time - at;
        if took < SLOW_SCORE || since > PATIENCE * took {
            Scoring::Always
        } else if since > took {
            Scoring::IfGood
        } else {
            Scoring::Never
        }
    }

    /// Records the times of a frame; `time` is when it was finished.
    pub(super) fn took(&mut self, time: f64, milliseconds: Milliseconds, was_scored: bool) {
        if was_scored {
            self.scored = Some((time, milliseconds.score));
        }
        self.slow_looks = if milliseconds.detect > SLOW_LOOK { self.slow_looks + 1 } else { 0 };
        // Permanent: a machine that is slow at one size would otherwise switch back and forth.
        if self.slow_looks >= SLOW_LOOKS {
            self.long_side = SMALL;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Planned {
        long_side: u32,
        scored: bool,
    }

    /// Simulates half a minute on a machine on which looking and scoring take this many milliseconds. Every `good`th frame has nothing
    /// wrong. Also returns the share of time spent scoring.
    fn run(look: f64, score: f64, good: usize) -> (Vec<Planned>, f64) {
        let (mut pace, mut time, mut scoring) = (Pace::default(), 0.0, 0.0);
        let mut frames = Vec::new();
        while time < 30_000.0 {
            let scored = match pace.scoring(time) {
                Scoring::Always => true,
                Scoring::IfGood => frames.len().is_multiple_of(good),
                Scoring::Never => false,
            };
            frames.push(Planned { long_side: pace.long_side(), scored });
            let milliseconds = Milliseconds { detect: look, score: if scored { score } else { 0.0 }, total: 0.0 };
            time += look + milliseconds.score;
            scoring += milliseconds.score;
            pace.took(time, milliseconds, scored);
        }
        (frames, scoring / time)
    }

    #[test]
    fn a_fast_machine_scores_every_frame_at_full_size() {
        assert!(run(15.0, 40.0, 1).0.iter().all(|frame| frame.scored && frame.long_side == LARGE));
    }

    #[test]
    fn a_slow_machine_guides_between_two_scores_for_half_of_its_time_at_least() {
        for score in [250.0, 1000.0, 3000.0] {
            let (frames, share) = run(30.0, score, 1);
            let scored = frames.iter().filter(|frame| frame.scored).count();
            assert!(share <= 0.55, "{score} ms: scores take {share} of the time");
            assert!(scored as f64 >= 30_000.0 / (3.0 * score) - 1.0, "{score} ms: {scored} scores");
            assert!(frames.len() - scored > 100, "{score} ms: hardly any guidance");
        }
    }

    #[test]
    fn where_every_frame_has_something_wrong_a_slow_machine_scores_now_and_then() {
        let (frames, share) = run(30.0, 500.0, usize::MAX);
        assert!(frames.iter().filter(|frame| frame.scored).count() >= 5);
        assert!(share < 0.3, "scores take {share} of the time");
    }

    #[test]
    fn a_machine_that_is_slow_at_looking_looks_at_smaller_copies_for_good() {
        let (frames, _) = run(120.0, 100.0, 1);
        let small = frames.iter().position(|frame| frame.long_side == SMALL);
        assert_eq!(small, Some(5));
        assert!(frames[5..].iter().all(|frame| frame.long_side == SMALL));
        let mut pace = Pace::default();
        for frame in 0..50 {
            let detect = if frame % 5 == 0 { 200.0 } else { 20.0 };
            pace.took(frame.into(), Milliseconds { detect, score: 10.0, total: 0.0 }, true);
        }
        assert_eq!(pace.long_side(), LARGE, "one slow frame in five does not make the machine slow");
    }
}

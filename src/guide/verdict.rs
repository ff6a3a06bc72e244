use serde::Serialize;

use super::Threshold;

/// Which side of the limit is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bad {
    /// Values above the limit.
    Above,
    /// Values below the limit.
    Below,
}

impl Bad {
    /// Whether a value on its own is beyond the limit.
    pub(super) fn is(self, value: f64, threshold: Threshold) -> bool {
        self.beyond(value, threshold.limit(), 0.0)
    }

    fn beyond(self, value: f64, limit: f64, inside: f64) -> bool {
        match self {
            Self::Above => value > limit - inside,
            Self::Below => value < limit + inside,
        }
    }
}

/// Whether a measure is bad, over several frames. A verdict changes when two of three frames agree, and a bad measure must come back inside
/// the limit by its margin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Verdict {
    bad: bool,
    /// The votes of the last two frames, most recent first.
    votes: [Option<bool>; 2],
}

impl Verdict {
    pub(super) fn is_bad(self) -> bool {
        self.bad
    }

    /// Adds the value of one more frame.
    pub(super) fn hear(&mut self, value: f64, bad: Bad, threshold: Threshold) {
        let inside = if self.bad { threshold.margin() } else { 0.0 };
        self.vote(bad.beyond(value, threshold.limit(), inside));
    }

    /// Adds the vote of one more frame. The first vote decides, so that there is a verdict from the start.
    pub(super) fn vote(&mut self, vote: bool) {
        let [last, before] = self.votes;
        if last.is_none_or(|last| vote == last || before == Some(vote)) {
            self.bad = vote;
        }
        self.votes = [Some(vote), last];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heard(verdict: &mut Verdict, value: f64) -> bool {
        verdict.hear(value, Bad::Above, Threshold::new(10.0, 2.0).unwrap());
        verdict.is_bad()
    }

    fn all(values: &[f64]) -> Vec<bool> {
        let mut verdict = Verdict::default();
        values.iter().map(|value| heard(&mut verdict, *value)).collect()
    }

    #[test]
    fn two_of_three_frames_decide() {
        assert_eq!(all(&[11.0, 5.0, 11.0, 5.0, 5.0]), [true, true, true, false, false]);
        assert_eq!(all(&[5.0, 11.0, 5.0, 5.0, 11.0, 11.0, 11.0]), [false, false, false, false, false, true, true]);
        assert_eq!(all(&[5.0, 11.0, 11.0]), [false, false, true]);
    }

    #[test]
    fn what_was_bad_must_come_back_by_the_margin() {
        assert_eq!(
            all(&[11.0, 9.0, 9.0, 9.0, 8.0, 8.0, 9.0, 9.0, 9.0]),
            [true, true, true, true, true, false, false, false, false]
        );
        let mut below = Verdict::default();
        let said: Vec<bool> = [4.0, 6.0, 6.0, 7.0, 7.0, 6.0]
            .map(|value| {
                below.hear(value, Bad::Below, Threshold::new(5.0, 2.0).unwrap());
                below.is_bad()
            })
            .to_vec();
        assert_eq!(said, [true, true, true, true, false, false]);
    }

    #[test]
    fn at_the_limit_is_good() {
        let threshold = Threshold::new(10.0, 0.0).unwrap();
        assert!(!Bad::Above.is(10.0, threshold) && !Bad::Below.is(10.0, threshold));
        assert!(Bad::Above.is(10.1, threshold) && Bad::Below.is(9.9, threshold));
        assert!(!Bad::Above.is(f64::NAN, threshold) && !Bad::Below.is(f64::NAN, threshold));
    }

    proptest! {
        /// However it jitters within the margin, a value changes the verdict at most once.
        #[test]
        fn trembling_within_the_margin_does_not_flicker(values in prop::collection::vec(8.001..10.5_f64, 1..60)) {
            let said = all(&values);
            prop_assert!(said.windows(2).filter(|pair| pair[0] != pair[1]).count() <= 1, "{:?}", said);
        }

        /// A single deviating frame, good or bad, is ignored.
        #[test]
        fn one_frame_changes_nothing(usual in any::<bool>(), at in 2..20_usize) {
            let value = |bad: bool| if bad { 11.0 } else { 5.0 };
            let values: Vec<f64> = (0..22).map(|frame| value((frame == at) != usual)).collect();
            prop_assert!(all(&values).iter().all(|bad| *bad == usual));
        }

        /// Three frames that agree always decide.
        #[test]
        fn three_frames_are_believed(before in prop::collection::vec(any::<bool>(), 0..12), says in any::<bool>()) {
            let value = |bad: bool| if bad { 11.0 } else { 5.0 };
            let values: Vec<f64> = before.into_iter().chain([says; 3]).map(value).collect();
            prop_assert_eq!(all(&values).pop(), Some(says));
        }
    }
}

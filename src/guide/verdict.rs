use serde::Serialize;

use super::Threshold;

/// On which side of its limit a measure is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bad {
    /// What is above the limit.
    Above,
    /// What is below it.
    Below,
}

impl Bad {
    /// Whether a value is beyond the limit, by itself.
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

/// Whether a measure is bad, over several frames: a verdict changes when two of three frames say so, and what was bad must come
/// back inside of the limit by its margin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Verdict {
    bad: bool,
    /// What the last two frames said, the last one first.
    votes: [Option<bool>; 2],
}

impl Verdict {
    pub(super) fn is_bad(self) -> bool {
        self.bad
    }

    /// Hears the value of one more frame.
    pub(super) fn hear(&mut self, value: f64, bad: Bad, threshold: Threshold) {
        let inside = if self.bad { threshold.margin() } else { 0.0 };
        self.vote(bad.beyond(value, threshold.limit(), inside));
    }

    /// Hears what one more frame says. The first one decides, so that there is something to say from the beginning.
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
        /// However it trembles within the margin, a value changes the verdict once at most.
        #[test]
        fn trembling_within_the_margin_does_not_flicker(values in prop::collection::vec(8.001..10.5_f64, 1..60)) {
            let said = all(&values);
            prop_assert!(said.windows(2).filter(|pair| pair[0] != pair[1]).count() <= 1, "{:?}", said);
        }

        /// One frame among good ones, or among bad ones, is not heard.
        #[test]
        fn one_frame_changes_nothing(usual in any::<bool>(), at in 2..20_usize) {
            let value = |bad: bool| if bad { 11.0 } else { 5.0 };
            let values: Vec<f64> = (0..22).map(|frame| value((frame == at) != usual)).collect();
            prop_assert!(all(&values).iter().all(|bad| *bad == usual));
        }

        /// Three frames that say the same are always believed.
        #[test]
        fn three_frames_are_believed(before in prop::collection::vec(any::<bool>(), 0..12), says in any::<bool>()) {
            let value = |bad: bool| if bad { 11.0 } else { 5.0 };
            let values: Vec<f64> = before.into_iter().chain([says; 3]).map(value).collect();
            prop_assert_eq!(all(&values).pop(), Some(says));
        }
    }
}

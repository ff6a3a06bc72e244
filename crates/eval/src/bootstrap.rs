use std::thread;

use super::Weights;
use serfiq_score::philox4x32_10;

/// Share of the resamples beyond either end of an interval.
const TAIL: f64 = 0.025;

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The intervals of several numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals(Vec<Option<Interval>>);

impl Intervals {
    /// The interval of a number; `None` where there is none.
    pub fn of(&self, number: usize) -> Option<Interval> {
        self.0.get(number).copied().flatten()
    }
}

/// A bootstrap over subjects: each resample draws as many subjects as there are, with replacement, together with all their
/// comparisons. Comparisons of one subject are not independent; drawing comparisons would make the intervals too narrow (Bolle,
/// Ratha, Pankanti: "Error analysis of pattern recognition systems: the subsets bootstrap", CVIU 2004). A non-mated comparison's
/// weight is the product of its two subjects' weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resamples {
    /// Number of resamples.
    pub count: u32,
    /// The same seed draws the same subjects.
    pub seed: u64,
}

impl Resamples {
    /// Maximum number of resamples: all are in memory at once.
    pub const MAX: u32 = 1_000_000;

    /// Returns an interval, between percentiles of the resamples, for each number that `statistic` computes over `subjects` subjects. A
    /// number that a resample lacks (because no mated comparison was drawn, say) is NaN and is skipped. Without resamples there are no
    /// intervals.
    pub fn intervals(self, subjects: usize, statistic: impl Fn(&Weights) -> Vec<f64> + Sync) -> Intervals {
        let threads = thread::available_parallelism().map_or(1, |threads| threads.get() as u32);
        let drawn: Vec<Vec<f64>> = thread::scope(|scope| {
            let part = |first| {
                let statistic = &statistic;
                let mine = (first..self.count).step_by(threads as usize);
                move || mine.map(|index| statistic(&self.weights(index, subjects))).collect::<Vec<_>>()
            };
            let parts: Vec<_> = (0..threads).map(|first| scope.spawn(part(first))).collect();
            parts.into_iter().filter_map(|part| part.join().ok()).flatten().collect()
        });
        let numbers = drawn.first().map_or(0, Vec::len);
        let interval = |number: usize| {
            let mut values: Vec<f64> = drawn.iter().map(|of_one| of_one[number]).filter(|value| !value.is_nan()).collect();
            values.sort_by(f64::total_cmp);
            (!values.is_empty()).then(|| Interval { low: quantile(&values, TAIL), high: quantile(&values, 1.0 - TAIL) })
        };
        Intervals((0..numbers).map(interval).collect())
    }

    fn weights(self, resample: u32, subjects: usize) -> Weights {
        let mut weights = vec![0.0; subjects];
        let key = [self.seed as u32, (self.seed >> 32) as u32];
        let words = (0..).flat_map(|four| philox4x32_10([four, resample, 0, 0], key));
        for word in words.take(subjects) {
            weights[((u64::from(word) * subjects as u64) >> 32) as usize] += 1.0;
        }
        Weights(weights)
    }
}

/// Returns the largest error rate at which one in twenty samples of `pairs` pairs shows no error: about `3 / pairs`. For pairs without an
/// error: their resamples show none either, so an interval would have no width.
pub fn largest_unseen_rate(pairs: f64) -> f64 {
    1.0 - (2.0 * TAIL).powf(1.0 / pairs)
}

/// Returns the value below which a share `at`, from 0 to 1, of the sorted values lies, interpolated between the two nearest.
/// Panics without values: a caller error.
pub fn quantile(sorted: &[f64], at: f64) -> f64 {
    let position = at * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    below + (above - below) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Comparison, Comparisons},
        *,
    };

    const RESAMPLES: Resamples = Resamples { count: 2000, seed: 5 };

    /// Subjects with `each` mated comparisons: all are missed for the first `missed` subjects, none for the others. And one non-mated
    /// comparison.
    fn comparisons(subjects: usize, missed: usize, each: usize) -> Comparisons {
        let mut pairs: Vec<Comparison> = (0..subjects)
            .flat_map(|subject| (0..each).map(move |other| (subject, other)))
            .map(|(subject, other)| Comparison {
                images: [subject * (each + 1), subject * (each + 1) + other + 1],
                mated: true,
                similarity: if subject < missed { 0.0 } else { 1.0 },
            })
            .collect();
        pairs.push(Comparison { images: [0, each + 1], mated: false, similarity: 0.0 });
        Comparisons::new(&pairs, &vec![1.0; subjects * (each + 1)]).unwrap()
    }

    fn fnmr(all: &Comparisons) -> Interval {
        let statistic = |weights: &Weights| {
            let sum = |only_missed: bool| -> f64 {
                let counted = all.mated.iter().filter(|mated| !only_missed || mated.similarity < 0.5);
                counted.map(|mated| weights.of_mated(mated)).sum()
            };
            vec![sum(true) / sum(false)]
        };
        RESAMPLES.intervals(all.subjects(), statistic).of(0).unwrap()
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_the_normal_distribution() {
        let interval = fnmr(&comparisons(400, 80, 1));
        let half = 1.96 * (0.2 * 0.8 / 400.0_f64).sqrt();
        assert!((interval.low - (0.2 - half)).abs() < 0.005 && (interval.high - (0.2 + half)).abs() < 0.005, "{interval:?}");
        // More comparisons of the same subjects add no information.
        let repeated = fnmr(&comparisons(400, 80, 9));
        assert!((repeated.low - interval.low).abs() < 0.005 && (repeated.high - interval.high).abs() < 0.005, "{repeated:?}");
    }

    #[test]
    fn a_seed_draws_the_same_and_another_one_others() {
        let weights = |seed, resample| Resamples { count: 9, seed }.weights(resample, 10);
        assert_eq!(weights(1, 0), weights(1, 0));
        assert!(weights(1, 0) != weights(1, 1) && weights(1, 0) != weights(2, 0));
        assert_eq!(weights(1, 0).0.iter().sum::<f64>(), 10.0);
    }

    #[test]
    fn nothing_to_compute_has_no_interval() {
        let none_and_one = RESAMPLES.intervals(3, |_| vec![f64::NAN, 1.0]);
        assert_eq!((none_and_one.of(0), none_and_one.of(1)), (None, Some(Interval { low: 1.0, high: 1.0 })));
        assert_eq!(Resamples { count: 0, seed: 0 }.intervals(3, |_| vec![1.0]).of(0), None);
    }

    #[test]
    fn a_rate_that_is_larger_would_have_shown() {
        let rate = largest_unseen_rate(300.0);
        assert!((rate - 3.0 / 300.0).abs() < 1e-4, "the rule of three");
        assert!(((1.0 - rate).powi(300) - 0.05).abs() < 1e-9);
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|at| quantile(&[1.0, 2.0, 4.0], at)), [1.0, 1.5, 2.0, 4.0]);
    }
}

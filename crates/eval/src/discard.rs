use super::{Comparisons, SimilarityThreshold, Weights};

/// Error versus discard: the false non-match rate of the remaining comparisons when those of the lowest quality are discarded
/// (ISO/IEC 29794-1; Schlett et al., arXiv 2303.13294).
///
/// Comparisons of the same quality are discarded together, so the curve has steps: a fraction between two possible ones counts as
/// the lower one.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscardCurve {
    /// Discarded fraction and FNMR from there on; the first is at 0.
    steps: Vec<(f64, f64)>,
}

/// Tolerance for shares that rounding may have reordered.
const ROUNDING: f64 = 1e-9;

impl DiscardCurve {
    /// `comparisons` yields each comparison's quality, its weight, and whether it is a false non-match, in the order in which they are
    /// discarded. `None` where all weights are 0.
    fn new(comparisons: impl Iterator<Item = (f64, f64, bool)> + Clone) -> Option<Self> {
        let (mut total, mut missed) = (0.0, 0.0);
        for (_, weight, is_missed) in comparisons.clone() {
            total += weight;
            missed += if is_missed { weight } else { 0.0 };
        }
        if total <= 0.0 {
            return None;
        }
        let (mut discarded, mut discarded_missed, mut steps) = (0.0, 0.0, Vec::new());
        let mut before = None;
        for (quality, weight, is_missed) in comparisons {
            if before.replace(quality) != Some(quality) && discarded < total {
                steps.push((discarded / total, (missed - discarded_missed) / (total - discarded)));
            }
            discarded += weight;
            discarded_missed += if is_missed { weight } else { 0.0 };
        }
        // Comparisons of weight 0 make no step.
        steps.dedup_by_key(|step| step.0);
        Some(Self { steps })
    }

    /// FNMR when at most this fraction is discarded.
    pub fn at(&self, fraction: f64) -> f64 {
        let next = self.steps.partition_point(|(discarded, _)| *discarded <= fraction + ROUNDING);
        self.steps[next.saturating_sub(1)].1
    }

    /// The area under the curve from 0 to this fraction: the smaller, the better (pAUC).
    pub fn area(&self, to: f64) -> f64 {
        let ends = self.steps.iter().skip(1).map(|(discarded, _)| *discarded).chain([f64::INFINITY]);
        self.steps.iter().zip(ends).map(|((start, fnmr), end)| (end.min(to) - start).max(0.0) * fnmr).sum()
    }
}

/// Returns the best possible curve: every discarded comparison is a false non-match, until none is left.
pub fn best_possible(comparisons: usize, fnmr: f64) -> Option<DiscardCurve> {
    let missed = (fnmr * comparisons as f64).round() as usize;
    DiscardCurve::new((0..comparisons).map(|index| (index.min(missed) as f64, 1.0, index < missed)))
}

impl Comparisons {
    /// Returns the curve at a threshold fixed on all comparisons.
    pub fn discard_curve(&self, threshold: SimilarityThreshold) -> Option<DiscardCurve> {
        self.weighted_discard_curve(threshold, &self.once())
    }

    /// Returns the curve of a resample, at the resample's own threshold. `None` where no mated or no non-mated comparison was
    /// drawn.
    pub fn resampled_discard_curve(&self, fmr: f64, weights: &Weights) -> Option<DiscardCurve> {
        let threshold = self.weighted_threshold(fmr, weights, f64::NEG_INFINITY)?;
        self.weighted_discard_curve(threshold, weights)
    }

    fn weighted_discard_curve(&self, threshold: SimilarityThreshold, weights: &Weights) -> Option<DiscardCurve> {
        DiscardCurve::new(
            self.mated
                .iter()
                .map(|comparison| (comparison.quality, weights.of_mated(comparison), comparison.similarity <= threshold.above)),
        )
    }

    /// Returns the FNMR at each discarded fraction, with the threshold refitted to the false match rate on the remaining
    /// comparisons. A quality that discards this fraction of the mated comparisons also discards the non-mated ones below it.
    /// `None` where too few of those are left.
    pub fn refitted(&self, fmr: f64, fractions: &[f64]) -> Vec<Option<f64>> {
        let weights = self.once();
        let mut results = Vec::with_capacity(fractions.len());
        for fraction in fractions {
            let first = (fraction * self.mated.len() as f64 * (1.0 + ROUNDING)) as usize;
            // Comparisons of the same quality are discarded or kept together.
            let quality = self.mated[first.min(self.mated.len() - 1)].quality;
            let kept = &self.mated[self.mated.partition_point(|comparison| comparison.quality < quality)..];
            let impostors = self.non_mated.iter().filter(|comparison| comparison.quality >= quality).count();
            let enough = impostors as f64 * fmr >= 1.0 - ROUNDING;
            let threshold = enough.then(|| self.weighted_threshold(fmr, &weights, quality)).flatten();
            results.push(threshold.map(|threshold| {
                kept.iter().filter(|comparison| comparison.similarity <= threshold.above).count() as f64 / kept.len() as f64
            }));
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Comparison, *};

    /// Mated pairs, each of a different subject, with quality and similarity; and four non-mated pairs.
    fn comparisons(mated: &[(f64, f64)]) -> Comparisons {
        let non_mated = [0.1, 0.2, 0.3, 0.4].map(|similarity| (1.0, similarity));
        let all = || mated.iter().chain(&non_mated);
        let pairs: Vec<Comparison> = all()
            .enumerate()
            .map(|(i, (_, similarity))| Comparison {
                images: [2 * i, 2 * i + 1],
                mated: i < mated.len(),
                similarity: *similarity,
            })
            .collect();
        let qualities: Vec<f64> = all().flat_map(|(quality, _)| [*quality, quality + 1.0]).collect();
        Comparisons::new(&pairs, &qualities).unwrap()
    }

    fn curve(mated: &[(f64, f64)]) -> DiscardCurve {
        let all = comparisons(mated);
        all.discard_curve(all.threshold(0.25).unwrap()).unwrap()
    }

    #[test]
    fn by_hand() {
        // The threshold is above 0.3: the first and the third are missed; the second and third have the same quality.
        let curve = curve(&[(0.1, 0.2), (0.3, 0.9), (0.3, 0.3), (0.5, 0.8), (0.7, 0.8)]);
        assert_eq!(curve.steps, [(0.0, 0.4), (0.2, 0.25), (0.6, 0.0), (0.8, 0.0)]);
        assert_eq!([0.0, 0.1, 0.2, 0.5, 0.6, 0.95].map(|fraction| curve.at(fraction)), [0.4, 0.4, 0.25, 0.25, 0.0, 0.0]);
        assert!((curve.area(0.3) - (0.2 * 0.4 + 0.1 * 0.25)).abs() < 1e-12);
        assert!((curve.area(1.0) - (0.2 * 0.4 + 0.4 * 0.25)).abs() < 1e-12);
    }

    #[test]
    fn a_fitted_threshold_moves_with_what_is_left() {
        let all = comparisons(&[(0.1, 0.2), (0.3, 0.9), (0.5, 0.35), (1.5, 0.8)]);
        // 0.35 is above 0.3, where one of four matches; non-mated ones have quality 1, and are discarded before the last.
        assert_eq!(all.refitted(0.25, &[0.0, 0.25, 0.5, 0.75]), [Some(0.25), Some(0.0), Some(0.0), None]);
    }

    proptest! {
        #[test]
        fn nothing_is_better_than_the_best_possible(
            mated in prop::collection::vec((0..5_u8, 0.0..1.0_f64), 1..40),
            to in 0.01..1.0_f64,
        ) {
            let mated: Vec<(f64, f64)> = mated.into_iter().map(|(quality, similarity)| (f64::from(quality), similarity)).collect();
            let curve = curve(&mated);
            let best = best_possible(mated.len(), curve.at(0.0)).unwrap();
            prop_assert!((best.at(0.0) - curve.at(0.0)).abs() < 1e-12);
            prop_assert!(best.area(to) <= curve.area(to) + 1e-12, "{:?} and {:?}", best, curve);
            prop_assert!(curve.steps.iter().all(|(_, fnmr)| (0.0..=1.0).contains(fnmr)));
        }

        #[test]
        fn weights_are_as_good_as_copies(
            mated in prop::collection::vec((0..5_u8, 0.0..1.0_f64, 0..4_u8), 1..20),
            to in 0.01..1.0_f64,
        ) {
            let mated: Vec<(f64, f64, u8)> = mated.into_iter().map(|(q, similarity, copies)| (f64::from(q), similarity, copies)).collect();
            let copies: Vec<(f64, f64)> =
                mated.iter().flat_map(|&(q, similarity, copies)| vec![(q, similarity); copies.into()]).collect();
            prop_assume!(!copies.is_empty());
            let all = comparisons(&mated.iter().map(|&(q, similarity, _)| (q, similarity)).collect::<Vec<_>>());
            let threshold = all.threshold(0.25).unwrap();
            let mut weights = all.once();
            // Subjects are numbered in the order of their pairs.
            weights.0.iter_mut().zip(&mated).for_each(|(weight, (_, _, copies))| *weight = f64::from(*copies));
            let (weighted, copied) = (all.weighted_discard_curve(threshold, &weights).unwrap(), curve(&copies));
            prop_assert!((weighted.area(to) - copied.area(to)).abs() < 1e-9);
            prop_assert!((weighted.at(to) - copied.at(to)).abs() < 1e-9);
        }
    }
}

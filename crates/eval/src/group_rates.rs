use super::{Comparisons, Weights};

/// The recogniser's errors among the comparisons within one group: those whose images both belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GroupRates {
    /// Mated comparisons.
    pub mated: f64,
    /// Mated comparisons that do not match.
    pub missed: f64,
    /// Non-mated comparisons.
    pub non_mated: f64,
    /// Non-mated comparisons that match.
    pub false_matches: f64,
}

impl GroupRates {
    /// False non-match rate; NaN without mated comparisons.
    pub fn fnmr(&self) -> f64 {
        self.missed / self.mated
    }

    /// False match rate; NaN without non-mated comparisons.
    pub fn fmr(&self) -> f64 {
        self.false_matches / self.non_mated
    }
}

impl Comparisons {
    /// Returns the rates within each group, at the threshold that gives this false match rate over all comparisons, including those across
    /// groups: a recogniser is used with a single threshold. `group_of` holds the group of each image, up to the last image that has one.
    /// `weights` says how often each subject counts; without a non-mated comparison there is no threshold, and all counts are 0.
    pub fn rates_within(&self, group_of: &[Option<usize>], groups: usize, fmr: f64, weights: &Weights) -> Vec<GroupRates> {
        let mut rates = vec![GroupRates::default(); groups];
        let Some(threshold) = self.weighted_threshold(fmr, weights, f64::NEG_INFINITY) else {
            return rates;
        };
        let of_image = |image: usize| group_of.get(image).copied().flatten();
        let of_both = |[a, b]: [usize; 2]| of_image(a).filter(|group| Some(*group) == of_image(b));
        for comparison in &self.mated {
            if let Some(group) = of_both(comparison.images) {
                let weight = weights.of_mated(comparison);
                rates[group].mated += weight;
                rates[group].missed += if comparison.similarity <= threshold.above { weight } else { 0.0 };
            }
        }
        for comparison in &self.non_mated {
            if let Some(group) = of_both(comparison.images) {
                let weight = weights.of_non_mated(comparison);
                rates[group].non_mated += weight;
                rates[group].false_matches += if comparison.similarity > threshold.above { weight } else { 0.0 };
            }
        }
        rates
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Comparison, *};

    #[test]
    fn by_hand() {
        let pair = |a, b, mated, similarity| Comparison { images: [a, b], mated, similarity };
        // Images 0 to 3 are of the first group, 4 to 7 of the second, 8 of neither.
        let pairs = [
            pair(0, 1, true, 0.9),
            pair(2, 3, true, 0.2),
            pair(4, 5, true, 0.8),
            pair(6, 8, true, 0.1),
            pair(0, 2, false, 0.3),
            pair(1, 3, false, 0.6),
            pair(4, 7, false, 0.1),
            pair(0, 4, false, 0.2),
        ];
        let all = Comparisons::new(&pairs, &[1.0; 9]).unwrap();
        let groups: Vec<Option<usize>> = (0..9).map(|image| (image < 8).then_some(image / 4)).collect();
        // One of four may match: the threshold is at 0.3.
        let rates = all.rates_within(&groups, 2, 0.25, &all.once());
        assert_eq!(rates[0], GroupRates { mated: 2.0, missed: 1.0, non_mated: 2.0, false_matches: 1.0 });
        assert_eq!(rates[1], GroupRates { mated: 1.0, missed: 0.0, non_mated: 1.0, false_matches: 0.0 });
        assert_eq!((rates[0].fnmr(), rates[0].fmr(), rates[1].fnmr()), (0.5, 0.5, 0.0));
        let nobody = Weights(vec![0.0; all.subjects()]);
        assert!(all.rates_within(&groups, 2, 0.25, &nobody)[0].fnmr().is_nan());
    }
}

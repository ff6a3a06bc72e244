use super::{Comparisons, Weights};

/// The recogniser's decision threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimilarityThreshold {
    /// A comparison matches if its similarity is larger than this.
    pub above: f64,
    /// Its false match rate: the largest that does not exceed the requested one.
    pub fmr: f64,
}

/// Why there is no threshold for a false match rate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ThresholdError {
    /// The rate is not between 0 and 1.
    #[error("the requested false match rate is {fmr}; expected one above 0 and below 1")]
    Rate {
        /// The requested rate.
        fmr: f64,
    },
    /// The rate amounts to less than one false match: it cannot be measured.
    #[error("a false match rate of {fmr} takes at least {needed} non-mated pairs; there are {found}")]
    TooFew {
        /// The requested rate.
        fmr: f64,
        /// Pairs needed.
        needed: u64,
        /// Pairs found.
        found: usize,
    },
}

/// Both error rates at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetPoint {
    /// False match rate.
    pub fmr: f64,
    /// False non-match rate.
    pub fnmr: f64,
}

impl Comparisons {
    /// Returns the threshold at which at most `fmr` of all non-mated comparisons match.
    ///
    /// # Errors
    /// A rate outside (0, 1), or too few non-mated comparisons for it: fewer than `1 / fmr`.
    pub fn threshold(&self, fmr: f64) -> Result<SimilarityThreshold, ThresholdError> {
        if !(fmr > 0.0 && fmr < 1.0) {
            return Err(ThresholdError::Rate { fmr });
        }
        // Rates are written as decimals: 1 / 0.001 must not need 1001.
        let needed = (1.0 / fmr - 1e-6).ceil() as u64;
        if (self.non_mated() as u64) < needed {
            return Err(ThresholdError::TooFew { fmr, needed, found: self.non_mated() });
        }
        let threshold = self.weighted_threshold(fmr, &self.once(), f64::NEG_INFINITY);
        threshold.ok_or(ThresholdError::TooFew { fmr, needed, found: 0 })
    }

    /// The same where some of enough comparisons could not be made. Those that are left may amount to less than one false match;
    /// then none of them matches.
    ///
    /// # Errors
    /// A rate outside (0, 1).
    pub fn threshold_of_rest(&self, fmr: f64) -> Result<SimilarityThreshold, ThresholdError> {
        match self.threshold(fmr) {
            Err(too_few @ ThresholdError::TooFew { .. }) => {
                self.weighted_threshold(fmr, &self.once(), f64::NEG_INFINITY).ok_or(too_few)
            }
            threshold => threshold,
        }
    }

    /// [`threshold`](Self::threshold) with weighted subjects, over comparisons of at least `from_quality`. `None` where their weights are all 0.
    pub(super) fn weighted_threshold(&self, fmr: f64, weights: &Weights, from_quality: f64) -> Option<SimilarityThreshold> {
        let left = || self.non_mated.iter().filter(|comparison| comparison.quality >= from_quality);
        let total: f64 = left().map(|comparison| weights.of_non_mated(comparison)).sum();
        if total <= 0.0 {
            return None;
        }
        // A little slack for rates that are not exact in binary: 0.01 of 300 is 3.
        let allowed = fmr * total * (1.0 + 1e-9);
        let (mut matches, mut of_this, mut similarity) = (0.0, 0.0, f64::INFINITY);
        for comparison in left() {
            // Equal similarities match together or not at all.
            if comparison.similarity < similarity {
                matches += of_this;
                (of_this, similarity) = (0.0, comparison.similarity);
            }
            of_this += weights.of_non_mated(comparison);
            if matches + of_this > allowed {
                return Some(SimilarityThreshold { above: similarity, fmr: matches / total });
            }
        }
        Some(SimilarityThreshold { above: f64::NEG_INFINITY, fmr: 1.0 })
    }

    /// The share of mated comparisons that do not match.
    pub fn fnmr(&self, threshold: SimilarityThreshold) -> f64 {
        self.weighted_fnmr(threshold, &self.once())
    }

    /// The same in a resample, at its own threshold; NaN where no mated or no non-mated comparison was drawn.
    pub fn resampled_fnmr(&self, fmr: f64, weights: &Weights) -> f64 {
        let threshold = self.weighted_threshold(fmr, weights, f64::NEG_INFINITY);
        threshold.map_or(f64::NAN, |threshold| self.weighted_fnmr(threshold, weights))
    }

    fn weighted_fnmr(&self, threshold: SimilarityThreshold, weights: &Weights) -> f64 {
        let (mut missed, mut all) = (0.0, 0.0);
        for comparison in &self.mated {
            let weight = weights.of_mated(comparison);
            all += weight;
            missed += if comparison.similarity <= threshold.above { weight } else { 0.0 };
        }
        missed / all
    }

    /// Both error rates at every threshold that makes a difference, from the highest: a DET curve (ISO/IEC 19795-1).
    pub fn det(&self) -> Vec<DetPoint> {
        self.weighted_det(&self.once())
    }

    fn weighted_det(&self, weights: &Weights) -> Vec<DetPoint> {
        let mated = self.mated_by_similarity.iter().map(|index| &self.mated[*index]);
        let mut mated = mated.map(|of| (of.similarity, weights.of_mated(of))).peekable();
        let mut non_mated = self.non_mated.iter().map(|of| (of.similarity, weights.of_non_mated(of))).peekable();
        let all_mated: f64 = self.mated.iter().map(|of| weights.of_mated(of)).sum();
        let all_non_mated: f64 = self.non_mated.iter().map(|of| weights.of_non_mated(of)).sum();
        let (mut matches, mut false_matches) = (0.0, 0.0);
        let mut points = vec![DetPoint { fmr: 0.0, fnmr: 1.0 }];
        while let Some(similarity) = mated.peek().into_iter().chain(non_mated.peek()).map(|next| next.0).reduce(f64::max) {
            // Equal similarities match together or not at all.
            while let Some((_, weight)) = mated.next_if(|next| next.0 == similarity) {
                matches += weight;
            }
            while let Some((_, weight)) = non_mated.next_if(|next| next.0 == similarity) {
                false_matches += weight;
            }
            points.push(DetPoint { fmr: false_matches / all_non_mated, fnmr: (all_mated - matches) / all_mated });
        }
        points
    }

    /// The rate at which both error rates are equal, interpolated linearly between the points of the DET curve.
    pub fn equal_error_rate(&self) -> f64 {
        self.resampled_equal_error_rate(&self.once())
    }

    /// The same in a resample; NaN where no mated or no non-mated comparison was drawn.
    pub fn resampled_equal_error_rate(&self, weights: &Weights) -> f64 {
        let points = self.weighted_det(weights);
        let crossing = points.windows(2).find_map(|pair| {
            let [before, after] = [pair[0], pair[1]].map(|point| point.fnmr - point.fmr);
            let along = if before > after { before / (before - after) } else { 0.0 };
            (after <= 0.0).then(|| pair[0].fmr + along * (pair[1].fmr - pair[0].fmr))
        });
        // At the last point everything matches, so the rates have crossed unless they are NaN.
        crossing.unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Comparison, *};

    /// Pairs, each of different subjects, all of the same quality.
    fn comparisons(mated: &[f64], non_mated: &[f64]) -> Comparisons {
        let pairs: Vec<Comparison> = mated
            .iter()
            .map(|similarity| (true, *similarity))
            .chain(non_mated.iter().map(|similarity| (false, *similarity)))
            .enumerate()
            .map(|(i, (mated, similarity))| Comparison { images: [2 * i, 2 * i + 1], mated, similarity })
            .collect();
        Comparisons::new(&pairs, &vec![1.0; 2 * pairs.len()]).unwrap()
    }

    #[test]
    fn the_threshold_keeps_the_rate() {
        let non_mated: Vec<f64> = (0..300).map(|i| f64::from(i) / 300.0).collect();
        let all = comparisons(&[0.5, 0.995], &non_mated);
        let threshold = all.threshold(0.01).unwrap();
        // Three of 300 may match: those at 297, 298 and 299 of 300.
        assert_eq!(threshold, SimilarityThreshold { above: 296.0 / 300.0, fmr: 0.01 });
        assert_eq!(all.fnmr(threshold), 0.5);
        assert_eq!(all.threshold(0.004).unwrap().fmr, 1.0 / 300.0, "not above the rate");
    }

    #[test]
    fn what_is_alike_matches_together() {
        let mut non_mated = vec![0.1; 98];
        non_mated.extend([0.9, 0.9]);
        let all = comparisons(&[0.5, 0.9, 0.95], &non_mated);
        assert_eq!(all.threshold(0.01).unwrap(), SimilarityThreshold { above: 0.9, fmr: 0.0 });
        assert_eq!(all.threshold(0.02).unwrap(), SimilarityThreshold { above: 0.1, fmr: 0.02 });
    }

    #[test]
    fn rates_that_cannot_be_measured_are_refused_with_what_it_takes() {
        let all = comparisons(&[0.5], &[0.1; 999]);
        assert_eq!(all.threshold(0.001), Err(ThresholdError::TooFew { fmr: 0.001, needed: 1000, found: 999 }));
        assert!(comparisons(&[0.5], &[0.1; 1000]).threshold(0.001).is_ok());
        for fmr in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(matches!(all.threshold(fmr), Err(ThresholdError::Rate { .. })));
        }
    }

    #[test]
    fn what_is_left_of_enough_has_a_threshold_that_keeps_the_rate() {
        let left = comparisons(&[0.5], &[0.1, 0.3, 0.2]);
        assert_eq!(left.threshold_of_rest(0.25), Ok(SimilarityThreshold { above: 0.3, fmr: 0.0 }));
        assert_eq!(left.threshold_of_rest(0.5), left.threshold(0.5), "enough are left");
        assert!(matches!(left.threshold_of_rest(0.0), Err(ThresholdError::Rate { .. })));
    }

    #[test]
    fn det_by_hand() {
        let all = comparisons(&[0.9, 0.6, 0.4], &[0.5, 0.4, 0.1, 0.0]);
        let points: Vec<(f64, f64)> = all.det().iter().map(|point| (point.fmr, point.fnmr)).collect();
        let third = 1.0 / 3.0;
        assert_eq!(points, [(0.0, 1.0), (0.0, 2.0 * third), (0.0, third), (0.25, third), (0.5, 0.0), (0.75, 0.0), (1.0, 0.0)]);
        // From (1/4, 1/3) to (1/2, 0): 1/3 - 4/3 (x - 1/4) = x.
        assert!((all.equal_error_rate() - 2.0 / 7.0).abs() < 1e-12);
        assert_eq!(comparisons(&[0.9], &[0.1]).equal_error_rate(), 0.0);
        assert_eq!(comparisons(&[0.1], &[0.9]).equal_error_rate(), 1.0);
    }

    #[test]
    fn rates_of_a_resample_are_those_of_copies() {
        let all = comparisons(&[0.9, 0.6, 0.4], &[0.5, 0.4, 0.1, 0.0]);
        let copied = comparisons(&[0.9, 0.4, 0.4], &[0.5, 0.5, 0.5, 0.5, 0.1]);
        // Subjects are numbered in the order of their pairs: one of each mated pair, then two of each non-mated one.
        let weights = Weights(vec![1.0, 0.0, 2.0, 2.0, 2.0, 0.0, 1.0, 1.0, 1.0, 3.0, 0.0]);
        assert_eq!(all.resampled_equal_error_rate(&weights), copied.equal_error_rate());
        for fmr in [0.2, 0.79, 0.8] {
            let threshold = copied.threshold(fmr).unwrap();
            assert_eq!(all.resampled_fnmr(fmr, &weights), copied.fnmr(threshold), "{fmr}");
        }
        let nobody = Weights(vec![0.0; all.subjects()]);
        assert!(all.resampled_equal_error_rate(&nobody).is_nan() && all.resampled_fnmr(0.2, &nobody).is_nan());
    }
}

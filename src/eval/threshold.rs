use super::{Comparisons, Weights};

/// Where the decision is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// A comparison matches if its similarity is larger than this.
    pub above: f64,
    /// The false match rate that it has: the largest that is not above the one asked for.
    pub fmr: f64,
}

/// Why there is no threshold for a false match rate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ThresholdError {
    /// A rate that is none.
    #[error("a false match rate of {fmr} was asked for; expected one above 0 and below 1")]
    Rate {
        /// What was asked for.
        fmr: f64,
    },
    /// Less than one false match is as good as none: the rate cannot be measured.
    #[error("a false match rate of {fmr} takes at least {needed} non-mated pairs; there are {found}")]
    TooFew {
        /// What was asked for.
        fmr: f64,
        /// Pairs that it takes.
        needed: u64,
        /// Pairs there are.
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
    /// The threshold at which at most `fmr` of all non-mated comparisons match.
    ///
    /// # Errors
    /// A rate outside (0, 1), or one for which there are too few non-mated comparisons: fewer than `1 / fmr`.
    pub fn threshold(&self, fmr: f64) -> Result<Threshold, ThresholdError> {
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

    /// The same, where subjects count as often as `weights` say, and comparisons only from a quality on. `None` where none counts.
    pub(super) fn weighted_threshold(&self, fmr: f64, weights: &Weights, from_quality: f64) -> Option<Threshold> {
        let left = || self.non_mated.iter().filter(|comparison| comparison.quality >= from_quality);
        let total: f64 = left().map(|comparison| weights.of_non_mated(comparison)).sum();
        if total <= 0.0 {
            return None;
        }
        // A little more, for rates that are not exact in binary: 0.01 of 300 is 3.
        let allowed = fmr * total * (1.0 + 1e-9);
        let (mut matches, mut of_this, mut similarity) = (0.0, 0.0, f64::INFINITY);
        for comparison in left() {
            // All of the same similarity match, or none.
            if comparison.similarity < similarity {
                matches += of_this;
                (of_this, similarity) = (0.0, comparison.similarity);
            }
            of_this += weights.of_non_mated(comparison);
            if matches + of_this > allowed {
                return Some(Threshold { above: similarity, fmr: matches / total });
            }
        }
        Some(Threshold { above: f64::NEG_INFINITY, fmr: 1.0 })
    }

    /// The share of mated comparisons that do not match.
    pub fn fnmr(&self, threshold: Threshold) -> f64 {
        let missed = self.mated.iter().filter(|comparison| comparison.similarity <= threshold.above).count();
        missed as f64 / self.mated.len() as f64
    }

    /// Both error rates at every threshold that makes a difference, from the highest: a DET curve (ISO/IEC 19795-1).
    pub fn det(&self) -> Vec<DetPoint> {
        let mated = self.mated.iter().map(|comparison| (comparison.similarity, true));
        let non_mated = self.non_mated.iter().map(|comparison| (comparison.similarity, false));
        let mut all: Vec<(f64, bool)> = mated.chain(non_mated).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut false_matches, mut missed) = (0, self.mated.len());
        let mut points = vec![DetPoint { fmr: 0.0, fnmr: 1.0 }];
        for alike in all.chunk_by(|a, b| a.0 == b.0) {
            let mated = alike.iter().filter(|(_, mated)| *mated).count();
            missed -= mated;
            false_matches += alike.len() - mated;
            let (fmr, fnmr) = (false_matches as f64 / self.non_mated.len() as f64, missed as f64 / self.mated.len() as f64);
            points.push(DetPoint { fmr, fnmr });
        }
        points
    }

    /// The rate at which both error rates are the same, where the line between the points of the DET curve says so.
    pub fn equal_error_rate(&self) -> f64 {
        let points = self.det();
        let crossing = points.windows(2).find_map(|pair| {
            let [before, after] = [pair[0], pair[1]].map(|point| point.fnmr - point.fmr);
            let along = if before > after { before / (before - after) } else { 0.0 };
            (after <= 0.0).then(|| pair[0].fmr + along * (pair[1].fmr - pair[0].fmr))
        });
        // At the last point nothing is missed, and everything matches.
        crossing.unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Comparison, *};

    /// Every pair of subjects of its own, all of the same quality.
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
        assert_eq!(threshold, Threshold { above: 296.0 / 300.0, fmr: 0.01 });
        assert_eq!(all.fnmr(threshold), 0.5);
        assert_eq!(all.threshold(0.004).unwrap().fmr, 1.0 / 300.0, "not above the rate");
    }

    #[test]
    fn what_is_alike_matches_together() {
        let mut non_mated = vec![0.1; 98];
        non_mated.extend([0.9, 0.9]);
        let all = comparisons(&[0.5, 0.9, 0.95], &non_mated);
        assert_eq!(all.threshold(0.01).unwrap(), Threshold { above: 0.9, fmr: 0.0 });
        assert_eq!(all.threshold(0.02).unwrap(), Threshold { above: 0.1, fmr: 0.02 });
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
}

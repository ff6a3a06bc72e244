/// Turns a raw score into a quality from 0 to 100. Belongs to one model: raw scores of two models are not comparable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Steepness of the curve. The authors' 130 belongs to their ArcFace R100.
    pub alpha: f64,
    /// The raw score that maps to 50. The authors' 0.88 belongs to their ArcFace R100.
    pub r: f64,
}

impl Calibration {
    /// Returns the curve through two points, each a raw score and the quality it should have; `None` unless both numbers are
    /// larger in the second point, and both qualities lie between 0 and 100.
    pub fn through(low: (f64, f64), high: (f64, f64)) -> Option<Self> {
        let log_odds = |quality: f64| (quality / (100.0 - quality)).ln();
        let (of_low, of_high) = (log_odds(low.1), log_odds(high.1));
        let alpha = (of_high - of_low) / (high.0 - low.0);
        let r = low.0 - of_low / alpha;
        (high.0 > low.0 && of_high > of_low && alpha.is_finite() && r.is_finite()).then_some(Self { alpha, r })
    }

    /// `q = 100 / (1 + exp(-alpha (s - r)))` for a raw score `s`, in `[0, 100]`.
    pub fn quality(&self, raw: f64) -> f64 {
        100.0 / (1.0 + (-self.alpha * (raw - self.r)).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_through_its_two_points() {
        let curve = Calibration::through((0.86, 30.0), (0.9, 90.0)).unwrap();
        assert!((curve.quality(0.86) - 30.0).abs() < 1e-9 && (curve.quality(0.9) - 90.0).abs() < 1e-9);
        for (low, high) in [
            ((0.9, 30.0), (0.9, 90.0)),
            ((0.9, 30.0), (0.8, 90.0)),
            ((0.8, 90.0), (0.9, 90.0)),
            ((0.8, 90.0), (0.9, 30.0)),
            ((0.8, 0.0), (0.9, 90.0)),
            ((0.8, 50.0), (0.9, 100.0)),
            ((f64::NAN, 50.0), (0.9, 90.0)),
        ] {
            assert_eq!(Calibration::through(low, high), None, "{low:?} {high:?}");
        }
    }

    #[test]
    fn quality_is_half_at_r_and_grows_with_the_score() {
        let calibration = Calibration { alpha: 130.0, r: 0.88 };
        assert_eq!(calibration.quality(0.88), 50.0);
        // 100 / (1 + e^-1.3), by hand
        assert!((calibration.quality(0.89) - 78.583_498_304_255_95).abs() < 1e-9);
        assert!(calibration.quality(0.0) >= 0.0);
        assert!(calibration.quality(1.0) <= 100.0);
    }
}

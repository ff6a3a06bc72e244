/// Turns a raw score into a quality from 0 to 100. Belongs to one model: the raw scores of two models do not compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Steepness of the curve. The authors' 130 belongs to their ArcFace R100.
    pub alpha: f64,
    /// The raw score that becomes 50. The authors' 0.88 belongs to their ArcFace R100.
    pub r: f64,
}

impl Calibration {
    /// `q = 100 / (1 + exp(-alpha (s - r)))` for a raw score `s`, in `[0, 100]`.
    pub fn quality(&self, raw: f64) -> f64 {
        100.0 / (1.0 + (-self.alpha * (raw - self.r)).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

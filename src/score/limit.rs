use super::{Robustness, ScoreError};

/// Mean and spread of the embedding under dropout, for an affine head `h(v) = W v + b` over features `x` that are each
/// dropped with probability `p`. With `c = p / (1 - p)`:
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// `mu = W x + b`: the mean embedding, which is the embedding without dropout. `[dim]`, not normalised.
    pub mean: Vec<f32>,
    /// `T = c * sum_j x_j^2 |W_:j|^2`: the trace of the embedding's covariance.
    pub trace: f64,
    /// `P = c * sum_j x_j^2 (W^T u)_j^2` with `u = mu / |mu|`: the variance along the mean, a part of the trace.
    pub along: f64,
}

/// How far rounding in f32 may push `along` past `trace`, relative to it.
const ROUNDING: f64 = 1e-4;

/// The score that [`monte_carlo`](super::monte_carlo()) tends to with more and more passes (Equation (1) of the paper with m
/// to infinity), for an affine head.
///
/// With `t = T - P`, the variance across the mean, two embeddings have the expected cosine
/// `1 / (1 + t / (|mu|^2 + P))`. The mean distance is smaller than the distance at that cosine, since the square root is
/// concave: by `1 - 1 / (4 k)` to first order, with `k = t^2 / tr(S^2)` the effective number of dimensions of the
/// covariance `S` across the mean. That is nearly a constant of the model, stored with it (finite, at least 1).
///
/// # Errors
/// [`ScoreError::NotFinite`], [`ScoreError::Zero`] for a mean that has no direction, [`ScoreError::Moments`] for variances
/// that cannot be, [`ScoreError::EffectiveDimensions`] for a wrong `k`.
pub fn limit(moments: &Moments, k: f64) -> Result<Robustness, ScoreError> {
    let Moments { ref mean, trace, along } = *moments;
    if !(k.is_finite() && k >= 1.0) {
        return Err(ScoreError::EffectiveDimensions { k });
    }
    let mean_squared: f64 = mean.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
    for (what, value) in [
        ("the mean embedding", mean_squared),
        ("the embedding's total variance under dropout", trace),
        ("the embedding's variance along its mean", along),
    ] {
        if !value.is_finite() {
            return Err(ScoreError::NotFinite { what: what.into() });
        }
    }
    if mean_squared == 0.0 {
        return Err(ScoreError::Zero { what: "the mean embedding".into() });
    }
    if along < 0.0 || along > trace * (1.0 + ROUNDING) {
        return Err(ScoreError::Moments { trace, along });
    }
    let across = (trace - along).max(0.0);
    // With cos = 1 / (1 + a), 2 - 2 cos = 2 a / (1 + a), and no digits are lost where a is small.
    let a = across / (mean_squared + along);
    let distance = (2.0 * a / (1.0 + a)).sqrt() * (1.0 - 1.0 / (4.0 * k));
    Ok(Robustness::from_distance(distance, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(trace: f64, along: f64) -> Moments {
        Moments { mean: vec![3.0, 4.0], trace, along }
    }

    #[test]
    fn by_hand() {
        // |mu|^2 = 25, t = 8 - 2 = 6, cos = 1 / (1 + 6 / 27).
        let result = limit(&moments(8.0, 2.0), 10.0).unwrap();
        let expected = (2.0 - 2.0 * 27.0 / 33.0_f64).sqrt() * 0.975;
        assert!((result.distance - expected).abs() < 1e-12);
        assert_eq!(result.std_error, None);
    }

    #[test]
    fn no_variance_scores_one() {
        assert_eq!(limit(&moments(0.0, 0.0), 100.0).unwrap().raw, 1.0);
        // The whole variance along the mean leaves the direction alone, also when rounding pushes it past the trace.
        assert_eq!(limit(&moments(1.0, 1.000_01), 100.0).unwrap().raw, 1.0);
    }

    #[test]
    fn impossible_moments_are_errors() {
        assert_eq!(limit(&moments(1.0, 1.1), 9.0), Err(ScoreError::Moments { trace: 1.0, along: 1.1 }));
        assert_eq!(limit(&moments(1.0, -0.1), 9.0), Err(ScoreError::Moments { trace: 1.0, along: -0.1 }));
        for (trace, along) in [(f64::NAN, 0.0), (1.0, f64::NAN), (f64::INFINITY, 0.0)] {
            assert!(matches!(limit(&moments(trace, along), 9.0), Err(ScoreError::NotFinite { .. })));
        }
        let zero = Moments { mean: vec![0.0; 4], trace: 1.0, along: 0.0 };
        assert_eq!(limit(&zero, 9.0), Err(ScoreError::Zero { what: "the mean embedding".into() }));
        let nan = Moments { mean: vec![f32::NAN], trace: 1.0, along: 0.0 };
        assert!(matches!(limit(&nan, 9.0), Err(ScoreError::NotFinite { .. })));
        for k in [f64::NAN, 0.5, f64::INFINITY] {
            assert!(matches!(limit(&moments(1.0, 0.5), k), Err(ScoreError::EffectiveDimensions { .. })));
        }
    }
}

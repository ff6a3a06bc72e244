use super::{Robustness, ScoreError, unit_rows::unit_rows};

/// The paper's Algorithm 1 and Equation (1): the mean distance over all pairs of normalised embeddings, and its score.
///
/// `embeddings` is `[passes, dim]` row by row, one row per dropout pass, not necessarily normalised. Computed in f64, from differences of
/// unit vectors: `2 - 2 cos` would lose the digits that tell the close embeddings of good faces apart.
///
/// The standard error is the delete-one jackknife's: `D` is a U-statistic over the passes. Its pairs share passes, so the plain standard
/// error over pairs would be far too small.
///
/// # Errors
/// [`ScoreError::Shape`] when the values are not at least two rows of `dim`, [`ScoreError::NotFinite`] for NaN and
/// infinity, [`ScoreError::Zero`] for an embedding of length zero.
pub fn monte_carlo(embeddings: &[f32], dim: usize) -> Result<Robustness, ScoreError> {
    let units = unit_rows(embeddings, dim)?;
    let passes = units.len() / dim;
    let row = |index: usize| &units[index * dim..(index + 1) * dim];

    let mut total = 0.0;
    let mut to_others = vec![0.0; passes];
    for i in 0..passes {
        for j in i + 1..passes {
            let distance = distance(row(i), row(j));
            total += distance;
            to_others[i] += distance;
            to_others[j] += distance;
        }
    }
    Ok(Robustness::from_distance(total / pairs(passes), jackknife(total, &to_others)))
}

/// Standard error of the mean over pairs, from the means that leave out one pass each. Needs three passes: leaving out one of two
/// leaves no pair.
fn jackknife(total: f64, to_others: &[f64]) -> Option<f64> {
    let passes = to_others.len();
    if passes < 3 {
        return None;
    }
    let m = passes as f64;
    let without: Vec<f64> = to_others.iter().map(|own| (total - own) / pairs(passes - 1)).collect();
    let mean = without.iter().sum::<f64>() / m;
    let squares: f64 = without.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some(((m - 1.0) / m * squares).sqrt())
}

fn pairs(passes: usize) -> f64 {
    passes as f64 * (passes - 1) as f64 / 2.0
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_passes_by_hand() {
        // Unit vectors along x, y and x again: distances sqrt 2, 0, sqrt 2.
        let result = monte_carlo(&[3.0, 0.0, 0.0, 2.0, 5.0, 0.0], 2).unwrap();
        let distance = 2.0 * 2.0_f64.sqrt() / 3.0;
        assert!((result.distance - distance).abs() < 1e-15);
        assert!((result.raw - 2.0 / (1.0 + distance.exp())).abs() < 1e-15);
        // Leaving out each pass in turn leaves sqrt 2, 0, sqrt 2.
        let mean = distance;
        let squares = 2.0 * (2.0_f64.sqrt() - mean).powi(2) + mean.powi(2);
        let expected = (2.0 / 3.0 * squares).sqrt() * result.raw * (1.0 - result.raw / 2.0);
        assert!((result.std_error.unwrap() - expected).abs() < 1e-15);
    }

    #[test]
    fn equal_embeddings_score_one() {
        let result = monte_carlo(&[0.1, 0.7, -0.3].repeat(5), 3).unwrap();
        assert_eq!((result.distance, result.raw, result.std_error), (0.0, 1.0, Some(0.0)));
    }

    #[test]
    fn tiny_distances_keep_their_digits() {
        // An angle of 1e-9, where 2 - 2 cos would be exactly 0.
        let result = monte_carlo(&[1.0, 0.0, 1.0, 1e-9], 2).unwrap();
        assert!((result.distance / f64::from(1e-9_f32) - 1.0).abs() < 1e-12);
        assert_eq!(result.std_error, None);
    }

    #[test]
    fn wrong_shapes_are_errors() {
        for (values, dim) in [(vec![], 2), (vec![1.0; 2], 2), (vec![1.0; 5], 2), (vec![1.0; 4], 0)] {
            let expected = ScoreError::Shape { values: values.len(), dim };
            assert_eq!(monte_carlo(&values, dim), Err(expected));
        }
    }

    #[test]
    fn embeddings_without_a_direction_are_errors() {
        let zero = monte_carlo(&[1.0, 0.0, 0.0, 0.0], 2).unwrap_err();
        assert_eq!(zero, ScoreError::Zero { what: "the embedding of dropout pass 1".into() });
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = monte_carlo(&[1.0, bad, 0.0, 1.0], 2).unwrap_err();
            assert_eq!(error, ScoreError::NotFinite { what: "the embedding of dropout pass 0".into() });
        }
    }
}

use super::ScoreError;

/// The number of dimensions in which dropout scatters an embedding across its mean: `k = t^2 / tr(S^2)`, where `S` is the
/// covariance across the mean and `t` its trace. It is d for equal scatter in d directions, and 1 for scatter along one. A
/// model's `k` for [`limit`](super::limit()) is the median over images: it hardly varies between them.
///
/// `mean` is the embedding without dropout. `covariance` is its covariance under dropout, or any multiple of it, row-major
/// `[dimension, dimension]`; only the part up to the diagonal is read.
///
/// # Errors
/// [`ScoreError::NotFinite`]; [`ScoreError::Zero`] for a mean of length zero, or no scatter across it.
pub fn effective_dimensions(mean: &[f32], covariance: &[f32]) -> Result<f64, ScoreError> {
    let length = mean.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    if length == 0.0 {
        return Err(ScoreError::Zero { what: "the mean embedding".into() });
    }
    let along: Vec<f64> = mean.iter().map(|value| f64::from(*value) / length).collect();
    // With C the covariance and u the direction of the mean: S = C - u (C u)^T - (C u) u^T + (u^T C u) u u^T.
    let dimension = mean.len();
    let entry = |row: usize, column: usize| f64::from(covariance[row.max(column) * dimension + row.min(column)]);
    let product: Vec<f64> =
        (0..dimension).map(|row| along.iter().enumerate().map(|(column, u)| entry(row, column) * u).sum()).collect();
    let variance_along: f64 = along.iter().zip(&product).map(|(u, value)| u * value).sum();
    let (mut trace, mut squares) = (0.0, 0.0);
    for row in 0..dimension {
        for column in 0..=row {
            let across = entry(row, column) - along[row] * product[column] - product[row] * along[column]
                + variance_along * along[row] * along[column];
            squares += across * across * if row == column { 1.0 } else { 2.0 };
            trace += if row == column { across } else { 0.0 };
        }
    }
    let k = trace * trace / squares;
    if !(trace.is_finite() && squares.is_finite() && length.is_finite()) {
        return Err(ScoreError::NotFinite { what: "the embedding's covariance under dropout".into() });
    }
    if squares == 0.0 || !k.is_finite() {
        return Err(ScoreError::Zero { what: "the embedding's scatter under dropout".into() });
    }
    Ok(k)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A matrix with these numbers on its diagonal.
    fn diagonal(values: &[f32]) -> Vec<f32> {
        let dimension = values.len();
        (0..dimension * dimension).map(|i| if i % (dimension + 1) == 0 { values[i / dimension] } else { 0.0 }).collect()
    }

    #[test]
    fn by_hand() {
        // Equal scatter in the three directions across the mean, whatever is along it.
        assert!((effective_dimensions(&[0.0, 2.0, 0.0, 0.0], &diagonal(&[3.0, 7.0, 3.0, 3.0])).unwrap() - 3.0).abs() < 1e-9);
        // (4 + 2)^2 / (16 + 4).
        assert!((effective_dimensions(&[1.0, 0.0, 0.0], &diagonal(&[9.0, 4.0, 2.0])).unwrap() - 1.8).abs() < 1e-9);
    }

    #[test]
    fn what_has_no_answer_is_an_error() {
        let of = |mean: &[f32], covariance: &[f32]| effective_dimensions(mean, covariance).unwrap_err();
        assert!(matches!(of(&[0.0, 0.0], &diagonal(&[1.0, 1.0])), ScoreError::Zero { .. }));
        assert!(matches!(of(&[1.0, 0.0], &diagonal(&[1.0, 0.0])), ScoreError::Zero { .. }));
        assert!(matches!(of(&[1.0, 0.0], &diagonal(&[1.0, f32::NAN])), ScoreError::NotFinite { .. }));
        assert!(matches!(of(&[f32::NAN, 0.0], &diagonal(&[1.0, 1.0])), ScoreError::NotFinite { .. }));
    }

    proptest! {
        /// For scatter `sum v v^T`, projected vector by vector: `tr(S) = sum |w|^2`, `tr(S^2) = sum (w . w')^2`.
        #[test]
        fn as_of_the_vectors_that_make_it(
            mean in prop::collection::vec(0.1..1.0_f32, 4),
            vectors in prop::collection::vec(prop::collection::vec(-1.0..1.0_f32, 4), 3..9),
        ) {
            let mut covariance = vec![0.0_f32; 16];
            for vector in &vectors {
                for row in 0..4 {
                    (0..=row).for_each(|column| covariance[4 * row + column] += vector[row] * vector[column]);
                }
            }
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let u: Vec<f64> = mean.iter().map(|value| f64::from(*value)).collect();
            let across = |vector: &Vec<f32>| -> Vec<f64> {
                let vector: Vec<f64> = vector.iter().map(|value| f64::from(*value)).collect();
                let along = dot(&u, &vector) / dot(&u, &u);
                vector.iter().zip(&u).map(|(value, u)| value - along * u).collect()
            };
            let projected: Vec<Vec<f64>> = vectors.iter().map(across).collect();
            let trace: f64 = projected.iter().map(|w| dot(w, w)).sum();
            let squares: f64 = projected.iter().flat_map(|a| projected.iter().map(move |b| dot(a, b).powi(2))).sum();
            let k = effective_dimensions(&mean, &covariance).unwrap();
            // The covariance is in floats: each of its sums rounds by less than 1e-6 of the whole scatter. This weighs more, the less
            // of the scatter is across the mean.
            let whole: f64 = vectors.iter().flatten().map(|value| f64::from(*value).powi(2)).sum();
            let rounding = 2e-5 * whole / trace;
            prop_assert!((k - trace * trace / squares).abs() <= rounding * k, "{} and {}", k, trace * trace / squares);
            prop_assert!((1.0 - rounding..=3.0 * (1.0 + rounding)).contains(&k), "{}", k);
        }
    }
}

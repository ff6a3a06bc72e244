use super::ScoreError;

/// Returns the embeddings of all dropout passes, each scaled to length 1.
///
/// # Errors
/// [`ScoreError::Shape`] when the values are not at least two rows of `dim`, [`ScoreError::NotFinite`] for NaN and
/// infinity, [`ScoreError::Zero`] for an embedding of length zero.
pub(super) fn unit_rows(embeddings: &[f32], dim: usize) -> Result<Vec<f64>, ScoreError> {
    if dim == 0 || !embeddings.len().is_multiple_of(dim) || embeddings.len() / dim < 2 {
        return Err(ScoreError::Shape { values: embeddings.len(), dim });
    }
    let mut units = Vec::with_capacity(embeddings.len());
    for (pass, row) in embeddings.chunks_exact(dim).enumerate() {
        let length = row.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
        let what = || format!("the embedding of dropout pass {pass}");
        if !length.is_finite() {
            return Err(ScoreError::NotFinite { what: what() });
        }
        if length == 0.0 {
            return Err(ScoreError::Zero { what: what() });
        }
        units.extend(row.iter().map(|&value| f64::from(value) / length));
    }
    Ok(units)
}

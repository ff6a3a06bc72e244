//! Slices to and from the processor's vectors. A copy whose length is known only at run time becomes a `memcpy` call, which can cost as much
//! as a small layer: whole vectors are copied inline, and the last one by the processor's instruction for a part of a vector.
use pulp::Simd;

/// Copies values to the start of the vectors, and fills the last vector that they reach with zeros. The other vectors stay
/// unchanged.
#[inline(always)]
pub(crate) fn copy_vectors<S: Simd, const V: usize>(simd: S, values: &[f32], vectors: &mut [S::f32s; V]) {
    let (whole, rest) = S::as_simd_f32s(values);
    for (vector, whole) in vectors.iter_mut().zip(whole) {
        *vector = *whole;
    }
    if !rest.is_empty() {
        vectors[whole.len()] = simd.partial_load_f32s(rest);
    }
}

/// Writes the vectors' first values, as many as fit.
#[inline(always)]
pub(crate) fn write_vectors<S: Simd, const V: usize>(simd: S, vectors: &[S::f32s; V], values: &mut [f32]) {
    let (whole, rest) = S::as_mut_simd_f32s(values);
    for (value, vector) in whole.iter_mut().zip(vectors) {
        *value = *vector;
    }
    if !rest.is_empty() {
        simd.partial_store_f32s(rest, vectors[whole.len()]);
    }
}

//! Slices to and from the processor's vectors. Whole vectors are copied inline. A copy whose length is known only at run time
//! becomes a `memcpy` call, which can cost as much as a small layer.
use pulp::Simd;

/// Copies values to the start of the vectors; the remaining lanes keep their values.
#[inline(always)]
pub(crate) fn copy_vectors<S: Simd, const V: usize>(_simd: S, values: &[f32], vectors: &mut [S::f32s; V]) {
    match S::as_simd_f32s(values) {
        (whole, []) if whole.len() == V => {
            for (vector, whole) in vectors.iter_mut().zip(whole) {
                *vector = *whole;
            }
        }
        _ => bytemuck::cast_slice_mut::<_, f32>(vectors.as_mut_slice())[..values.len()].copy_from_slice(values),
    }
}

/// Writes the vectors' first values, as many as fit.
#[inline(always)]
pub(crate) fn write_vectors<S: Simd, const V: usize>(_simd: S, vectors: &[S::f32s; V], values: &mut [f32]) {
    if values.len() == V * S::F32_LANES {
        for (value, vector) in S::as_mut_simd_f32s(values).0.iter_mut().zip(vectors) {
            *value = *vector;
        }
    } else {
        let length = values.len();
        values.copy_from_slice(&bytemuck::cast_slice(vectors.as_slice())[..length]);
    }
}

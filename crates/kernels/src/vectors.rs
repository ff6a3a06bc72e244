//! Slices to and from the processor's vectors. As long as they fill whole vectors nothing is called: to copy a number of values that
//! is known only at run time is a call, which costs as much as many a layer's arithmetic.
use pulp::Simd;

/// The values in vectors, of which they fill the first ones; those behind keep what they have.
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

/// As many values of the vectors as there is room for.
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

//! Activations and sums, in place.
use wide::f32x4;

/// `x` where it is positive, 0 elsewhere.
#[inline(never)]
pub fn relu(values: &mut [f32]) {
    scale_negative(values, 0.0);
}

/// `x` where it is positive, `slope * x` elsewhere. `values` has one channel for each slope, all of the same length. Not computed as a
/// maximum, because slopes may exceed 1.
#[inline(never)]
pub fn prelu(values: &mut [f32], slopes: &[f32]) {
    assert_eq!(values.len() % slopes.len(), 0, "the values do not divide evenly into a channel per slope");
    let plane = (values.len() / slopes.len()).max(1);
    for (plane, &slope) in values.chunks_exact_mut(plane).zip(slopes) {
        scale_negative(plane, slope);
    }
}

/// `1 / (1 + exp(-x))`.
#[inline(never)]
pub fn sigmoid(values: &mut [f32]) {
    values.iter_mut().for_each(|x| *x = 1.0 / (1.0 + (-*x).exp()));
}

/// Adds `others`, which has the same length.
#[inline(never)]
pub fn add(values: &mut [f32], others: &[f32]) {
    assert_eq!(values.len(), others.len(), "the tensors to add differ in size");
    values.iter_mut().zip(others).for_each(|(value, other)| *value += other);
}

#[inline(always)]
fn scale_negative(values: &mut [f32], slope: f32) {
    let (vectors, rest) = values.as_chunks_mut::<4>();
    let (zero, slopes) = (f32x4::ZERO, f32x4::splat(slope));
    for vector in vectors {
        let x = f32x4::from(*vector);
        *vector = x.simd_lt(zero).select(x * slopes, x).into();
    }
    for x in rest {
        *x = if *x < 0.0 { *x * slope } else { *x };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relu_keeps_what_is_no_number() {
        let mut values = [-1.0, 2.0, f32::NAN, -3.0, f32::NAN, -1.0];
        relu(&mut values);
        assert_eq!((values[0], values[1], values[3], values[5]), (0.0, 2.0, 0.0, 0.0));
        assert!(values[2].is_nan() && values[4].is_nan());
    }

    #[test]
    fn sigmoids_and_sums_by_hand() {
        let mut values = [0.0, 2.0, -200.0, 200.0, f32::NAN];
        sigmoid(&mut values);
        assert_eq!((values[0], values[2], values[3]), (0.5, 0.0, 1.0));
        assert!((values[1] - 0.880_797).abs() < 1e-6 && values[4].is_nan());
        let mut values = [1.0, 2.0, 3.0, 4.0, 5.0];
        add(&mut values, &[10.0, 20.0, 30.0, 40.0, f32::NAN]);
        assert_eq!(values[..4], [11.0, 22.0, 33.0, 44.0]);
        assert!(values[4].is_nan());
    }

    #[test]
    fn slopes_belong_to_channels() {
        let mut values = [-1.0, 2.0, f32::NAN, -1.0, 2.0, -0.5];
        prelu(&mut values, &[0.5, -2.0]);
        assert_eq!((values[0], values[1]), (-0.5, 2.0));
        assert!(values[2].is_nan());
        assert_eq!(values[3..], [2.0, 2.0, 1.0]);
        // Whole vectors of four, and a remainder.
        let mut values: Vec<f32> = (0..18).map(|i| i as f32 - 9.0).collect();
        prelu(&mut values, &[0.5, 3.0]);
        let expected: Vec<f32> = (0..18).map(|i| if i < 9 { (i as f32 - 9.0) * 0.5 } else { i as f32 - 9.0 }).collect();
        assert_eq!(values, expected);
    }
}

//! Activations, in place.

/// `x` where it is positive, 0 elsewhere.
pub fn relu(values: &mut [f32]) {
    for value in values {
        *value = if *value < 0.0 { 0.0 } else { *value };
    }
}

/// `x` where it is positive, `slope * x` elsewhere. `values` has as many channels of the same length as there are slopes. Not a
/// maximum: slopes may exceed 1.
pub fn prelu(values: &mut [f32], slopes: &[f32]) {
    assert_eq!(values.len() % slopes.len(), 0, "the channels of the activation are of different lengths");
    let plane = (values.len() / slopes.len()).max(1);
    for (plane, &slope) in values.chunks_exact_mut(plane).zip(slopes) {
        for value in plane {
            *value *= if *value < 0.0 { slope } else { 1.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relu_keeps_what_is_no_number() {
        let mut values = [-1.0, 2.0, f32::NAN, f32::NEG_INFINITY];
        relu(&mut values);
        assert_eq!((values[0], values[1], values[3]), (0.0, 2.0, 0.0));
        assert!(values[2].is_nan());
    }

    #[test]
    fn slopes_belong_to_channels() {
        let mut values = [-1.0, 2.0, f32::NAN, -1.0, 2.0, -0.5];
        prelu(&mut values, &[0.5, -2.0]);
        assert_eq!((values[0], values[1]), (-0.5, 2.0));
        assert!(values[2].is_nan());
        assert_eq!(values[3..], [2.0, 2.0, 1.0]);
    }
}

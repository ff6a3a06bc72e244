//! Bias and activation, applied to a convolution's sums before they are written: this saves a pass over the output.
#[cfg(not(target_family = "wasm"))]
use pulp::Simd;
use wide::f32x4;

/// Finishes the sums of an output channel: with `x = sum + bias`, `x * above + shift` where x is positive, and
/// `x * below + shift` elsewhere. NaN stays NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelEpilogue {
    /// Added to the sum.
    pub bias: f32,
    /// Factor of positive values.
    pub above: f32,
    /// Factor of the others.
    pub below: f32,
    /// Added at the end.
    pub shift: f32,
}

impl ChannelEpilogue {
    /// The bias alone.
    pub fn bias(bias: f32) -> Self {
        Self { bias, above: 1.0, below: 1.0, shift: 0.0 }
    }

    /// Appends a ReLU with this slope below zero.
    pub fn then_relu(self, slope: f32) -> Self {
        debug_assert_eq!((self.below, self.shift), (self.above, 0.0), "only a bias may precede a ReLU");
        Self { below: self.below * slope, ..self }
    }

    /// Appends `scale * x + shift`.
    pub fn then_affine(self, scale: f32, shift: f32) -> Self {
        Self { above: self.above * scale, below: self.below * scale, shift: self.shift * scale + shift, ..self }
    }

    /// Finishes one value.
    pub fn of(self, sum: f32) -> f32 {
        let x = sum + self.bias;
        x * if x < 0.0 { self.below } else { self.above } + self.shift
    }

    /// Finishes four values.
    #[inline(always)]
    pub(crate) fn of_four(self, sums: f32x4) -> f32x4 {
        let x = sums + f32x4::splat(self.bias);
        x * x.simd_lt(f32x4::ZERO).select(f32x4::splat(self.below), f32x4::splat(self.above)) + f32x4::splat(self.shift)
    }

    /// Finishes one of the processor's vectors.
    #[cfg(not(target_family = "wasm"))]
    #[inline(always)]
    pub(crate) fn of_vector<S: Simd>(self, simd: S, sums: S::f32s) -> S::f32s {
        let x = simd.add_f32s(sums, simd.splat_f32s(self.bias));
        let is_below = simd.less_than_f32s(x, simd.splat_f32s(0.0));
        let factor = simd.select_f32s(is_below, simd.splat_f32s(self.below), simd.splat_f32s(self.above));
        simd.mul_add_e_f32s(x, factor, simd.splat_f32s(self.shift))
    }
}

/// Finishes sums that have been written, `[epilogues.len(), any]`.
#[inline(never)]
pub fn apply(sums: &mut [f32], epilogues: &[ChannelEpilogue]) {
    assert_eq!(sums.len() % epilogues.len(), 0, "the sums do not divide evenly into channels");
    let plane = (sums.len() / epilogues.len()).max(1);
    for (plane, epilogue) in sums.chunks_exact_mut(plane).zip(epilogues) {
        let (vectors, rest) = plane.as_chunks_mut::<4>();
        vectors.iter_mut().for_each(|four| *four = epilogue.of_four(f32x4::from(*four)).into());
        rest.iter_mut().for_each(|sum| *sum = epilogue.of(*sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_its_order() {
        let epilogue = ChannelEpilogue::bias(1.0).then_relu(0.5).then_affine(-2.0, 3.0);
        assert_eq!(epilogue.of(1.0), -2.0 * 2.0 + 3.0);
        assert_eq!(epilogue.of(-3.0), -2.0 * (-2.0 * 0.5) + 3.0);
        assert!(epilogue.of(f32::NAN).is_nan());
        assert_eq!(ChannelEpilogue::bias(2.0).of(-5.0), -3.0);
    }

    #[test]
    fn finishes_belong_to_channels() {
        let epilogues =
            [ChannelEpilogue::bias(1.0).then_relu(0.0), ChannelEpilogue::bias(-1.0).then_relu(-2.0).then_affine(1.0, 0.25)];
        // Whole vectors of four, and a remainder.
        let sums: Vec<f32> = (0..18).map(|index| index as f32 - 9.0).collect();
        let mut ours = sums.clone();
        apply(&mut ours, &epilogues);
        let expected: Vec<f32> = sums.iter().enumerate().map(|(index, sum)| epilogues[index / 9].of(*sum)).collect();
        assert_eq!(ours, expected);
    }
}

//! Products of floats.
use bytemuck::Zeroable;
use pulp::{Simd, WithSimd};

use super::{
    ROWS,
    tiles::{MicroKernel, Rows},
};
use crate::vectors::copy_vectors;

/// Reorders weights `[rows, input channels]` to `[rows / 4, input channels, 4]`, the order in which they are read.
pub(super) fn floats(weight: &[f32], channels: usize) -> Vec<[f32; ROWS]> {
    let rows = weight.len() / channels;
    let mut packed = vec![[0.0; ROWS]; rows.div_ceil(ROWS) * channels];
    for (row, weights) in weight.chunks_exact(channels).enumerate() {
        let group = &mut packed[row / ROWS * channels..][..channels];
        group.iter_mut().zip(weights).for_each(|(group, weight)| group[row % ROWS] = *weight);
    }
    packed
}

/// Some rows of the output, computed in floats.
pub(super) struct InFloats<'a> {
    pub(super) weights: &'a [[f32; ROWS]],
    pub(super) rows: Rows<'a>,
}

impl WithSimd for InFloats<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { weights, rows } = self;
        let channels = rows.input.values.len().div_ceil(rows.input.stride);
        rows.run(simd, &Floats { weights, channels });
    }
}

/// Products of floats.
struct Floats<'a> {
    weights: &'a [[f32; ROWS]],
    channels: usize,
}

impl<S: Simd> MicroKernel<S> for Floats<'_> {
    /// A vector of one channel.
    type Packed = S::f32s;

    #[inline(always)]
    fn scratch(&self, vectors: usize) -> Vec<S::f32s> {
        vec![S::f32s::zeroed(); self.channels * vectors]
    }

    #[inline(always)]
    fn pack<const V: usize>(
        &self,
        simd: S,
        rows: &Rows,
        first: usize,
        width: usize,
        packed: &mut [[S::f32s; V]],
    ) -> [S::f32s; V] {
        for (packed, channel) in packed.iter_mut().zip(rows.input.values.chunks(rows.input.stride)) {
            copy_vectors(simd, &channel[first..first + width], packed);
        }
        [simd.splat_f32s(1.0); V]
    }

    #[inline(always)]
    fn product<const V: usize>(
        &self,
        simd: S,
        row: usize,
        packed: &[[S::f32s; V]],
        _scale: &[S::f32s; V],
    ) -> [[S::f32s; V]; ROWS] {
        let weights = &self.weights[row / ROWS * self.channels..][..self.channels];
        let mut sums = [[simd.splat_f32s(0.0); V]; ROWS];
        for (weights, values) in weights.iter().zip(packed) {
            for row in 0..ROWS {
                let weight = simd.splat_f32s(weights[row]);
                for vector in 0..V {
                    sums[row][vector] = simd.mul_add_e_f32s(weight, values[vector], sums[row][vector]);
                }
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            Planes, PlanesMut,
            native::{Weights, run},
        },
        *,
    };
    use crate::epilogue::ChannelEpilogue;

    fn shapes() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<f32>)> {
        // From part of a vector of pixels to more than one tile.
        (1..10_usize, 1..20_usize, 1..230_usize).prop_flat_map(|(rows, channels, pixels)| {
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            (values(rows * channels), values(rows), values(channels * pixels))
        })
    }

    proptest! {
        /// Also in the scalar fallback.
        #[test]
        fn floats_are_not_rounded((weight, bias, input) in shapes()) {
            let channels = weight.len() / bias.len();
            let pixels = input.len() / channels;
            let epilogue: Vec<_> = bias.iter().map(|bias| ChannelEpilogue::bias(*bias).then_relu(-0.5).then_affine(0.5, *bias)).collect();
            let packed = floats(&weight, channels);
            // Every value must be written.
            let (mut ours, mut one_by_one) = (vec![-1e30; bias.len() * pixels], vec![-1e30; bias.len() * pixels]);
            let (planes, stride) = (Planes { values: &input, stride: pixels }, pixels);
            run(&Weights::Floats(packed.clone()), &epilogue, planes, pixels, PlanesMut { values: &mut ours, stride }, 1);
            let output = PlanesMut { values: &mut one_by_one, stride };
            let rows = Rows { first: 0, epilogue: &epilogue, input: planes, pixels, output };
            InFloats { weights: &packed, rows }.with_simd(pulp::Scalar);
            for (index, (ours, one_by_one)) in ours.iter().zip(&one_by_one).enumerate() {
                let (row, pixel) = (index / pixels, index % pixels);
                let products = (0..channels).map(|k| f64::from(weight[row * channels + k]) * f64::from(input[k * pixels + pixel]));
                let expected = f64::from(epilogue[row].of(products.sum::<f64>() as f32));
                // At most 20 products of at most 4: each addition rounds by at most 2^-24 of 80, and the epilogue halves the sum. 5e-5.
                prop_assert!((f64::from(*ours) - expected).abs() < 1e-4, "{} and {}", ours, expected);
                prop_assert!((ours - one_by_one).abs() < 1e-4, "{} and {}", ours, one_by_one);
            }
        }
    }
}

//! 1x1 convolutions in floats, in the widest vectors that the processor has: with fused multiplication they are quicker than 16-bit
//! integers ([`pointwise`](crate::pointwise)).
//!
//! The pixels are taken a few vectors at a time, and all channels of these copied side by side first: the rows of the input lie so
//! far apart, often by a power of two, that they would drive each other out of the cache.
use pulp::{Arch, Simd, WithSimd};

use crate::{
    finish::Finish,
    parts,
    vectors::{copy_vectors, write_vectors},
};

/// Output channels that are summed at once.
const ROWS: usize = 4;

/// A 1x1 convolution with stride 1.
#[derive(Debug, Clone)]
pub struct PointwiseFloat {
    /// `[rows / 4, input channels, 4]`.
    weight: Vec<[f32; ROWS]>,
    finish: Vec<Finish>,
    channels: usize,
}

impl PointwiseFloat {
    /// `weight` is `[finish.len(), input channels]`.
    pub fn new(weight: &[f32], finish: Vec<Finish>) -> Self {
        let channels = weight.len() / finish.len();
        assert_eq!(weight.len(), finish.len() * channels, "the weights are not of {} rows", finish.len());
        let mut packed = vec![[0.0; ROWS]; finish.len().div_ceil(ROWS) * channels];
        for (row, weights) in weight.chunks_exact(channels).enumerate() {
            let group = &mut packed[row / ROWS * channels..][..channels];
            group.iter_mut().zip(weights).for_each(|(group, weight)| group[row % ROWS] = *weight);
        }
        Self { weight: packed, finish, channels }
    }

    /// Writes the output, `[finish.len(), pixels]`, for an input `[input channels, pixels]`.
    #[inline(never)]
    pub fn run(&self, input: &[f32], output: &mut [f32]) {
        let pixels = input.len() / self.channels;
        assert_eq!(input.len(), pixels * self.channels, "the input is not of {} channels", self.channels);
        assert_eq!(output.len(), self.finish.len() * pixels, "the output is not of {} channels", self.finish.len());
        if output.is_empty() {
            return;
        }
        // No more parts than threads: each of them copies the input, a few pixels at a time.
        let rows = self.finish.len().div_ceil(parts::threads()).next_multiple_of(ROWS);
        let weights = self.weight.chunks(rows / ROWS * self.channels);
        let parts = self.finish.chunks(rows).zip(weights).zip(output.chunks_mut(rows * pixels));
        parts::each(parts, |((finish, weight), output)| {
            Arch::new().dispatch(Run { weight, finish, input, pixels, output });
        });
    }
}

/// Some rows of the output.
struct Run<'a> {
    weight: &'a [[f32; ROWS]],
    finish: &'a [Finish],
    input: &'a [f32],
    pixels: usize,
    output: &'a mut [f32],
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // What is summed, what it is made of, and one more.
        let most = if S::REGISTER_COUNT >= 32 { 6 } else { 3 };
        let mut packed = vec![simd.splat_f32s(0.0); self.input.len() / self.pixels * most];
        let vectors = self.pixels.div_ceil(S::F32_LANES);
        let tiles = vectors.div_ceil(most);
        let mut first = 0;
        for tile in 0..tiles {
            // As evenly as can be: a tile of a single vector takes as long as one of two.
            let width = (vectors * (tile + 1) / tiles * S::F32_LANES).min(self.pixels) - first;
            match width.div_ceil(S::F32_LANES) {
                1 => self.tile::<S, 1>(simd, first, width, &mut packed),
                2 => self.tile::<S, 2>(simd, first, width, &mut packed),
                3 => self.tile::<S, 3>(simd, first, width, &mut packed),
                4 => self.tile::<S, 4>(simd, first, width, &mut packed),
                5 => self.tile::<S, 5>(simd, first, width, &mut packed),
                _ => self.tile::<S, 6>(simd, first, width, &mut packed),
            }
            first += width;
        }
    }
}

impl Run<'_> {
    #[inline(always)]
    fn tile<S: Simd, const V: usize>(&mut self, simd: S, first: usize, width: usize, packed: &mut [S::f32s]) {
        let channels = self.input.len() / self.pixels;
        let (packed, _) = packed[..channels * V].as_chunks_mut::<V>();
        for (packed, channel) in packed.iter_mut().zip(self.input.chunks_exact(self.pixels)) {
            copy_vectors(simd, &channel[first..first + width], packed);
        }
        let rows = self.finish.chunks(ROWS).zip(self.output.chunks_mut(ROWS * self.pixels));
        for ((finish, output), weights) in rows.zip(self.weight.chunks_exact(channels)) {
            let sums = product(simd, weights, packed);
            match finish.as_array::<ROWS>() {
                // Without a branch for each row, around which the compiler would keep the sums in memory.
                Some(finish) if width == V * S::F32_LANES => {
                    for row in 0..ROWS {
                        let output = &mut output[row * self.pixels + first..][..width];
                        let (output, _) = S::as_mut_simd_f32s(output);
                        for vector in 0..V {
                            output[vector] = finish[row].of_vector(simd, sums[row][vector]);
                        }
                    }
                }
                _ => {
                    for ((sums, finish), output) in sums.iter().zip(finish).zip(output.chunks_exact_mut(self.pixels)) {
                        let mut values = *sums;
                        // In no closure: it would be compiled without the processor's vectors.
                        for value in &mut values {
                            *value = finish.of_vector(simd, *value);
                        }
                        write_vectors(simd, &values, &mut output[first..first + width]);
                    }
                }
            }
        }
    }
}

/// The sums of products of four rows with the pixels of a tile. A function of its own, so that they are sure to stay in registers.
#[inline(always)]
fn product<S: Simd, const V: usize>(simd: S, weights: &[[f32; ROWS]], packed: &[[S::f32s; V]]) -> [[S::f32s; V]; ROWS] {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shapes() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<f32>)> {
        // Pixels for a part of a vector, and for more than are taken at a time.
        (1..10_usize, 1..20_usize, 1..230_usize).prop_flat_map(|(rows, channels, pixels)| {
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            (values(rows * channels), values(rows), values(channels * pixels))
        })
    }

    fn run(of: &PointwiseFloat, input: &[f32]) -> Vec<f32> {
        // Every value is to be written.
        let mut output = vec![-1e30; input.len() / of.channels * of.finish.len()];
        of.run(input, &mut output);
        output
    }

    proptest! {
        #[test]
        fn every_shape_is_a_product((weight, bias, input) in shapes()) {
            let channels = weight.len() / bias.len();
            let pixels = input.len() / channels;
            let finish: Vec<_> = bias.iter().map(|bias| Finish::bias(*bias).then_relu(-0.5).then_affine(0.5, *bias)).collect();
            let ours = run(&PointwiseFloat::new(&weight, finish.clone()), &input);
            prop_assert_eq!(ours.len(), bias.len() * pixels);
            for (index, ours) in ours.iter().enumerate() {
                let (row, pixel) = (index / pixels, index % pixels);
                let products = (0..channels).map(|k| f64::from(weight[row * channels + k]) * f64::from(input[k * pixels + pixel]));
                let expected = f64::from(finish[row].of(products.sum::<f64>() as f32));
                prop_assert!((f64::from(*ours) - expected).abs() < 1e-4, "{} and {}", ours, expected);
            }
            // As on a processor whose vectors are not known.
            let of = PointwiseFloat::new(&weight, finish);
            let mut one_by_one = vec![0.0; ours.len()];
            let (weight, finish) = (&of.weight, &of.finish);
            Run { weight, finish, input: &input, pixels, output: &mut one_by_one }.with_simd(pulp::Scalar);
            for (a, b) in ours.iter().zip(&one_by_one) {
                prop_assert!((a - b).abs() < 1e-4, "{} and {}", a, b);
            }
        }
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        let output = run(&PointwiseFloat::new(&[1.0, 1.0], vec![Finish::bias(0.0)]), &[f32::NAN, 1.0, 0.0, 2.0]);
        assert!(output[0].is_nan());
        assert_eq!(output[1], 3.0);
    }
}

//! 1x1 convolutions with stride 1: a product of two matrices, in which most of a recogniser's time goes.
//!
//! Processors multiply two pairs of 16-bit integers in a lane that holds one pair of floats. Where adding the products does not cost that
//! again, both sides are therefore rounded to 16 bits: in browsers; natively with AVX2, but not with AVX-512, which has no units to spare
//! for sums, unless it has VNNI, which adds at once. Elsewhere they stay floats.
#[cfg(any(target_family = "wasm", test))]
mod in_128_bits;
#[cfg(not(target_family = "wasm"))]
mod in_widest_vectors;
#[cfg(target_arch = "x86_64")]
mod integers;
#[cfg(any(target_family = "wasm", target_arch = "x86_64", test))]
mod rounded;

#[cfg(target_family = "wasm")]
use in_128_bits::run;
#[cfg(not(target_family = "wasm"))]
use in_widest_vectors::{Weights, run};
#[cfg(target_family = "wasm")]
use rounded::RoundedWeights as Weights;

use crate::finish::Finish;

/// Output channels that are summed at once.
const ROWS: usize = 4;

/// A 1x1 convolution with stride 1, its weights in the order in which they are read.
#[derive(Debug, Clone)]
pub struct Pointwise {
    weights: Weights,
    finish: Vec<Finish>,
    channels: usize,
}

impl Pointwise {
    /// `weight` is `[finish.len(), input channels]`.
    pub fn new(weight: &[f32], finish: Vec<Finish>) -> Self {
        let channels = weight.len() / finish.len();
        assert_eq!(weight.len(), finish.len() * channels, "the weights are not of {} rows", finish.len());
        Self { weights: Weights::new(weight, channels), finish, channels }
    }

    /// Writes the output, `[finish.len(), pixels]`, for an input `[input channels, pixels]`. A pixel that is not finite gives none that is.
    #[inline(never)]
    pub fn run(&self, input: &[f32], output: &mut [f32]) {
        let pixels = input.len() / self.channels;
        assert_eq!(input.len(), pixels * self.channels, "the input is not of {} channels", self.channels);
        assert_eq!(output.len(), self.finish.len() * pixels, "the output is not of {} channels", self.finish.len());
        if !output.is_empty() {
            run(&self.weights, &self.finish, input, pixels, output);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{in_widest_vectors::weights_of_each_kind, rounded::RoundedWeights, *};

    fn finishes(bias: &[f32]) -> Vec<Finish> {
        bias.iter().map(|bias| Finish::bias(*bias)).collect()
    }

    /// In each way there is for this processor.
    fn run(weight: &[f32], finish: &[Finish], input: &[f32]) -> Vec<Vec<f32>> {
        let channels = weight.len() / finish.len();
        let pixels = input.len() / channels;
        // Every value is to be written.
        let unwritten = vec![-1e30; pixels * finish.len()];
        let mut chosen = unwritten.clone();
        Pointwise::new(weight, finish.to_vec()).run(input, &mut chosen);
        let mut in_128_bits = unwritten.clone();
        in_128_bits::run(&RoundedWeights::new(weight, channels), finish, input, pixels, &mut in_128_bits);
        let others = weights_of_each_kind(weight, channels).into_iter().map(|weights| {
            let mut output = unwritten.clone();
            super::run(&weights, finish, input, pixels, &mut output);
            output
        });
        [chosen, in_128_bits].into_iter().chain(others).collect()
    }

    /// The largest error, relative to the root mean square of the output.
    fn error(weight: &[f32], bias: &[f32], input: &[f32]) -> f64 {
        let channels = weight.len() / bias.len();
        let pixels = input.len() / channels;
        let expected = |row: usize, pixel: usize| {
            let products = (0..channels).map(|k| f64::from(weight[row * channels + k]) * f64::from(input[k * pixels + pixel]));
            products.sum::<f64>() + f64::from(bias[row])
        };
        let expected: Vec<f64> = (0..bias.len() * pixels).map(|index| expected(index / pixels, index % pixels)).collect();
        let squares: f64 = expected.iter().map(|expected| expected * expected).sum();
        let worst = |ours: Vec<f32>| {
            assert_eq!(ours.len(), expected.len());
            ours.iter().zip(&expected).map(|(ours, expected)| (f64::from(*ours) - expected).abs()).fold(0.0, f64::max)
        };
        let worst = run(weight, &finishes(bias), input).into_iter().map(worst).fold(0.0, f64::max);
        worst / (squares / expected.len() as f64).sqrt().max(f64::MIN_POSITIVE)
    }

    proptest! {
        #[test]
        fn every_shape_is_a_product_to_16_bits(
            // Pixels for a part of a vector, and for more than are taken at a time.
            (rows, channels, pixels) in (1..10_usize, 1..100_usize, 1..230_usize),
            seed in any::<u64>(),
        ) {
            let mut state = seed;
            let mut draw = |n: usize| (0..n).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / 8_388_608.0 - 1.0
            }).collect::<Vec<f32>>();
            let (weight, bias, input) = (draw(rows * channels), vec![0.0; rows], draw(channels * pixels));
            // Uniform values are the easy case: each is within three of the root mean square.
            prop_assume!(rows * pixels > 20 && channels > 4);
            prop_assert!(error(&weight, &bias, &input) < 2e-3);
        }
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        // Every product of every block at its largest.
        let (weight, input) = (vec![1.0; 4 * 64], vec![1.0; 64 * 13]);
        assert!(error(&weight, &[0.0; 4], &input) < 1e-4);
        let (weight, input) = (vec![-1e30; 64], vec![1e4; 64]);
        assert!(error(&weight, &[0.0], &input) < 1e-4);
    }

    #[test]
    fn zeros_leave_the_bias() {
        for output in run(&[0.0; 6], &finishes(&[1.0, 2.0]), &[1.0, 2.0, 3.0]) {
            assert_eq!(output, [1.0, 2.0]);
        }
        for output in run(&[1.0; 6], &finishes(&[1.0, 2.0]), &[0.0; 6]) {
            assert_eq!(output, [1.0, 1.0, 2.0, 2.0]);
        }
    }

    #[test]
    fn each_row_is_finished() {
        let finish = [Finish::bias(1.0).then_relu(0.5), Finish::bias(-2.0).then_relu(3.0).then_affine(2.0, 1.0)];
        for output in run(&[1.0, -1.0], &finish, &[-3.0, 0.0, 3.0]) {
            for (ours, expected) in output.iter().zip([-1.0, 1.0, 4.0, 3.0, -11.0, -29.0]) {
                assert!((ours - expected).abs() < 1e-3, "{output:?}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in 0..5 {
                let mut input = [1.0; 5];
                input[place] = bad;
                for output in run(&[1.0], &finishes(&[0.0]), &input) {
                    for (pixel, value) in output.iter().enumerate() {
                        let is_right = if pixel == place { !value.is_finite() } else { (value - 1.0).abs() < 1e-4 };
                        assert!(is_right, "{output:?}");
                    }
                }
            }
        }
    }
}

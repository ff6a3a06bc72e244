//! 1x1 convolutions with stride 1: a matrix product, which takes most of a recogniser's time.
//!
//! Processors multiply two pairs of 16-bit integers in a lane that holds one pair of floats. Both sides are therefore rounded to 16 bits
//! where adding the products does not cost as much again: in browsers, with AVX2, and with AVX-512 VNNI, which multiplies and adds in one
//! step. AVX-512 without VNNI has no units to spare for sums. Elsewhere both sides stay floats.
#[cfg(not(target_family = "wasm"))]
mod floats;
#[cfg(target_arch = "x86_64")]
mod integers;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(any(target_family = "wasm", target_arch = "x86_64", test))]
mod quantised;
#[cfg(any(target_family = "wasm", test))]
mod simd128;
#[cfg(not(target_family = "wasm"))]
mod tiles;

#[cfg(not(target_family = "wasm"))]
use native::{Weights, run};
#[cfg(target_family = "wasm")]
use quantised::QuantisedWeights as Weights;
#[cfg(target_family = "wasm")]
use simd128::run;

use crate::{epilogue::ChannelEpilogue, parts};

/// Output channels that are summed at once.
const ROWS: usize = 4;

/// A 1x1 convolution with stride 1, its weights stored in the order in which they are read.
#[derive(Debug, Clone)]
pub struct Pointwise {
    weights: Weights,
    epilogue: Vec<ChannelEpilogue>,
    channels: usize,
}

impl Pointwise {
    /// `weight` is `[epilogue.len(), input channels]`.
    pub fn new(weight: &[f32], epilogue: Vec<ChannelEpilogue>) -> Self {
        let channels = weight.len() / epilogue.len();
        assert_eq!(weight.len(), epilogue.len() * channels, "the weights do not have {} rows", epilogue.len());
        Self { weights: Weights::new(weight, channels), epilogue, channels }
    }

    /// Writes the output, `[epilogue.len(), pixels]`, for an input `[input channels, pixels]`. A non-finite input pixel gives a
    /// non-finite output pixel.
    #[inline(never)]
    pub fn run(&self, input: &[f32], output: &mut [f32]) {
        let pixels = input.len() / self.channels;
        assert_eq!(input.len(), pixels * self.channels, "the input does not have {} channels", self.channels);
        assert_eq!(output.len(), self.epilogue.len() * pixels, "the output does not have {} channels", self.epilogue.len());
        if !output.is_empty() {
            let (input, output) = (Planes { values: input, stride: pixels }, PlanesMut { values: output, stride: pixels });
            run(&self.weights, &self.epilogue, input, pixels, output, parts::threads());
        }
    }

    /// Writes some pixels of each output channel, on the calling thread alone.
    pub(crate) fn run_part(&self, input: Planes, pixels: usize, output: PlanesMut) {
        run(&self.weights, &self.epilogue, input, pixels, output, 1);
    }

    /// Number of output channels.
    pub(crate) fn channels_out(&self) -> usize {
        self.epilogue.len()
    }
}

/// The same part of each channel of a tensor.
#[derive(Clone, Copy)]
pub(crate) struct Planes<'a> {
    /// From the part of the first channel on.
    pub(crate) values: &'a [f32],
    /// From a channel to the next.
    pub(crate) stride: usize,
}

/// The same part of each channel of a tensor, to be written.
pub(crate) struct PlanesMut<'a> {
    /// From the part of the first channel on.
    pub(crate) values: &'a mut [f32],
    /// From a channel to the next.
    pub(crate) stride: usize,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{native::weights_of_each_kind, quantised::QuantisedWeights, *};

    fn epilogues(bias: &[f32]) -> Vec<ChannelEpilogue> {
        bias.iter().map(|bias| ChannelEpilogue::bias(*bias)).collect()
    }

    /// Runs every implementation that this processor has.
    fn run(weight: &[f32], epilogue: &[ChannelEpilogue], input: &[f32]) -> Vec<Vec<f32>> {
        let channels = weight.len() / epilogue.len();
        let pixels = input.len() / channels;
        // Every value must be written.
        let unwritten = vec![-1e30; pixels * epilogue.len()];
        let mut chosen = unwritten.clone();
        Pointwise::new(weight, epilogue.to_vec()).run(input, &mut chosen);
        let mut simd128 = unwritten.clone();
        let planes = Planes { values: input, stride: pixels };
        let weights = QuantisedWeights::new(weight, channels);
        simd128::run(&weights, epilogue, planes, pixels, PlanesMut { values: &mut simd128, stride: pixels }, 1);
        let others = weights_of_each_kind(weight, channels).into_iter().map(|weights| {
            let mut output = unwritten.clone();
            super::run(&weights, epilogue, planes, pixels, PlanesMut { values: &mut output, stride: pixels }, 1);
            output
        });
        [chosen, simd128].into_iter().chain(others).collect()
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
        let worst = run(weight, &epilogues(bias), input).into_iter().map(worst).fold(0.0, f64::max);
        worst / (squares / expected.len() as f64).sqrt().max(f64::MIN_POSITIVE)
    }

    /// How far rounding may move a sum, at most. Weights, divided by the lengths of their columns, lose half a step of their row; pixels,
    /// times these lengths, half a 32767th of the pixel's largest value. Floats add less than a hundred-thousandth of all products.
    fn bound(weight: &[f32], quantised: &QuantisedWeights, input: &[f32], row: usize, pixel: usize) -> f64 {
        let channels = quantised.lengths.len();
        let pixels = input.len() / channels;
        let terms = || {
            quantised.lengths.iter().enumerate().map(|(k, length)| {
                let [weight, value, length] = [weight[row * channels + k], input[k * pixels + pixel], *length].map(f64::from);
                [(weight / length).abs(), (value * length).abs()]
            })
        };
        let largest = terms().fold(0.0_f64, |largest, [_, value]| largest.max(value));
        let [half_of_row, half_of_pixel] =
            [f64::from(quantised.scale[row]) / 2.0, largest / f64::from(quantised::MAX_MAGNITUDE) / 2.0];
        let lost = |[weight, value]: [f64; 2]| {
            weight * half_of_pixel + value * half_of_row + half_of_pixel * half_of_row + 1e-5 * weight * value
        };
        terms().map(lost).sum()
    }

    proptest! {
        #[test]
        fn every_shape_is_a_product_to_16_bits(
            // From part of a vector of pixels to more than one tile.
            (rows, channels, pixels) in (1..10_usize, 1..100_usize, 1..230_usize),
            seed in any::<u64>(),
        ) {
            let mut state = seed;
            let mut draw = |n: usize| (0..n).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / 8_388_608.0 - 1.0
            }).collect::<Vec<f32>>();
            let (weight, input) = (draw(rows * channels), draw(channels * pixels));
            let quantised = QuantisedWeights::new(&weight, channels);
            let outputs = run(&weight, &epilogues(&vec![0.0; rows]), &input);
            for (row, pixel) in (0..rows).flat_map(|row| (0..pixels).map(move |pixel| (row, pixel))) {
                let products = (0..channels).map(|k| f64::from(weight[row * channels + k]) * f64::from(input[k * pixels + pixel]));
                let (expected, bound) = (products.sum::<f64>(), bound(&weight, &quantised, &input, row, pixel));
                for output in &outputs {
                    let found = f64::from(output[row * pixels + pixel]);
                    prop_assert!((found - expected).abs() <= bound, "{} and {}: more than {} apart", found, expected, bound);
                }
            }
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
        for output in run(&[0.0; 6], &epilogues(&[1.0, 2.0]), &[1.0, 2.0, 3.0]) {
            assert_eq!(output, [1.0, 2.0]);
        }
        for output in run(&[1.0; 6], &epilogues(&[1.0, 2.0]), &[0.0; 6]) {
            assert_eq!(output, [1.0, 1.0, 2.0, 2.0]);
        }
    }

    #[test]
    fn each_row_is_finished() {
        let epilogue =
            [ChannelEpilogue::bias(1.0).then_relu(0.5), ChannelEpilogue::bias(-2.0).then_relu(3.0).then_affine(2.0, 1.0)];
        for output in run(&[1.0, -1.0], &epilogue, &[-3.0, 0.0, 3.0]) {
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
                for output in run(&[1.0], &epilogues(&[0.0]), &input) {
                    for (pixel, value) in output.iter().enumerate() {
                        let is_right = if pixel == place { !value.is_finite() } else { (value - 1.0).abs() < 1e-4 };
                        assert!(is_right, "{output:?}");
                    }
                }
            }
        }
    }
}

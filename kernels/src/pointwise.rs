//! 1x1 convolutions: a product of two matrices, in which most of a recogniser's time goes.
//!
//! In 128-bit SIMD without fused multiplication the fastest product is that of 16-bit integers, which multiplies and adds two
//! pairs in each of four lanes at once: twice the work of floats. Both sides are therefore rounded to 16 bits: the weights once,
//! row by row, as fine as the sums of `BLOCK` products allow without overflow (11 bits of a block's mean weight); the input at
//! each run, pixel by pixel, to 16 bits of its largest value. The sums of the blocks are added up as floats.
//!
//! A large channel would leave few bits for a small one. Each is therefore scaled by the length of its column of weights, and
//! the column by the inverse: what then is rounded counts alike.
use std::ops::Range;

use wide::{f32x4, i16x8, i32x4};

use crate::{finish::Finish, parts};

/// Products that are added up as 32-bit integers before they become floats.
const BLOCK: usize = 32;
const PAIRS: usize = BLOCK / 2;
/// The largest rounded input.
const MOST: f32 = 32_767.0;
/// The largest sum of a block's rounded weights: times [`MOST`] it still is a 32-bit integer, also after every one of the
/// block's weights has been rounded up.
const MOST_OF_BLOCK: f32 = 65_500.0;
/// Output channels and vectors of pixels that are summed at once: with what they are made of, they fit into the 15 registers
/// that browsers have for them.
const ROWS: usize = 4;
const VECTORS: usize = 2;
const LANES: usize = 4;
const PIXELS: usize = VECTORS * LANES;
/// Added to a float below 2^22, puts its nearest integer into the lowest bits.
const MAGIC: f32 = 12_582_912.0;

/// A 1x1 convolution with stride 1, its weights rounded and in the order in which they are read.
#[derive(Debug, Clone)]
pub struct Pointwise {
    /// `[rows / 4, pair, 4]`, each the weights of two input channels in the halves of a word.
    weight: Vec<[i32; ROWS]>,
    /// What a rounded weight of each row stands for.
    scale: Vec<f32>,
    finish: Vec<Finish>,
    /// The length of each input channel's column of weights.
    lengths: Vec<f32>,
}

/// An input rounded to 16 bits.
struct Rounded {
    /// `[pixels / 8, pair, 2]`.
    values: Vec<[i16x8; VECTORS]>,
    /// What a rounded value of each pixel stands for, `[pixels / 8, 2]`.
    scale: Vec<[f32x4; VECTORS]>,
}

impl Pointwise {
    /// `weight` is `[finish.len(), input channels]`.
    pub fn new(weight: &[f32], finish: Vec<Finish>) -> Self {
        let channels = weight.len() / finish.len();
        assert_eq!(weight.len(), finish.len() * channels, "the weights are not of {} rows", finish.len());
        let blocks = channels.div_ceil(BLOCK);
        let lengths: Vec<f32> = (0..channels).map(|channel| length(weight, channels, channel)).collect();
        let even = |row: &[f32]| row.iter().zip(&lengths).map(|(weight, length)| weight / length).collect();
        let rows: Vec<Vec<f32>> = weight.chunks_exact(channels).map(even).collect();
        let scale: Vec<f32> = rows.iter().map(|row| step(row)).collect();
        let mut packed = vec![[0; ROWS]; finish.len().div_ceil(ROWS) * blocks * PAIRS];
        for (index, (row, &scale)) in rows.iter().zip(&scale).enumerate() {
            let first = index / ROWS * blocks * PAIRS;
            for (pair, words) in row.chunks(2).zip(&mut packed[first..]) {
                let [low, high] = [0, 1].map(|half| pair.get(half).map_or(0, |weight| (weight / scale).round() as i32));
                words[index % ROWS] = (low & 0xffff) | high << 16;
            }
        }
        Self { weight: packed, scale, finish, lengths }
    }

    /// Writes the output, `[finish.len(), pixels]`, for an input `[input channels, pixels]`. A pixel that is not finite gives NaN.
    #[inline(never)]
    pub fn run(&self, input: &[f32], output: &mut [f32]) {
        let channels = self.lengths.len();
        let pixels = input.len() / channels;
        assert_eq!(input.len(), pixels * channels, "the input is not of {channels} channels");
        assert_eq!(output.len(), self.finish.len() * pixels, "the output is not of {} channels", self.finish.len());
        if output.is_empty() {
            return;
        }
        let input = Rounded::new(input, &self.lengths, pixels);
        let rows = parts::size(self.finish.len(), ROWS);
        let pairs = channels.div_ceil(BLOCK) * PAIRS;
        let parameters = self.weight.chunks(rows / ROWS * pairs).zip(self.scale.chunks(rows)).zip(self.finish.chunks(rows));
        parts::each(output.chunks_mut(rows * pixels).zip(parameters), |(output, ((weight, scale), finish))| {
            Rows { weight, scale, finish }.run(&input, pixels, output);
        });
    }
}

/// Some rows of the output.
struct Rows<'a> {
    weight: &'a [[i32; ROWS]],
    scale: &'a [f32],
    finish: &'a [Finish],
}

impl Rows<'_> {
    fn run(&self, input: &Rounded, pixels: usize, output: &mut [f32]) {
        let pairs = input.values.len() / input.scale.len();
        for (tile, (values, scales)) in input.values.chunks_exact(pairs).zip(&input.scale).enumerate() {
            let first = tile * PIXELS;
            let width = PIXELS.min(pixels - first);
            for (index, weights) in self.weight.chunks_exact(pairs).enumerate() {
                let sums = product(weights, values);
                let rows = index * ROWS..(index * ROWS + ROWS).min(self.finish.len());
                for (row, sums) in rows.zip(sums) {
                    let (scale, finish) = (f32x4::splat(self.scale[row]), self.finish[row]);
                    let scaled = |vector: usize| finish.of_four(sums[vector] * (scales[vector] * scale));
                    let values: [f32; PIXELS] = bytemuck::cast([0, 1].map(scaled));
                    let output = &mut output[row * pixels + first..][..width];
                    // Copying a number of values that is known only at run time calls out of the module.
                    match output.first_chunk_mut() {
                        Some(output) => *output = values,
                        None => output.iter_mut().zip(values).for_each(|(output, value)| *output = value),
                    }
                }
            }
        }
    }
}

/// The finest step for which a row's weights and the sums of its blocks stay in range.
fn step(row: &[f32]) -> f32 {
    let largest = row.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    let sums = row.chunks(BLOCK).map(|block| block.iter().map(|weight| weight.abs()).sum::<f32>());
    let step = (largest / MOST).max(sums.fold(0.0, f32::max) / MOST_OF_BLOCK);
    // A row of zeros, or of numbers so small that their step is none, has any.
    if step > 0.0 { step } else { 1.0 }
}

/// The length of a column of weights, or 1 where it has none: such a channel does not count.
fn length(weight: &[f32], channels: usize, channel: usize) -> f32 {
    let column = weight.iter().skip(channel).step_by(channels);
    let length = column.map(|weight| f64::from(*weight) * f64::from(*weight)).sum::<f64>().sqrt() as f32;
    if length > 0.0 { length } else { 1.0 }
}

impl Rounded {
    fn new(input: &[f32], lengths: &[f32], pixels: usize) -> Self {
        let (pairs, tiles) = (lengths.len().div_ceil(BLOCK) * PAIRS, pixels.div_ceil(PIXELS));
        let mut values = vec![[i16x8::ZERO; VECTORS]; tiles * pairs];
        let mut scale = vec![[f32x4::ZERO; VECTORS]; tiles];
        // So few at a time, also for a single thread, that they stay in the cache between looking for the largest and rounding.
        let part = parts::size_of_sums(tiles);
        parts::each(values.chunks_mut(part * pairs).zip(scale.chunks_mut(part)).enumerate(), |(index, (values, scale))| {
            round(input, lengths, pixels, index * part, values, scale);
        });
        Self { values, scale }
    }
}

/// Rounds some tiles, from the `first` on.
fn round(
    input: &[f32],
    lengths: &[f32],
    pixels: usize,
    first: usize,
    values: &mut [[i16x8; VECTORS]],
    scale: &mut [[f32x4; VECTORS]],
) {
    let pairs = values.len() / scale.len();
    let vectors = first * VECTORS..((first + scale.len()) * VECTORS).min(pixels.div_ceil(LANES));
    let largest = largest(input, lengths, pixels, vectors.clone());
    let factors: Vec<f32x4> = largest.iter().map(|largest| f32x4::splat(MOST) / *largest).collect();
    let (magic, low) = (f32x4::splat(MAGIC), i32x4::splat(0xffff));
    let zeros = vec![0.0; pixels];
    for (pair, (rows, lengths)) in input.chunks(2 * pixels).zip(lengths.chunks(2)).enumerate() {
        let (even, odd) = rows.split_at(pixels);
        let odd = if odd.is_empty() { zeros.as_slice() } else { odd };
        let lengths = [lengths[0], lengths.last().copied().unwrap_or(0.0)].map(f32x4::splat);
        for (index, (vector, &factor)) in vectors.clone().zip(&factors).enumerate() {
            // The nearest integers of four floats, in the lower halves of four words.
            let round = |row, length| -> i32x4 { bytemuck::cast(four(row, vector) * (factor * length) + magic) };
            let words = round(even, lengths[0]) & low | round(odd, lengths[1]) << 16_u32;
            values[index / VECTORS * pairs + pair][index % VECTORS] = bytemuck::cast(words);
        }
    }
    for (scale, largest) in scale.iter_mut().zip(largest.chunks(VECTORS)) {
        scale.iter_mut().zip(largest).for_each(|(scale, largest)| *scale = *largest / f32x4::splat(MOST));
    }
}

/// The vector of a row, with zeros behind its end.
#[inline(always)]
fn four(row: &[f32], vector: usize) -> f32x4 {
    match row.get(vector * LANES..vector * LANES + LANES) {
        Some(&[a, b, c, d]) => f32x4::from([a, b, c, d]),
        _ => {
            let mut values = [0.0; LANES];
            values.iter_mut().zip(row.iter().skip(vector * LANES)).for_each(|(value, row)| *value = *row);
            f32x4::from(values)
        }
    }
}

/// The largest magnitude of each pixel of some vectors, its channels scaled by `lengths`; 1 where all are zero, or so small
/// that nothing divides by them. NaN where a value is not finite.
fn largest(input: &[f32], lengths: &[f32], pixels: usize, vectors: Range<usize>) -> Vec<f32x4> {
    // Magnitudes as integers: infinity and NaN are then larger than every number.
    let magnitudes = i32x4::splat(i32::MAX);
    let mut largest = vec![i32x4::ZERO; vectors.len()];
    for (row, &length) in input.chunks_exact(pixels).zip(lengths) {
        let length = f32x4::splat(length);
        for (vector, largest) in vectors.clone().zip(&mut largest) {
            *largest = largest.max(bytemuck::cast::<f32x4, i32x4>(four(row, vector) * length) & magnitudes);
        }
    }
    let as_floats = |largest: i32x4| {
        let floats: [f32; LANES] = bytemuck::cast(largest);
        f32x4::from(floats.map(|value| match value {
            value if !value.is_finite() => f32::NAN,
            value if value > 1e-30 => value,
            _ => 1.0,
        }))
    };
    largest.into_iter().map(as_floats).collect()
}

/// The sums of products of four rows with eight pixels.
#[inline(always)]
fn product(weights: &[[i32; ROWS]], values: &[[i16x8; VECTORS]]) -> [[f32x4; VECTORS]; ROWS] {
    let mut totals = [[f32x4::ZERO; VECTORS]; ROWS];
    for (weights, values) in weights.chunks_exact(PAIRS).zip(values.chunks_exact(PAIRS)) {
        let mut sums = [[i32x4::ZERO; VECTORS]; ROWS];
        for (weights, values) in weights.iter().zip(values) {
            for (sums, &weight) in sums.iter_mut().zip(weights) {
                let weight: i16x8 = bytemuck::cast(i32x4::splat(weight));
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += value.dot(weight);
                }
            }
        }
        for (totals, sums) in totals.iter_mut().zip(&sums) {
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += sum.round_float();
            }
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finishes(bias: &[f32]) -> Vec<Finish> {
        bias.iter().map(|bias| Finish::bias(*bias)).collect()
    }

    fn run(of: &Pointwise, input: &[f32]) -> Vec<f32> {
        // Every value is to be written.
        let mut output = vec![-1e30; input.len() / of.lengths.len() * of.finish.len()];
        of.run(input, &mut output);
        output
    }

    /// The largest error, relative to the root mean square of the output.
    fn error(weight: &[f32], bias: &[f32], input: &[f32]) -> f64 {
        let channels = weight.len() / bias.len();
        let pixels = input.len() / channels;
        let ours = run(&Pointwise::new(weight, finishes(bias)), input);
        assert_eq!(ours.len(), bias.len() * pixels);
        let expected = |row: usize, pixel: usize| {
            let products = (0..channels).map(|k| f64::from(weight[row * channels + k]) * f64::from(input[k * pixels + pixel]));
            products.sum::<f64>() + f64::from(bias[row])
        };
        let (mut worst, mut squares) = (0.0_f64, 0.0);
        for (index, ours) in ours.iter().enumerate() {
            let expected = expected(index / pixels, index % pixels);
            worst = worst.max((f64::from(*ours) - expected).abs());
            squares += expected * expected;
        }
        worst / (squares / ours.len() as f64).sqrt().max(f64::MIN_POSITIVE)
    }

    proptest! {
        #[test]
        fn every_shape_is_a_product_to_16_bits(
            (rows, channels, pixels) in (1..10_usize, 1..100_usize, 1..30_usize),
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
        assert_eq!(run(&Pointwise::new(&[0.0; 6], finishes(&[1.0, 2.0])), &[1.0, 2.0, 3.0]), [1.0, 2.0]);
        assert_eq!(run(&Pointwise::new(&[1.0; 6], finishes(&[1.0, 2.0])), &[0.0; 6]), [1.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn each_row_is_finished() {
        let finish = vec![Finish::bias(1.0).then_relu(0.5), Finish::bias(-2.0).then_relu(3.0).then_affine(2.0, 1.0)];
        let output = run(&Pointwise::new(&[1.0, -1.0], finish), &[-3.0, 0.0, 3.0]);
        for (ours, expected) in output.iter().zip([-1.0, 1.0, 4.0, 3.0, -11.0, -29.0]) {
            assert!((ours - expected).abs() < 1e-3, "{output:?}");
        }
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in 0..5 {
                let mut input = [1.0; 5];
                input[place] = bad;
                let output = run(&Pointwise::new(&[1.0], finishes(&[0.0])), &input);
                for (pixel, value) in output.iter().enumerate() {
                    assert!(if pixel == place { value.is_nan() } else { (value - 1.0).abs() < 1e-4 }, "{output:?}");
                }
            }
        }
    }
}

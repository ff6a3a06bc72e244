//! Weights rounded to 16 bits for products of integers, row by row, as finely as the sums of `BLOCK` products allow without
//! overflow (11 bits of a block's mean weight).
//!
//! Each run rounds the input, pixel by pixel, to 16 bits of the pixel's largest value. A large channel would leave few bits for a
//! small one. Each channel is therefore scaled by the length of its column of weights, and the column by the inverse: all rounded
//! values then matter equally.
use super::ROWS;

/// Products that are added up as 32-bit integers before they become floats.
const BLOCK: usize = 32;
/// Pairs of these products: two are added up at once.
pub(super) const PAIRS: usize = BLOCK / 2;
/// The largest rounded input.
pub(super) const MAX_MAGNITUDE: f32 = 32_767.0;
/// Limit for the sum of a block's weights in rounding steps: times [`MAX_MAGNITUDE`] it still fits into a 32-bit integer if every weight is
/// rounded up.
const MAX_OF_BLOCK: f32 = 65_500.0;
/// Adding it to a float below 2^22 puts the nearest integer into the lowest bits.
pub(super) const MAGIC: f32 = 12_582_912.0;

/// Rounded weights in the order in which they are read.
#[derive(Debug, Clone)]
pub(super) struct QuantisedWeights {
    /// `[rows / 4, pairs, 4]`, each the weights of two input channels in the halves of a word, the first in the lower one.
    pub words: Vec<[i32; ROWS]>,
    /// Each row's rounding step.
    pub scale: Vec<f32>,
    /// The length of each input channel's column of weights.
    pub lengths: Vec<f32>,
}

impl QuantisedWeights {
    /// `weight` is `[rows, input channels]`.
    pub fn new(weight: &[f32], channels: usize) -> Self {
        let lengths = lengths(weight, channels);
        let even = |row: &[f32]| row.iter().zip(&lengths).map(|(weight, length)| weight / length).collect();
        let rows: Vec<Vec<f32>> = weight.chunks_exact(channels).map(even).collect();
        let scale: Vec<f32> = rows.iter().map(|row| step(row)).collect();
        let pairs = channels.div_ceil(2);
        let mut words = vec![[0; ROWS]; rows.len().div_ceil(ROWS) * pairs];
        for (index, (row, &scale)) in rows.iter().zip(&scale).enumerate() {
            for (pair, words) in row.chunks(2).zip(&mut words[index / ROWS * pairs..]) {
                let [low, high] = [0, 1].map(|half| pair.get(half).map_or(0, |weight| (weight / scale).round() as i32));
                words[index % ROWS] = (low & 0xffff) | high << 16;
            }
        }
        Self { words, scale, lengths }
    }

    /// Number of pairs of input channels; the last pair may hold one.
    pub fn pairs(&self) -> usize {
        self.lengths.len().div_ceil(2)
    }
}

/// The finest step for which a row's weights and the sums of its blocks stay in range.
fn step(row: &[f32]) -> f32 {
    let largest = row.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    let sums = row.chunks(BLOCK).map(|block| block.iter().map(|weight| weight.abs()).sum::<f32>());
    let step = (largest / MAX_MAGNITUDE).max(sums.fold(0.0, f32::max) / MAX_OF_BLOCK);
    // Any step will do for a row of zeros, or of numbers so small that their step underflows.
    if step > 0.0 { step } else { 1.0 }
}

/// The length of each channel's column of weights, or 1 if it is zero: such a channel has no effect.
fn lengths(weight: &[f32], channels: usize) -> Vec<f32> {
    // Row by row: the values of a column lie far apart.
    let mut squares = vec![0.0_f64; channels];
    for row in weight.chunks_exact(channels) {
        squares.iter_mut().zip(row).for_each(|(sum, weight)| *sum += f64::from(*weight) * f64::from(*weight));
    }
    squares.into_iter().map(|square| square.sqrt() as f32).map(|length| if length > 0.0 { length } else { 1.0 }).collect()
}

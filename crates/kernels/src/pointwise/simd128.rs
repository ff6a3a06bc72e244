//! Products in 128-bit vectors without fused multiply-add, for browsers.
use std::ops::Range;

use wide::{f32x4, i16x8, i32x4};

use super::{
    Planes, PlanesMut, ROWS,
    quantised::{MAGIC, MAX_MAGNITUDE, PAIRS, QuantisedWeights},
};
use crate::{epilogue::ChannelEpilogue, parts};

/// Vectors of pixels summed at once: the sums of all rows and their operands fit into the 15 registers that browsers have for
/// them.
const VECTORS: usize = 2;
const LANES: usize = 4;
const PIXELS: usize = VECTORS * LANES;

/// An input rounded to 16 bits.
struct Rounded {
    /// `[pixels / 8, pair, 2]`.
    values: Vec<[i16x8; VECTORS]>,
    /// Each pixel's rounding step, `[pixels / 8, 2]`.
    scale: Vec<[f32x4; VECTORS]>,
}

/// Writes `pixels` pixels of each output channel, divided among `threads` threads.
pub(super) fn run(
    weights: &QuantisedWeights,
    epilogue: &[ChannelEpilogue],
    input: Planes,
    pixels: usize,
    output: PlanesMut,
    threads: usize,
) {
    let input = Rounded::new(input, weights, pixels, threads);
    let rows = parts::size_on(threads, epilogue.len(), ROWS);
    let parameters =
        weights.words.chunks(rows / ROWS * weights.pairs()).zip(weights.scale.chunks(rows)).zip(epilogue.chunks(rows));
    let PlanesMut { values, stride } = output;
    parts::each_on(threads, values.chunks_mut(rows * stride).zip(parameters), |(values, ((weight, scale), epilogue))| {
        Rows { weight, scale, epilogue }.run(&input, pixels, PlanesMut { values, stride });
    });
}

/// Some rows of the output.
struct Rows<'a> {
    weight: &'a [[i32; ROWS]],
    scale: &'a [f32],
    epilogue: &'a [ChannelEpilogue],
}

impl Rows<'_> {
    fn run(&self, input: &Rounded, pixels: usize, output: PlanesMut) {
        let PlanesMut { values: output, stride } = output;
        let pairs = input.values.len() / input.scale.len();
        for (tile, (values, scales)) in input.values.chunks_exact(pairs).zip(&input.scale).enumerate() {
            let first = tile * PIXELS;
            let width = PIXELS.min(pixels - first);
            for (index, weights) in self.weight.chunks_exact(pairs).enumerate() {
                let sums = product(weights, values);
                let rows = index * ROWS..(index * ROWS + ROWS).min(self.epilogue.len());
                for (row, sums) in rows.zip(sums) {
                    let (scale, epilogue) = (f32x4::splat(self.scale[row]), self.epilogue[row]);
                    let scaled = |vector: usize| epilogue.of_four(sums[vector] * (scales[vector] * scale));
                    let values: [f32; PIXELS] = bytemuck::cast([0, 1].map(scaled));
                    let output = &mut output[row * stride + first..][..width];
                    // A copy whose length is known only at run time calls out of the module.
                    match output.first_chunk_mut() {
                        Some(output) => *output = values,
                        None => output.iter_mut().zip(values).for_each(|(output, value)| *output = value),
                    }
                }
            }
        }
    }
}

impl Rounded {
    fn new(input: Planes, weights: &QuantisedWeights, pixels: usize, threads: usize) -> Self {
        let (pairs, tiles) = (weights.pairs(), pixels.div_ceil(PIXELS));
        let mut values = vec![[i16x8::ZERO; VECTORS]; tiles * pairs];
        let mut scale = vec![[f32x4::ZERO; VECTORS]; tiles];
        // Small parts, even on a single thread: they stay in the cache between finding the largest value and rounding.
        let part = parts::reduction_chunk(tiles);
        let parts = values.chunks_mut(part * pairs).zip(scale.chunks_mut(part)).enumerate();
        parts::each_on(threads, parts, |(index, (values, scale))| {
            round(input, &weights.lengths, pixels, index * part, values, scale);
        });
        Self { values, scale }
    }
}

/// Rounds some tiles, from `first` on.
fn round(
    input: Planes,
    lengths: &[f32],
    pixels: usize,
    first: usize,
    values: &mut [[i16x8; VECTORS]],
    scale: &mut [[f32x4; VECTORS]],
) {
    let pairs = values.len() / scale.len();
    let vectors = first * VECTORS..((first + scale.len()) * VECTORS).min(pixels.div_ceil(LANES));
    let largest = largest(input, lengths, pixels, vectors.clone());
    let Planes { values: channels, stride } = input;
    let factors: Vec<f32x4> = largest.iter().map(|largest| f32x4::splat(MAX_MAGNITUDE) / *largest).collect();
    let (magic, low) = (f32x4::splat(MAGIC), i32x4::splat(0xffff));
    for (pair, (rows, lengths)) in channels.chunks(2 * stride).zip(lengths.chunks(2)).enumerate() {
        // The odd row may be missing.
        let (even, odd) = (&rows[..pixels], rows.get(stride..stride + pixels).unwrap_or_default());
        let lengths = [lengths[0], lengths.last().copied().unwrap_or(0.0)].map(f32x4::splat);
        for (index, (vector, &factor)) in vectors.clone().zip(&factors).enumerate() {
            // The nearest integers of four floats, in the lower halves of four words.
            let round = |row, length| -> i32x4 { bytemuck::cast(four(row, vector) * (factor * length) + magic) };
            let words = round(even, lengths[0]) & low | round(odd, lengths[1]) << 16_u32;
            values[index / VECTORS * pairs + pair][index % VECTORS] = bytemuck::cast(words);
        }
    }
    for (scale, largest) in scale.iter_mut().zip(largest.chunks(VECTORS)) {
        scale.iter_mut().zip(largest).for_each(|(scale, largest)| *scale = *largest / f32x4::splat(MAX_MAGNITUDE));
    }
}

/// Loads a vector of a row, padded with zeros.
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

/// The largest magnitude of each pixel of some vectors, its channels scaled by `lengths`; 1 where all are zero or too small to
/// divide by. NaN where a value is not finite.
fn largest(input: Planes, lengths: &[f32], pixels: usize, vectors: Range<usize>) -> Vec<f32x4> {
    // Magnitudes as integers: infinity and NaN are then larger than every number.
    let magnitudes = i32x4::splat(i32::MAX);
    let mut largest = vec![i32x4::ZERO; vectors.len()];
    for (row, &length) in input.values.chunks(input.stride).zip(lengths) {
        let (row, length) = (&row[..pixels], f32x4::splat(length));
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
    for (weights, values) in weights.chunks(PAIRS).zip(values.chunks(PAIRS)) {
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

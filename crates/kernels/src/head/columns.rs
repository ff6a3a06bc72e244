//! Properties of the columns of `W`, cell by cell: what each feature adds to the variance under dropout.
use wide::{f32x4, i16x8, i32x4};

use super::{BLOCK, CellMoments, Cells, FRACTION};
use crate::parts;

/// The largest weight in four bits, see [`quantise_i4`].
pub const MAX_WEIGHT: f32 = 7.0;

/// The columns of `W`, cell by cell.
pub(super) struct Columns {
    /// One column of every `stride` of a cell (see [`sampled`]), rounded to 4 bits in its own step: `[cell, sampled column, four rows]`, the
    /// first row in the lowest bits of a lane; zeros fill the last vector.
    values: Vec<i16x8>,
    stride: usize,
    channels: usize,
    /// The largest magnitude in each column, which is [`MAX_WEIGHT`] steps.
    largest: Vec<f32>,
    /// `|W_:j|^2` of each column j.
    energy: Vec<f32>,
}

/// Returns the sampling stride for the variance along the mean (see [`HeadKernel::moments`](super::HeadKernel::moments)): every eighth
/// feature where there are many.
pub fn stride(features: usize) -> usize {
    if features < 16_384 { 1 } else { 8 }
}

/// The sampled channels of a cell, one of every `stride`. The next cell samples others, so that each channel is sampled in some cell.
pub fn sampled(cell: usize, channels: usize, stride: usize) -> impl Iterator<Item = usize> {
    ((stride - cell % stride) % stride..channels).step_by(stride)
}

/// Rounds a weight to a signed four-bit integer, in steps of a seventh of the largest magnitude in its column.
pub fn quantise_i4(weight: f32, largest: f32) -> i16 {
    let step = if largest > 0.0 { largest / MAX_WEIGHT } else { 1.0 };
    (weight / step).round() as i16
}

/// The largest magnitude in each column of `W`, and the square of the column's length.
pub fn column_sizes(rows: &[&[f32]], features: usize) -> (Vec<f32>, Vec<f64>) {
    let (mut largest, mut energy) = (vec![0.0_f32; features], vec![0.0_f64; features]);
    // Row by row: the values of a column lie far apart.
    for row in rows {
        for ((largest, energy), weight) in largest.iter_mut().zip(&mut energy).zip(*row) {
            *largest = largest.max(weight.abs());
            *energy += f64::from(*weight) * f64::from(*weight);
        }
    }
    (largest, energy)
}

impl Columns {
    pub(super) fn new(rows: &[&[f32]], cells: Cells) -> Self {
        let stride = stride(cells.features());
        let (largest, energy) = column_sizes(rows, cells.features());
        let largest: Vec<f32> = cells.order().map(|feature| largest[feature]).collect();
        let energy = cells.order().map(|feature| energy[feature] as f32).collect();
        let places: Vec<[usize; 2]> = (0..cells.count)
            .flat_map(|cell| {
                let channels = sampled(cell, cells.channels, stride);
                channels.map(move |channel| [cell * cells.channels + channel, cells.feature(cell, channel)])
            })
            .collect();
        let mut columns = vec![0.0; places.len() * rows.len()];
        for (index, row) in rows.iter().enumerate() {
            let column = columns.chunks_exact_mut(rows.len()).zip(&places);
            column.for_each(|(column, [_, feature])| column[index] = row[*feature]);
        }
        let mut values = Vec::new();
        for (column, [place, _]) in columns.chunks_exact(rows.len()).zip(&places) {
            let at = |quarter: i16x8, position: u32| (quarter & i16x8::splat(0xf)) << (4 * position);
            let quarters = deinterleave4(column.iter().map(|&weight| quantise_i4(weight, largest[*place])));
            values.extend(quarters.map(|q| at(q[0], 0) | at(q[1], 1) | at(q[2], 2) | at(q[3], 3)));
        }
        Self { values, stride, channels: cells.channels, largest, energy }
    }

    /// The step to which the tiles round a column's weights.
    pub(super) fn step(&self, place: usize) -> f32 {
        // An upper half may be rounded to one step above the largest weight.
        let step = self.largest[place] / (f32::from(i16::MAX) - 1.0);
        // Any step will do for a column of zeros, or of numbers so small that their step underflows.
        if step >= f32::MIN_POSITIVE { step } else { 1.0 }
    }

    /// The features, scaled to the unit of the packed weights.
    pub(super) fn factors(&self, features: &[f32]) -> Vec<f32> {
        features.iter().enumerate().map(|(place, feature)| feature * (self.step(place) * FRACTION)).collect()
    }

    /// Energy, trace and variance along the mean of each cell. Features that are not sampled are assumed to have the same share of
    /// their trace along the mean as the sampled ones.
    pub(super) fn moments(&self, mean: &[f32], features: &[f32]) -> Vec<CellMoments> {
        let of_cell = |(features, weights)| {
            let [energy, trace] = sums_of_squares(features, weights);
            CellMoments { energy, trace, ..CellMoments::default() }
        };
        let in_cells = features.chunks(self.channels).zip(self.energy.chunks(self.channels));
        let mut cells: Vec<CellMoments> = in_cells.map(of_cell).collect();
        let Some(mean) = RoundedMean::of(mean) else { return cells };
        // Trace of the sampled features, and their variance along the mean.
        let mut sums = vec![[0.0; 2]; cells.len()];
        let part = parts::reduction_chunk(cells.len());
        parts::each(sums.chunks_mut(part).enumerate(), |(index, sums)| {
            sums.iter_mut().enumerate().for_each(|(cell, sums)| *sums = self.along(index * part + cell, &mean, features));
        });
        let [of_sampled, all] = [sums.iter().map(|[trace, _]| trace).sum(), cells.iter().map(|cell| cell.trace).sum::<f64>()];
        let share = if self.stride == 1 { 1.0 } else { all / f64::max(of_sampled, f64::MIN_POSITIVE) };
        cells.iter_mut().zip(sums).for_each(|(cell, [_, along])| cell.along = along * mean.unit * share);
        cells
    }

    /// Of a cell's sampled features: `sum_j x_j^2 |W_:j|^2`, and `sum_j x_j^2 (W_:j . mean)^2`.
    fn along(&self, cell: usize, mean: &RoundedMean, features: &[f32]) -> [f64; 2] {
        let before: usize = (0..cell).map(|cell| sampled(cell, self.channels, self.stride).count()).sum();
        let columns = self.values[before * mean.rows.len()..].chunks_exact(mean.rows.len());
        let (mut trace, mut along) = (0.0, 0.0);
        for (channel, column) in sampled(cell, self.channels, self.stride).zip(columns) {
            let mut sums = i32x4::ZERO;
            for (&weights, mean) in column.iter().zip(&mean.rows) {
                // Sign-extends each nibble.
                sums += (weights << 12_u32 >> 12_u32).dot(mean[0]) + (weights << 8_u32 >> 12_u32).dot(mean[1]);
                sums += (weights << 4_u32 >> 12_u32).dot(mean[2]) + (weights >> 12_u32).dot(mean[3]);
            }
            let place = cell * self.channels + channel;
            let x = features[place];
            let product = x * (self.largest[place] / MAX_WEIGHT) * sums.reduce_add() as f32;
            along += f64::from(product * product);
            trace += f64::from(x * x * self.energy[place]);
        }
        [trace, along]
    }

    /// The largest sum, in any block, of the features times their columns' largest weights. Not finite where a feature is not.
    pub(super) fn largest_block(&self, features: &[f32]) -> f32 {
        let blocks = features.chunks(BLOCK).zip(self.largest.chunks(BLOCK));
        let sums = blocks.map(|(features, largest)| features.iter().zip(largest).map(|(x, largest)| (x * largest).abs()).sum());
        sums.fold(0.0, |largest: f32, sum: f32| if sum > largest || sum.is_nan() { sum } else { largest })
    }
}

/// The mean embedding, rounded to 16 bits.
struct RoundedMean {
    rows: Vec<[i16x8; 4]>,
    /// The square of one step, relative to the mean's squared length.
    unit: f64,
}

impl RoundedMean {
    /// `None` for a mean of length zero, or one that is not finite.
    fn of(mean: &[f32]) -> Option<Self> {
        let largest = mean.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        // Keeps every sum of products within 32 bits.
        let step = largest / (i32::MAX as f32 / MAX_WEIGHT / mean.len() as f32 - 1.0).min(i16::MAX.into());
        let length_squared: f64 = mean.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
        (step > 0.0 && length_squared.is_finite()).then(|| Self {
            rows: deinterleave4(mean.iter().map(|value| (value / step).round() as i16)).collect(),
            unit: f64::from(step) * f64::from(step) / length_squared,
        })
    }
}

/// `sum_j x_j^2`, and `sum_j x_j^2 w_j`.
fn sums_of_squares(features: &[f32], weights: &[f32]) -> [f64; 2] {
    let (mut plain, mut weighted) = (0.0, 0.0);
    // Block by block: a long sum of floats would lose digits.
    for (features, weights) in features.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
        let ((vectors, last), (of_vectors, of_last)) = (features.as_chunks::<4>(), weights.as_chunks::<4>());
        let mut sums = [f32x4::ZERO; 2];
        for (x, weight) in vectors.iter().zip(of_vectors) {
            let square = f32x4::from(*x) * f32x4::from(*x);
            sums = [sums[0] + square, sums[1] + square * f32x4::from(*weight)];
        }
        let mut sums = sums.map(f32x4::reduce_add);
        for (x, weight) in last.iter().zip(of_last) {
            sums = [sums[0] + x * x, sums[1] + x * x * weight];
        }
        plain += f64::from(sums[0]);
        weighted += f64::from(sums[1]);
    }
    [plain, weighted]
}

/// Deals numbers to four vectors in turn, 32 at a time; zeros fill the last vectors.
fn deinterleave4(values: impl Iterator<Item = i16>) -> impl Iterator<Item = [i16x8; 4]> {
    let values: Vec<i16> = values.collect();
    (0..values.len().div_ceil(32)).map(move |index| {
        let quarter =
            |quarter| [0, 1, 2, 3, 4, 5, 6, 7].map(|lane| values.get(32 * index + 4 * lane + quarter).copied().unwrap_or(0));
        [0, 1, 2, 3].map(|index| i16x8::from(quarter(index)))
    })
}

//! An affine map from many features to few numbers, `h(v) = W v + b`, under dropout.
//!
//! Everything runs over tiles of `LANES` rows of `W`, feature by feature, so that a feature's products with a tile are one
//! short vector. Features are processed cell by cell, so the sums over each cell, which explain a score, cost nothing.
mod cells;
mod columns;

use wide::{f32x4, i16x8, i32x4};

use crate::parts;

pub use cells::Cells;
use columns::Columns;
pub use columns::{MAX_WEIGHT, column_sizes, quantise_i4, sampled, stride};

/// Rows of `W` in a tile.
const LANES: usize = 32;
const VECTORS: usize = LANES / 4;
const HALVES: usize = VECTORS / 2;
/// Features in one nibble of a mask.
const GROUP: usize = 4;
/// Features that are processed for all passes before the next block, so that their sums stay in the L1 cache.
const BLOCK: usize = GROUPS * GROUP;
const GROUPS: usize = 16;
/// Masked sums that a group of features can have.
const SUMS: usize = 1 << GROUP;
/// Limit for the sum of a block's products in 16-bit units: it still fits into 16 bits if every product is rounded up.
const MAX_OF_BLOCK: f32 = i16::MAX as f32 - BLOCK as f32 / 2.0;
/// Adding it to a float below 2^22 puts the nearest integer into the lowest bits.
const MAGIC: f32 = 12_582_912.0;

type Lanes = [f32x4; VECTORS];
/// A tile's numbers rounded to 16 bits: even vectors of [`Lanes`] in the lower halves of the words, odd ones in the upper halves.
type Rounded = [i16x8; HALVES];
/// A tile's weights rounded to 16 bits, in words like [`Rounded`]. An upper half is rounded so that the whole word, with the
/// lower half as its fraction, is nearest to the weight: the word serves as the weight without masking.
type Packed = [i32x4; HALVES];
/// The unit of packed weights, relative to a column's step.
const FRACTION: f32 = 1.0 / 65_536.0;

/// The map, stored in the orders in which it is read.
pub struct HeadKernel {
    /// `W`, `[tile, cell, channel, lane]`, each column rounded to 16 bits in its own step; rows of zeros fill the last tile. Reading
    /// it takes longer than multiplying it.
    tiles: Vec<Vec<Packed>>,
    bias: Vec<f32>,
    columns: Columns,
    cells: Cells,
}

/// Moments of the map under dropout, up to factors that are the same for every feature.
pub struct Moments {
    /// `mu = W x + b`.
    pub mean: Vec<f32>,
    /// `sum_j x_j^2 |W_:j|^2`.
    pub trace: f64,
    /// `sum_j x_j^2 (W_:j . mu / |mu|)^2`.
    pub along: f64,
    /// What each cell adds to them.
    pub cells: Vec<CellMoments>,
}

/// What the features of one cell add to the [`Moments`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CellMoments {
    /// `sum_j x_j W_:j . mu / |mu|`. All cells, and `b . mu / |mu|`, add up to `|mu|`.
    pub signal: f64,
    /// `sum_j x_j^2 |W_:j|^2`.
    pub trace: f64,
    /// `sum_j x_j^2 (W_:j . mu / |mu|)^2`.
    pub along: f64,
    /// `sum_j x_j^2`.
    pub energy: f64,
}

/// Which features each dropout pass keeps, cell by cell.
pub struct KeptNibbles {
    /// Four features in each number, `[block, pass, group]`.
    groups: Vec<u8>,
    passes: usize,
}

impl HeadKernel {
    /// `weight` is `W`, `[bias.len(), features]`, row-major.
    pub fn new(weight: &[f32], bias: Vec<f32>, cells: Cells) -> Self {
        let features = cells.features();
        assert_eq!(weight.len(), features * bias.len(), "the weights are not {} rows of {features}", bias.len());
        let rows: Vec<&[f32]> = weight.chunks_exact(features).collect();
        let columns = Columns::new(&rows, cells);
        let lanes = |rows: &[&[f32]], feature: usize, step: f32| {
            let mut lanes = [0.0; LANES];
            lanes.iter_mut().zip(rows).for_each(|(lane, row)| *lane = row[feature]);
            pack(&bytemuck::cast(lanes), step)
        };
        let tile = |rows: &[&[f32]]| {
            let mut tile = vec![Packed::default(); features];
            cells.places().for_each(|[place, feature]| tile[place] = lanes(rows, feature, columns.step(place)));
            tile
        };
        Self { tiles: rows.chunks(LANES).map(tile).collect(), columns, bias, cells }
    }

    /// `W x + b`.
    pub fn apply(&self, features: &[f32]) -> Vec<f32> {
        self.mean(&self.cell_sums(&self.cells.gather(features)))
    }

    /// Returns the mean and variances, and what each cell adds to them. The variance along the mean, a small part of the trace, uses
    /// weights rounded to 4 bits and, where there are many features, every eighth one: a thirty-second of the bytes of `W`. Errors average
    /// out: for random maps of n features they stay within `0.25 / sqrt(n)` of the trace.
    #[inline(never)]
    pub fn moments(&self, features: &[f32]) -> Moments {
        let features = self.cells.gather(features);
        let sums = self.cell_sums(&features);
        let mean = self.mean(&sums);
        let mut cells = self.columns.moments(&mean, &features);
        let length = mean.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        for (tile, mean) in sums.iter().zip(mean.chunks(LANES)) {
            for (cell, sums) in cells.iter_mut().zip(tile) {
                let sums: &[f32; LANES] = bytemuck::cast_ref(sums);
                let product = sums.iter().zip(mean).map(|(sum, mean)| f64::from(*sum) * f64::from(*mean)).sum::<f64>();
                cell.signal += product / length;
            }
        }
        let sum = |part: fn(&CellMoments) -> f64| cells.iter().map(part).sum();
        Moments { trace: sum(|cell| cell.trace), along: sum(|cell| cell.along), mean, cells }
    }

    /// Each cell's part of `W x`, `[tile, cell]`, for features cell by cell.
    #[inline(never)]
    fn cell_sums(&self, features: &[f32]) -> Vec<Vec<Lanes>> {
        let factors = self.columns.factors(features);
        let mut sums = vec![vec![]; self.tiles.len()];
        parts::each(self.tiles.iter().zip(&mut sums), |(tile, sums)| *sums = products(tile, &factors, self.cells.channels));
        sums
    }

    /// `W x + b` from each cell's part.
    fn mean(&self, sums: &[Vec<Lanes>]) -> Vec<f32> {
        let lanes = sums.iter().flat_map(|cells| {
            let mut total = [f32x4::ZERO; VECTORS];
            cells.iter().for_each(|cell| add(&mut total, cell));
            bytemuck::cast::<Lanes, [f32; LANES]>(total)
        });
        self.bias.iter().zip(lanes).map(|(bias, value)| value + bias).collect()
    }

    /// `sum_j x_j^2 W_:j W_:j^T`: the covariance of the output under dropout, up to a factor. Row-major, `[rows, rows]`, filled
    /// up to the diagonal.
    pub fn scatter(&self, features: &[f32]) -> Vec<f32> {
        let rows = self.bias.len();
        let mut scatter = vec![0.0; rows * rows];
        let mut column = vec![0.0; self.tiles.len() * LANES];
        let features = self.columns.factors(&self.cells.gather(features));
        for (index, feature) in features.iter().enumerate().filter(|(_, feature)| **feature != 0.0) {
            for (lanes, tile) in column.chunks_exact_mut(LANES).zip(&self.tiles) {
                let weights: [f32; LANES] = bytemuck::cast(floats(&tile[index]));
                lanes.iter_mut().zip(weights).for_each(|(lane, weight)| *lane = weight * feature);
            }
            for (row, sums) in scatter.chunks_exact_mut(rows).enumerate() {
                let factor = column[row];
                sums[..=row].iter_mut().zip(&column).for_each(|(sum, value)| *sum += factor * value);
            }
        }
        scatter
    }

    /// `W (z x) + b` for each pass's mask z, whose values are 0 and `scale`. Row-major, `[passes, bias.len()]`.
    ///
    /// Four neighbouring features have only 16 possible masked sums. These are computed once for all passes, and each pass adds
    /// one of them: for 100 passes, a quarter of the additions of a matrix product, and no multiplication.
    ///
    /// Products are rounded to 16 bits, as finely as the sums of a block allow, so that twice as many are added at once. The errors are
    /// independent, and masked like the products. For random maps of n features they add about `10^-5` of the variance between passes if
    /// all blocks are alike, and `4 n / 10^8` of it if one block has all of it.
    #[inline(never)]
    pub fn passes(&self, features: &[f32], choices: &KeptNibbles, scale: f32) -> Vec<f32> {
        let dimension = self.bias.len();
        let features = self.cells.gather(features);
        let unit = self.columns.largest_block(&features) / MAX_OF_BLOCK;
        if !unit.is_finite() {
            return vec![f32::NAN; choices.passes * dimension];
        }
        let mut outputs = self.bias.repeat(choices.passes);
        if unit == 0.0 {
            return outputs;
        }
        let features: Vec<f32> = self.columns.factors(&features).iter().map(|feature| feature / unit).collect();
        let mut totals = vec![vec![]; self.tiles.len()];
        parts::each(self.tiles.iter().zip(&mut totals), |(tile, totals)| *totals = choices.sums(tile, &features));
        for (tile, totals) in totals.iter().enumerate() {
            let rows = tile * LANES..dimension.min((tile + 1) * LANES);
            for (output, totals) in outputs.chunks_exact_mut(dimension).zip(totals) {
                let totals: [i32; LANES] = bytemuck::cast(*totals);
                output[rows.clone()].iter_mut().zip(totals).for_each(|(value, total)| *value += total as f32 * (unit * scale));
            }
        }
        outputs
    }
}

impl KeptNibbles {
    /// `kept(pass)` returns which features a pass keeps, 1 for each of them and 0 for the others, in the order of the network.
    pub fn new(cells: Cells, passes: usize, kept: impl Fn(usize) -> Vec<u8>) -> Self {
        let groups = cells.features().div_ceil(GROUP);
        let mut choices = vec![0; groups * passes];
        for pass in 0..passes {
            let kept = cells.gather(&kept(pass));
            let nibbles = kept.chunks(GROUP).map(|bits| bits.iter().rev().fold(0, |nibble, bit| nibble << 1 | bit & 1));
            for (group, nibble) in nibbles.enumerate() {
                let (block, within) = (group / GROUPS, group % GROUPS);
                let in_block = GROUPS.min(groups - block * GROUPS);
                choices[block * GROUPS * passes + pass * in_block + within] = nibble;
            }
        }
        Self { groups: choices, passes }
    }

    /// `W_tile z x` for each pass's mask z, from rounded products.
    fn sums(&self, tile: &[Packed], features: &[f32]) -> Vec<[i32x4; VECTORS]> {
        let mut totals = vec![[i32x4::ZERO; VECTORS]; self.passes];
        let mut tables = [[[i16x8::ZERO; HALVES]; SUMS]; GROUPS];
        let mut choices = self.groups.as_slice();
        for (weights, features) in tile.chunks(BLOCK).zip(features.chunks(BLOCK)) {
            let groups = features.len().div_ceil(GROUP);
            // A shorter group leaves old sums at the end of its table; no mask selects them.
            for ((table, weights), features) in tables.iter_mut().zip(weights.chunks(GROUP)).zip(features.chunks(GROUP)) {
                fill(table, weights, features);
            }
            let (these, rest) = choices.split_at(groups * self.passes);
            choices = rest;
            if groups == GROUPS {
                let chosen = these.as_chunks::<GROUPS>().0;
                totals.iter_mut().zip(chosen).for_each(|(total, chosen)| add_chosen(total, &tables, chosen));
            } else {
                let chosen = these.chunks_exact(groups);
                totals.iter_mut().zip(chosen).for_each(|(total, chosen)| add_chosen(total, &tables[..groups], chosen));
            }
        }
        totals
    }
}

/// Adds the sums that a mask selects in a block, one from each table.
#[inline(always)]
fn add_chosen(totals: &mut [i32x4; VECTORS], tables: &[[Rounded; SUMS]], chosen: &[u8]) {
    let mut sums = [i16x8::ZERO; HALVES];
    for (table, &choice) in tables.iter().zip(chosen) {
        let values = &table[usize::from(choice) % SUMS];
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += *value);
    }
    for ([even, odd], sums) in totals.as_chunks_mut::<2>().0.iter_mut().zip(sums) {
        // Sign-extends each half.
        let words: i32x4 = bytemuck::cast(sums);
        *even += words << 16_u32 >> 16_u32;
        *odd += words >> 16_u32;
    }
}

/// `W_tile x` of each cell, in [`FRACTION`]s of the columns' steps. Block by block: a sum of sums loses fewer digits than one long sum.
#[cfg(target_family = "wasm")]
fn products(tile: &[Packed], features: &[f32], channels: usize) -> Vec<Lanes> {
    let of_cell = |(weights, features): (&[Packed], &[f32])| {
        let mut sums = [f32x4::ZERO; VECTORS];
        for (weights, features) in weights.chunks(BLOCK).zip(features.chunks(BLOCK)) {
            let mut sum = [f32x4::ZERO; VECTORS];
            weights.iter().zip(features).for_each(|(weight, &feature)| add_product(&mut sum, &floats(weight), feature));
            add(&mut sums, &sum);
        }
        sums
    };
    tile.chunks(channels).zip(features.chunks(channels)).map(of_cell).collect()
}

/// The same in the processor's widest vectors.
#[cfg(not(target_family = "wasm"))]
fn products(tile: &[Packed], features: &[f32], channels: usize) -> Vec<Lanes> {
    let arch = pulp::Arch::new();
    let cells = tile.chunks(channels).zip(features.chunks(channels));
    cells.map(|(tile, features)| arch.dispatch(Products { tile, features })).collect()
}

/// One cell's products.
#[cfg(not(target_family = "wasm"))]
struct Products<'a> {
    tile: &'a [Packed],
    features: &'a [f32],
}

#[cfg(not(target_family = "wasm"))]
impl pulp::WithSimd for Products<'_> {
    type Output = Lanes;

    /// In plain loops, from which the compiler makes vectors of any width: no operation converts integers for all of them.
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) -> Lanes {
        const WORDS: usize = LANES / 2;
        let (mut evens, mut odds) = ([0.0; WORDS], [0.0; WORDS]);
        for (weights, features) in self.tile.chunks(BLOCK).zip(self.features.chunks(BLOCK)) {
            let (mut even, mut odd) = ([0.0; WORDS], [0.0; WORDS]);
            for (weights, &feature) in weights.iter().zip(features) {
                let words: &[i32; WORDS] = bytemuck::cast_ref(weights);
                for lane in 0..WORDS {
                    even[lane] += (words[lane] << 16) as f32 * feature;
                    odd[lane] += words[lane] as f32 * feature;
                }
            }
            for lane in 0..WORDS {
                evens[lane] += even[lane];
                odds[lane] += odd[lane];
            }
        }
        let mut lanes = [f32x4::ZERO; VECTORS];
        let words = evens.as_chunks().0.iter().zip(odds.as_chunks().0);
        for (lanes, (even, odd)) in lanes.as_chunks_mut::<2>().0.iter_mut().zip(words) {
            *lanes = [f32x4::from(*even), f32x4::from(*odd)];
        }
        lanes
    }
}

/// Fills `table[mask]` with the sum of the rounded products of the features (up to four) that the mask keeps.
fn fill(table: &mut [Rounded; SUMS], weights: &[Packed], features: &[f32]) {
    for (bit, (weight, &feature)) in weights.iter().zip(features).enumerate() {
        let product = rounded_product(&floats(weight), feature);
        for mask in 1 << bit..2 << bit {
            table[mask] = table[mask - (1 << bit)];
            table[mask].iter_mut().zip(&product).for_each(|(sum, product)| *sum += *product);
        }
    }
}

#[inline(always)]
fn rounded_product(weights: &Lanes, factor: f32) -> Rounded {
    let (factor, magic, low) = (f32x4::splat(factor), f32x4::splat(MAGIC), i32x4::splat(0xffff));
    let round = |weight: f32x4| -> i32x4 { bytemuck::cast(weight * factor + magic) };
    let mut rounded = [i16x8::ZERO; HALVES];
    for (rounded, &[even, odd]) in rounded.iter_mut().zip(weights.as_chunks::<2>().0) {
        *rounded = bytemuck::cast(round(even) & low | round(odd) << 16_u32);
    }
    rounded
}

/// Packs a column's weights, in units of its step.
fn pack(weights: &Lanes, step: f32) -> Packed {
    let (step, magic, low) = (f32x4::splat(step), f32x4::splat(MAGIC), i32x4::splat(0xffff));
    let round = |weight: f32x4| -> i32x4 { bytemuck::cast(weight + magic) };
    let mut packed = [i32x4::ZERO; HALVES];
    for (packed, &[even, odd]) in packed.iter_mut().zip(weights.as_chunks::<2>().0) {
        let lower = round(even / step) & low;
        *packed = lower | round(odd / step - lower.round_float() * f32x4::splat(FRACTION)) << 16_u32;
    }
    packed
}

/// Unpacks weights, in [`FRACTION`]s of a step.
#[inline(always)]
fn floats(packed: &Packed) -> Lanes {
    let mut floats = [f32x4::ZERO; VECTORS];
    for ([even, odd], &word) in floats.as_chunks_mut::<2>().0.iter_mut().zip(packed) {
        *even = (word << 16_u32).round_float();
        *odd = word.round_float();
    }
    floats
}

#[inline(always)]
fn add(sums: &mut Lanes, others: &Lanes) {
    sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += *other);
}

#[cfg(target_family = "wasm")]
#[inline(always)]
fn add_product(sums: &mut Lanes, weights: &Lanes, factor: f32) {
    let factor = f32x4::splat(factor);
    sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += *weight * factor);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `W`, `b` and `x` of any size, and the grid of `x`.
    fn maps() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<f32>, Cells)> {
        (1..40_usize, 1..7_usize, 1..100_usize, any::<bool>()).prop_flat_map(|(dimension, count, channels, channels_first)| {
            let cells = Cells { count, channels, channels_first };
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            (values(dimension * cells.features()), values(dimension), values(cells.features()), Just(cells))
        })
    }

    /// `W v + b`, by the definition.
    fn affine(weight: &[f32], bias: &[f32], v: &[f32]) -> Vec<f64> {
        let row = |row: &[f32]| row.iter().zip(v).map(|(w, v)| f64::from(*w) * f64::from(*v)).sum::<f64>();
        weight.chunks_exact(v.len()).zip(bias).map(|(w, b)| row(w) + f64::from(*b)).collect()
    }

    /// Equal up to half a step of each weight, the largest of which is 2, and float rounding: at most 80 additions change a sum (64 of a
    /// block, and a few of blocks), each by at most 2^-23 of the largest that it can be.
    fn near(ours: &[f32], expected: &[f64], x: &[f32]) -> bool {
        let largest = 2.0 * (1.0 + x.iter().map(|x| f64::from(x.abs())).sum::<f64>());
        let error = largest * (0.5 / 32_766.0 + 80.0 * f64::from(f32::EPSILON));
        ours.len() == expected.len() && ours.iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() <= error)
    }

    proptest! {
        #[test]
        fn applies_the_affine_map((weight, bias, x, cells) in maps()) {
            prop_assert!(near(&HeadKernel::new(&weight, bias.clone(), cells).apply(&x), &affine(&weight, &bias, &x), &x));
        }

        #[test]
        fn a_pass_is_the_affine_map_of_masked_features((weight, bias, x, cells) in maps(), masks in prop::collection::vec(any::<u64>(), 2..9)) {
            // Any function of pass and feature will do.
            let keeps = |pass: usize, feature: usize| masks[pass].rotate_left(feature as u32 * 7) & 1 == 1;
            let kept = |pass| (0..x.len()).map(|feature| u8::from(keeps(pass, feature))).collect();
            let choices = KeptNibbles::new(cells, masks.len(), kept);
            let ours = HeadKernel::new(&weight, bias.clone(), cells).passes(&x, &choices, 2.5);
            let masked = |pass| x.iter().enumerate().map(|(j, x)| if keeps(pass, j) { 2.5 * x } else { 0.0 }).collect::<Vec<_>>();
            let expected: Vec<f64> = (0..masks.len()).flat_map(|pass| affine(&weight, &bias, &masked(pass))).collect();
            prop_assert_eq!(ours.len(), expected.len());
            // Half a unit for each product, half a step of each weight, which is less, and the rounding of the sum to a float.
            let largest = x.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
            let error = x.len() as f32 * 2.5 * (BLOCK as f32 * 2.0 * largest / MAX_OF_BLOCK) + 1e-3;
            prop_assert!(ours.iter().zip(&expected).all(|(a, b)| (f64::from(*a) - b).abs() < f64::from(error)));
        }

        /// The variance along the mean is exactly that of the weights in four bits. Its distance from the map's own is random, see
        /// `errors_of_rounding_average_out`.
        #[test]
        fn moments_follow_their_definition((weight, bias, x, cells) in maps()) {
            let ours = HeadKernel::new(&weight, bias.clone(), cells).moments(&x);
            prop_assert!(near(&ours.mean, &affine(&weight, &bias, &x), &x));
            let mean: Vec<f64> = ours.mean.iter().map(|m| f64::from(*m)).collect();
            let length = mean.iter().map(|m| m * m).sum::<f64>().sqrt();
            prop_assume!(length > 0.0);
            // The mean is rounded to a 32767th of its largest value: half of that is lost at most.
            let lost = mean.iter().fold(0.0_f64, |largest, m| largest.max(m.abs())) / 32_767.0 / 2.0;
            let (mut trace, mut along, mut error) = (0.0, 0.0, 0.0);
            for (j, feature) in x.iter().enumerate() {
                let column = || weight.iter().skip(j).step_by(x.len());
                let square = f64::from(*feature).powi(2);
                trace += square * column().map(|w| f64::from(*w).powi(2)).sum::<f64>();
                let largest = column().fold(0.0_f32, |largest, w| largest.max(w.abs()));
                let rounded = || column().map(|w| f64::from(quantise_i4(*w, largest)) * f64::from(largest / MAX_WEIGHT));
                let product = rounded().zip(&mean).map(|(w, m)| w * m).sum::<f64>() / length;
                let off = rounded().map(f64::abs).sum::<f64>() * lost / length;
                along += square * product * product;
                error += square * (2.0 * product.abs() * off + off * off);
            }
            prop_assert!((ours.trace - trace).abs() <= 1e-5 * trace, "{} and {}", ours.trace, trace);
            prop_assert!((ours.along - along).abs() <= error + 1e-5 * along, "{} and {} of {}", ours.along, along, trace);
        }

        /// A cell's part is the result of the map for that cell's features alone, and the parts add up to the whole.
        #[test]
        fn cells_split_the_moments((weight, bias, x, cells) in maps()) {
            let head = HeadKernel::new(&weight, bias.clone(), cells);
            let ours = head.moments(&x);
            let length = ours.mean.iter().map(|m| f64::from(*m).powi(2)).sum::<f64>().sqrt();
            prop_assume!(length > 0.1);
            let along_mean = |v: &[f64]| v.iter().zip(&ours.mean).map(|(v, m)| v * f64::from(*m)).sum::<f64>() / length;
            let scale = 1.0 + x.iter().map(|x| f64::from(x.abs())).sum::<f64>();
            prop_assert_eq!(ours.cells.len(), cells.count);
            for (cell, moments) in ours.cells.iter().enumerate() {
                let mut alone = vec![0.0; x.len()];
                (0..cells.channels).map(|channel| cells.feature(cell, channel)).for_each(|feature| alone[feature] = x[feature]);
                let signal = along_mean(&affine(&weight, &vec![0.0; bias.len()], &alone));
                prop_assert!((moments.signal - signal).abs() < 1e-3 * scale, "{} and {signal}", moments.signal);
                let energy = alone.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
                prop_assert!((moments.energy - energy).abs() <= 1e-5 * energy, "{} and {energy}", moments.energy);
            }
            let sum = |part: fn(&CellMoments) -> f64| ours.cells.iter().map(part).sum::<f64>();
            let of_bias = along_mean(&bias.iter().map(|b| f64::from(*b)).collect::<Vec<_>>());
            prop_assert!((sum(|cell| cell.signal) + of_bias - length).abs() <= 1e-5 * scale);
            prop_assert!((sum(|cell| cell.trace) - ours.trace).abs() <= 1e-9 * ours.trace);
            prop_assert!((sum(|cell| cell.along) - ours.along).abs() <= 1e-9 * ours.trace);
        }
    }

    #[test]
    fn weights_are_rounded_to_the_nearest_step_of_their_column() {
        for size in [1e-30, 1.0, 1e30] {
            let column: Vec<f32> = (0..LANES).map(|row| size * (row as f32 * 2.7).sin()).chain([size, -size]).collect();
            let head = HeadKernel::new(&column, vec![0.0; column.len()], Cells::one(1));
            let step = size / 32_766.0;
            for (ours, weight) in head.apply(&[1.0]).iter().zip(&column) {
                assert!((ours - weight).abs() <= 0.501 * step, "{ours} and {weight}, in steps of {step}");
            }
        }
        assert_eq!(HeadKernel::new(&[0.0, 0.0], vec![1.0, 2.0], Cells::one(1)).apply(&[1.0]), [1.0, 2.0]);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        for dimension in [1, 16, 128, 512, 2048] {
            let head = HeadKernel::new(&vec![3.0; dimension * 8], vec![0.0; dimension], Cells::one(8));
            let moments = head.moments(&[1.0; 8]);
            // Every column is parallel to the mean: the whole variance is along it.
            assert!((moments.along / moments.trace - 1.0).abs() < 1e-2, "{dimension}: {} of {}", moments.along, moments.trace);
        }
    }

    #[test]
    fn passes_of_extreme_features() {
        let cells = Cells::one(130);
        let choices = KeptNibbles::new(cells, 2, |pass| (0..130).map(|feature| u8::from(feature < 128 || pass == 0)).collect());
        let of = |x: &[f32]| HeadKernel::new(&[0.5; 3 * 130], vec![1.0; 3], cells).passes(x, &choices, 1.0);
        // A whole block at its largest, all of one sign.
        for sign in [1.0, -1.0] {
            let passes = of(&[sign * 1e4; 130]);
            for (index, value) in passes.iter().enumerate() {
                let kept = if index < 3 { 130.0 } else { 128.0 };
                assert!((value / (sign * 5e3 * kept) - 1.0).abs() < 1e-3, "{passes:?}");
            }
        }
        assert_eq!(of(&[0.0; 130]), [1.0; 6]);
        for bad in [f32::NAN, f32::INFINITY] {
            let mut x = [1.0; 130];
            x[77] = bad;
            assert!(of(&x).iter().all(|value| value.is_nan()));
        }
    }

    /// Numbers around zero, the same in every run.
    fn drawn() -> impl FnMut(usize) -> Vec<f32> {
        let mut state = 1_u64;
        move |n: usize| {
            let mut uniform = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / 8_388_608.0 - 1.0
            };
            (0..n).map(|_| uniform() + uniform() + uniform()).collect()
        }
    }

    #[test]
    fn rounded_products_add_next_to_nothing_to_the_variance() {
        let (dimension, features, passes) = (40, 20_000, 8);
        let mut draw = drawn();
        let (weight, x) = (draw(dimension * features), draw(features));
        let chance = draw(passes * features);
        let keeps = |pass: usize, feature: usize| chance[pass * features + feature] > 0.0;
        let cells = Cells { count: 25, channels: 800, channels_first: true };
        let kept = |pass| (0..features).map(|feature| u8::from(keeps(pass, feature))).collect();
        let head = HeadKernel::new(&weight, vec![0.0; dimension], cells);
        let ours = head.passes(&x, &KeptNibbles::new(cells, passes, kept), 2.0);
        let (mut error, mut variance) = (0.0, 0.0);
        for pass in 0..passes {
            let masked: Vec<f32> = (0..features).map(|j| if keeps(pass, j) { 2.0 * x[j] } else { 0.0 }).collect();
            let expected = affine(&weight, &vec![0.0; dimension], &masked);
            let mean = affine(&weight, &vec![0.0; dimension], &x);
            for ((ours, expected), mean) in ours[pass * dimension..].iter().zip(expected).zip(mean) {
                error += (f64::from(*ours) - expected).powi(2);
                variance += (expected - mean).powi(2);
            }
        }
        assert!(error < 1e-5 * variance, "{}", error / variance);
    }

    #[test]
    fn errors_of_rounding_average_out() {
        let (dimension, features) = (64, 20_000);
        let mut draw = drawn();
        let (weight, x) = (draw(dimension * features), draw(features));
        let ours = HeadKernel::new(&weight, vec![0.0; dimension], Cells { count: 25, channels: 800, channels_first: true })
            .moments(&x);
        let mean = affine(&weight, &vec![0.0; dimension], &x);
        let length_squared: f64 = mean.iter().map(|m| m * m).sum();
        let along: f64 = (0..features)
            .map(|j| {
                let product: f64 = (0..dimension).map(|i| f64::from(weight[i * features + j]) * mean[i]).sum();
                f64::from(x[j]).powi(2) * product * product / length_squared
            })
            .sum();
        // Always the same numbers. The errors are 0.25 / sqrt(n) of the trace, at most, as the documentation of `moments` says.
        assert!((ours.along - along).abs() < 1e-3 * ours.trace, "{} and {} of {}", ours.along, along, ours.trace);
        assert!((ours.along / along - 1.0).abs() < 0.06, "{} and {}", ours.along, along);
    }

    #[test]
    fn a_mean_of_no_length_has_no_variance_along_it() {
        let moments = HeadKernel::new(&[1.0, -1.0], vec![0.0], Cells::one(2)).moments(&[2.0, 2.0]);
        assert_eq!((moments.mean[0], moments.along), (0.0, 0.0));
        assert!(HeadKernel::new(&[1.0], vec![0.0], Cells::one(1)).moments(&[f32::NAN]).mean[0].is_nan());
    }
}

//! An affine map of many features to few numbers, `h(v) = W v + b`, under dropout.
//!
//! Everything runs over tiles of `LANES` rows of `W`, feature by feature, so that a feature's products with a tile are one
//! short vector.
use wide::{f32x4, i16x8, i32x4};

/// Rows of `W` in a tile.
const LANES: usize = 16;
const VECTORS: usize = LANES / 4;
/// Features that a mask chooses from at once.
const GROUP: usize = 4;
/// Features that go through all passes before the next ones: their sums stay in the first-level cache.
const BLOCK: usize = 16 * GROUP;
/// The largest rounded weight of [`Head::moments`], in four bits.
const MOST_WEIGHT: f32 = 7.0;

type Lanes = [f32x4; VECTORS];

/// The map, in the orders in which it is read.
pub struct Head {
    /// `W`, `[tile, feature, lane]`; rows of zeros fill the last tile.
    tiles: Vec<Vec<Lanes>>,
    bias: Vec<f32>,
    columns: Columns,
}

/// `W` once more, column by column, each rounded to 4 bits in steps of its own.
struct Columns {
    /// `[feature, four rows]`, the first row in the lowest bits of a lane; zeros fill the last vector.
    values: Vec<i16x8>,
    /// The square of each column's step.
    step_squared: Vec<f32>,
    /// `|W_:j|^2` of each column j.
    energy: Vec<f32>,
}

/// What dropout makes of the map, but for factors that are the same for every feature.
pub struct Moments {
    /// `mu = W x + b`.
    pub mean: Vec<f32>,
    /// `sum_j x_j^2 |W_:j|^2`.
    pub trace: f64,
    /// `sum_j x_j^2 (W_:j . mu / |mu|)^2`.
    pub along: f64,
}

/// Which features each dropout pass keeps.
pub struct Choices {
    /// Four features in each number, `[block, pass, group]`.
    groups: Vec<u8>,
    passes: usize,
}

impl Head {
    /// `weight` is `W`, `[bias.len(), features]`, row-major.
    pub fn new(weight: &[f32], bias: Vec<f32>) -> Self {
        let features = weight.len() / bias.len();
        assert_eq!(weight.len(), features * bias.len(), "the weights are not of {} rows", bias.len());
        let rows: Vec<&[f32]> = weight.chunks_exact(features).collect();
        let lanes = |rows: &[&[f32]], feature: usize| -> Lanes {
            let mut lanes = [0.0; LANES];
            lanes.iter_mut().zip(rows).for_each(|(lane, row)| *lane = row[feature]);
            bytemuck::cast(lanes)
        };
        let tile = |rows: &[&[f32]]| (0..features).map(|feature| lanes(rows, feature)).collect();
        Self { tiles: rows.chunks(LANES).map(tile).collect(), columns: Columns::new(&rows, features), bias }
    }

    /// `W x + b`.
    #[inline(never)]
    pub fn apply(&self, features: &[f32]) -> Vec<f32> {
        let mut output = Vec::with_capacity(self.tiles.len() * LANES);
        for tile in &self.tiles {
            let mut sums = [f32x4::ZERO; VECTORS];
            // Block by block: a sum of sums loses fewer digits than one long sum.
            for (weights, features) in tile.chunks(BLOCK).zip(features.chunks(BLOCK)) {
                let mut sum = [f32x4::ZERO; VECTORS];
                weights.iter().zip(features).for_each(|(weight, &feature)| add_product(&mut sum, weight, feature));
                add(&mut sums, &sum);
            }
            output.extend(bytemuck::cast::<Lanes, [f32; LANES]>(sums));
        }
        output.truncate(self.bias.len());
        output.iter_mut().zip(&self.bias).for_each(|(value, bias)| *value += bias);
        output
    }

    /// Mean and variances. The variance along the mean, a small part of the trace, comes from weights rounded to 4 bits, an
    /// eighth of the bytes of `W`. The errors average out over the features: for random maps of n features it is within
    /// `0.25 / sqrt(n)` of the trace.
    #[inline(never)]
    pub fn moments(&self, features: &[f32]) -> Moments {
        let mean = self.apply(features);
        let trace = features.iter().zip(&self.columns.energy).map(|(x, energy)| f64::from(x * x * energy)).sum();
        Moments { along: self.columns.along(&mean, features), mean, trace }
    }

    /// `sum_j x_j^2 W_:j W_:j^T`: the covariance of the output under dropout, but for a factor. Row-major, `[rows, rows]`, filled
    /// up to the diagonal.
    pub fn scatter(&self, features: &[f32]) -> Vec<f32> {
        let rows = self.bias.len();
        let mut scatter = vec![0.0; rows * rows];
        let mut column = vec![0.0; self.tiles.len() * LANES];
        for (index, feature) in features.iter().enumerate().filter(|(_, feature)| **feature != 0.0) {
            for (lanes, tile) in column.chunks_exact_mut(LANES).zip(&self.tiles) {
                let weights: [f32; LANES] = bytemuck::cast(tile[index]);
                lanes.iter_mut().zip(weights).for_each(|(lane, weight)| *lane = weight * feature);
            }
            for (row, sums) in scatter.chunks_exact_mut(rows).enumerate() {
                let factor = column[row];
                sums[..=row].iter_mut().zip(&column).for_each(|(sum, value)| *sum += factor * value);
            }
        }
        scatter
    }

    /// `W (z x) + b` for the mask z of each pass, whose values are 0 and `scale`. Row-major, `[passes, bias.len()]`.
    ///
    /// Four neighbouring features have only 16 sums that a mask can choose. They are computed once for all passes, and each
    /// pass adds one of them: for 100 passes a quarter of the additions of a product of matrices, and no multiplication.
    #[inline(never)]
    pub fn passes(&self, features: &[f32], choices: &Choices, scale: f32) -> Vec<f32> {
        let features: Vec<f32> = features.iter().map(|feature| feature * scale).collect();
        let dimension = self.bias.len();
        let mut outputs = self.bias.repeat(choices.passes);
        for (index, tile) in self.tiles.iter().enumerate() {
            let first = index * LANES;
            let width = LANES.min(dimension - first);
            for (output, sum) in outputs.chunks_exact_mut(dimension).zip(choices.sums(tile, &features)) {
                let sum: [f32; LANES] = bytemuck::cast(sum);
                output[first..first + width].iter_mut().zip(sum).for_each(|(value, sum)| *value += sum);
            }
        }
        outputs
    }
}

impl Columns {
    fn new(rows: &[&[f32]], features: usize) -> Self {
        let (mut values, mut step_squared, mut energy) =
            (Vec::new(), Vec::with_capacity(features), Vec::with_capacity(features));
        for feature in 0..features {
            let column = || rows.iter().map(|row| row[feature]);
            let largest = column().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
            let step = if largest > 0.0 { largest / MOST_WEIGHT } else { 1.0 };
            let four_bits = |quarter: i16x8, position: u32| (quarter & i16x8::splat(0xf)) << (4 * position);
            let quarters = dealt(column().map(|weight| (weight / step).round() as i16));
            values.extend(quarters.map(|q| four_bits(q[0], 0) | four_bits(q[1], 1) | four_bits(q[2], 2) | four_bits(q[3], 3)));
            step_squared.push(step * step);
            energy.push(column().map(|weight| f64::from(weight) * f64::from(weight)).sum::<f64>() as f32);
        }
        Self { values, step_squared, energy }
    }

    /// `sum_j x_j^2 (W_:j . mean / |mean|)^2`; 0 for a mean of no length.
    fn along(&self, mean: &[f32], features: &[f32]) -> f64 {
        let largest = mean.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        // So fine that no sum of products leaves 32 bits.
        let step = largest / (i32::MAX as f32 / MOST_WEIGHT / mean.len() as f32 - 1.0).min(i16::MAX.into());
        let length_squared: f64 = mean.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
        if !(step > 0.0 && length_squared.is_finite()) {
            return 0.0;
        }
        let mean: Vec<[i16x8; 4]> = dealt(mean.iter().map(|value| (value / step).round() as i16)).collect();
        let mut along = 0.0;
        for ((column, &x), &step_squared) in self.values.chunks_exact(mean.len()).zip(features).zip(&self.step_squared) {
            let mut sums = i32x4::ZERO;
            for (&weights, mean) in column.iter().zip(&mean) {
                // Each four bits, with their sign.
                sums += (weights << 12_u32 >> 12_u32).dot(mean[0]) + (weights << 8_u32 >> 12_u32).dot(mean[1]);
                sums += (weights << 4_u32 >> 12_u32).dot(mean[2]) + (weights >> 12_u32).dot(mean[3]);
            }
            let sum = sums.reduce_add() as f32;
            along += f64::from(x * x * step_squared * sum * sum);
        }
        along * f64::from(step) * f64::from(step) / length_squared
    }
}

impl Choices {
    /// `kept(pass, group)` tells which of the features `4 * group` to `4 * group + 3` a pass keeps: a bit each, the lowest for
    /// the first, none for features that there are not.
    pub fn new(features: usize, passes: usize, kept: impl Fn(usize, usize) -> u8) -> Self {
        let groups = features.div_ceil(GROUP);
        let mut choices = Vec::with_capacity(groups * passes);
        for block in (0..groups).step_by(BLOCK / GROUP) {
            for pass in 0..passes {
                choices.extend((block..groups.min(block + BLOCK / GROUP)).map(|group| kept(pass, group)));
            }
        }
        Self { groups: choices, passes }
    }

    /// `W_tile z x` for each pass's mask z.
    fn sums(&self, tile: &[Lanes], features: &[f32]) -> Vec<Lanes> {
        let mut totals = vec![[f32x4::ZERO; VECTORS]; self.passes];
        let mut choices = self.groups.as_slice();
        for (weights, features) in tile.chunks(BLOCK).zip(features.chunks(BLOCK)) {
            let mut tables = [[[f32x4::ZERO; VECTORS]; 1 << GROUP]; BLOCK / GROUP];
            let groups = features.len().div_ceil(GROUP);
            for ((table, weights), features) in tables.iter_mut().zip(weights.chunks(GROUP)).zip(features.chunks(GROUP)) {
                fill(table, weights, features);
            }
            let (these, rest) = choices.split_at(groups * self.passes);
            choices = rest;
            for (total, chosen) in totals.iter_mut().zip(these.chunks_exact(groups)) {
                let mut sum = [f32x4::ZERO; VECTORS];
                for (table, &choice) in tables.iter().zip(chosen) {
                    add(&mut sum, &table[usize::from(choice) % (1 << GROUP)]);
                }
                add(total, &sum);
            }
        }
        totals
    }
}

/// Numbers dealt to four vectors in turn, 32 at a time; zeros fill the last vectors.
fn dealt(values: impl Iterator<Item = i16>) -> impl Iterator<Item = [i16x8; 4]> {
    let values: Vec<i16> = values.collect();
    (0..values.len().div_ceil(32)).map(move |index| {
        let quarter =
            |quarter| [0, 1, 2, 3, 4, 5, 6, 7].map(|lane| values.get(32 * index + 4 * lane + quarter).copied().unwrap_or(0));
        [0, 1, 2, 3].map(|index| i16x8::from(quarter(index)))
    })
}

/// `table[mask]`: the sum of the products of those of up to four features that the mask keeps.
fn fill(table: &mut [Lanes; 1 << GROUP], weights: &[Lanes], features: &[f32]) {
    for (bit, (weight, &feature)) in weights.iter().zip(features).enumerate() {
        for mask in 1 << bit..2 << bit {
            table[mask] = table[mask - (1 << bit)];
            add_product(&mut table[mask], weight, feature);
        }
    }
}

#[inline(always)]
fn add(sums: &mut Lanes, others: &Lanes) {
    sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += *other);
}

#[inline(always)]
fn add_product(sums: &mut Lanes, weights: &Lanes, factor: f32) {
    let factor = f32x4::splat(factor);
    sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += *weight * factor);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `W`, `b` and `x` of any size.
    fn maps() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<f32>)> {
        (1..40_usize, 1..300_usize).prop_flat_map(|(dimension, features)| {
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            (values(dimension * features), values(dimension), values(features))
        })
    }

    /// `W v + b`, by the definition.
    fn affine(weight: &[f32], bias: &[f32], v: &[f32]) -> Vec<f64> {
        let row = |row: &[f32]| row.iter().zip(v).map(|(w, v)| f64::from(*w) * f64::from(*v)).sum::<f64>();
        weight.chunks_exact(v.len()).zip(bias).map(|(w, b)| row(w) + f64::from(*b)).collect()
    }

    fn near(ours: &[f32], expected: &[f64]) -> bool {
        ours.len() == expected.len() && ours.iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-3)
    }

    proptest! {
        #[test]
        fn applies_the_affine_map((weight, bias, x) in maps()) {
            prop_assert!(near(&Head::new(&weight, bias.clone()).apply(&x), &affine(&weight, &bias, &x)));
        }

        #[test]
        fn a_pass_is_the_affine_map_of_masked_features((weight, bias, x) in maps(), masks in prop::collection::vec(any::<u64>(), 2..9)) {
            // Any function of pass and feature will do.
            let keeps = |pass: usize, feature: usize| masks[pass].rotate_left(feature as u32 * 7) & 1 == 1 && feature < x.len();
            let four = |pass, group| (0..4).fold(0, |kept, bit| kept | u8::from(keeps(pass, 4 * group + bit)) << bit);
            let choices = Choices::new(x.len(), masks.len(), four);
            let ours = Head::new(&weight, bias.clone()).passes(&x, &choices, 2.5);
            let masked = |pass| x.iter().enumerate().map(|(j, x)| if keeps(pass, j) { 2.5 * x } else { 0.0 }).collect::<Vec<_>>();
            let expected: Vec<f64> = (0..masks.len()).flat_map(|pass| affine(&weight, &bias, &masked(pass))).collect();
            prop_assert!(near(&ours, &expected));
        }

        #[test]
        fn moments_follow_their_definition((weight, bias, x) in maps()) {
            let ours = Head::new(&weight, bias.clone()).moments(&x);
            let mean = affine(&weight, &bias, &x);
            let length_squared: f64 = mean.iter().map(|m| m * m).sum();
            let (features, mut trace, mut along) = (x.len(), 0.0, 0.0);
            for (j, x) in x.iter().enumerate() {
                let column = || weight.iter().skip(j).step_by(features).map(|w| f64::from(*w));
                let square = f64::from(*x).powi(2);
                trace += square * column().map(|w| w * w).sum::<f64>();
                along += square * column().zip(&mean).map(|(w, m)| w * m).sum::<f64>().powi(2) / length_squared;
            }
            prop_assert!(near(&ours.mean, &mean));
            prop_assert!((ours.trace - trace).abs() <= 1e-5 * trace.max(1.0));
            let rounding = 0.25 / (features as f64).sqrt();
            prop_assert!((ours.along - along).abs() <= rounding * trace.max(1.0), "{} and {} of {}", ours.along, along, trace);
        }
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        for dimension in [1, 16, 128, 512, 2048] {
            let head = Head::new(&vec![3.0; dimension * 8], vec![0.0; dimension]);
            let moments = head.moments(&[1.0; 8]);
            // Every column is parallel to the mean: the whole variance is along it.
            assert!((moments.along / moments.trace - 1.0).abs() < 1e-2, "{dimension}: {} of {}", moments.along, moments.trace);
        }
    }

    #[test]
    fn errors_of_rounding_average_out() {
        let (dimension, features) = (64, 20_000);
        let mut state = 1_u64;
        let mut draw = |n: usize| -> Vec<f32> {
            let mut uniform = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / 8_388_608.0 - 1.0
            };
            (0..n).map(|_| uniform() + uniform() + uniform()).collect()
        };
        let (weight, x) = (draw(dimension * features), draw(features));
        let ours = Head::new(&weight, vec![0.0; dimension]).moments(&x);
        let mean = affine(&weight, &vec![0.0; dimension], &x);
        let length_squared: f64 = mean.iter().map(|m| m * m).sum();
        let along: f64 = (0..features)
            .map(|j| {
                let product: f64 = (0..dimension).map(|i| f64::from(weight[i * features + j]) * mean[i]).sum();
                f64::from(x[j]).powi(2) * product * product / length_squared
            })
            .sum();
        assert!((ours.along - along).abs() < 2e-4 * ours.trace, "{} and {} of {}", ours.along, along, ours.trace);
        assert!((ours.along / along - 1.0).abs() < 0.02, "{} and {}", ours.along, along);
    }

    #[test]
    fn a_mean_of_no_length_has_no_variance_along_it() {
        let moments = Head::new(&[1.0, -1.0], vec![0.0]).moments(&[2.0, 2.0]);
        assert_eq!((moments.mean[0], moments.along), (0.0, 0.0));
        assert!(Head::new(&[1.0], vec![0.0]).moments(&[f32::NAN]).mean[0].is_nan());
    }
}

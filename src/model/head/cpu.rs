//! The head in plain Rust, laid out so that the compiler turns its inner loops into SIMD.
//!
//! Everything runs over tiles of [`LANES`] rows of `W`, feature by feature, so that a feature's products with a tile are one
//! short vector. For the dropout passes, four neighbouring features have only 16 sums that a mask can choose: they are computed
//! once for all passes, and each pass adds one of them. For 100 passes that is a quarter of the additions of a matrix product,
//! and no multiplication.
use super::{Kept, RawMoments, energy};
use crate::score::DropoutMasks;

/// Rows of `W` in a tile: four SIMD registers of four, or two of eight.
const LANES: usize = 16;
/// Features that a mask chooses from at once.
const GROUP: usize = 4;
/// Features that go through all passes before the next ones: their sums stay in the first-level cache.
const BLOCK: usize = 16 * GROUP;

type Lanes = [f32; LANES];

pub(super) struct CpuHead {
    /// `W`, `[tile, feature, lane]`; rows of zeros fill the last tile.
    tiles: Vec<Vec<Lanes>>,
    bias: Vec<f32>,
    /// `|W_:j|^2`.
    energy: Vec<f32>,
    masks: Kept<Choices>,
}

/// Which of the 16 sums each pass adds, `[block, pass, group]`.
struct Choices(Vec<u8>);

impl CpuHead {
    pub(super) fn new(head: &serfiq_models::Head) -> Self {
        let rows: Vec<&[f32]> = head.weight.chunks_exact(head.features).collect();
        let column = |rows: &[&[f32]], feature: usize| {
            let mut lanes = [0.0; LANES];
            lanes.iter_mut().zip(rows).for_each(|(lane, row)| *lane = row[feature]);
            lanes
        };
        let tile = |rows: &[&[f32]]| (0..head.features).map(|feature| column(rows, feature)).collect();
        let tiles = rows.chunks(LANES).map(tile).collect();
        Self { tiles, bias: head.bias.clone(), energy: energy(head), masks: Kept::default() }
    }

    pub(super) fn embed(&self, features: &[f32]) -> Vec<f32> {
        let mut embedding = Vec::with_capacity(self.tiles.len() * LANES);
        for tile in &self.tiles {
            let mut sums = [0.0; LANES];
            // Block by block: a sum of sums loses fewer digits than one long sum.
            for (weights, features) in tile.chunks(BLOCK).zip(features.chunks(BLOCK)) {
                let mut sum = [0.0; LANES];
                weights.iter().zip(features).for_each(|(weight, &feature)| add_product(&mut sum, weight, feature));
                add(&mut sums, &sum);
            }
            embedding.extend(sums);
        }
        embedding.truncate(self.bias.len());
        embedding.iter_mut().zip(&self.bias).for_each(|(value, bias)| *value += bias);
        embedding
    }

    pub(super) fn moments(&self, features: &[f32]) -> RawMoments {
        let mean = self.embed(features);
        let mut direction = mean.clone();
        direction.resize(self.tiles.len() * LANES, 0.0);
        let (mut trace, mut along) = (0.0, 0.0);
        for (block, features) in features.chunks(BLOCK).enumerate() {
            // `W^T mu` of each feature of the block, lane by lane.
            let mut products = [[0.0; LANES]; BLOCK];
            for (tile, direction) in self.tiles.iter().zip(direction.as_chunks::<LANES>().0) {
                let weights = &tile[block * BLOCK..][..features.len()];
                products.iter_mut().zip(weights).for_each(|(sum, weight)| add_products(sum, weight, direction));
            }
            let energy = &self.energy[block * BLOCK..][..features.len()];
            for ((product, &feature), &energy) in products.iter().zip(features).zip(energy) {
                let square = f64::from(feature) * f64::from(feature);
                let product = f64::from(product.iter().sum::<f32>());
                trace += square * f64::from(energy);
                along += square * product * product;
            }
        }
        RawMoments { mean, trace, along }
    }

    /// The embedding of each dropout pass, row-major.
    pub(super) fn passes(&self, features: &[f32], masks: &DropoutMasks) -> Vec<f32> {
        let choices = self.masks.get(masks, Choices::new);
        let passes = masks.passes() as usize;
        let features: Vec<f32> = features.iter().map(|feature| feature * masks.scale()).collect();
        let dimension = self.bias.len();
        let mut embeddings = self.bias.repeat(passes);
        for (index, tile) in self.tiles.iter().enumerate() {
            let sums = choices.sums(tile, &features, passes);
            let first = index * LANES;
            let width = LANES.min(dimension - first);
            for (embedding, sum) in embeddings.chunks_exact_mut(dimension).zip(&sums) {
                embedding[first..first + width].iter_mut().zip(sum).for_each(|(value, sum)| *value += sum);
            }
        }
        embeddings
    }
}

impl Choices {
    fn new(masks: &DropoutMasks) -> Self {
        let groups = masks.features().div_ceil(GROUP);
        let mut choices = Vec::with_capacity(groups * masks.passes() as usize);
        for block in (0..groups).step_by(BLOCK / GROUP) {
            for pass in 0..masks.passes() {
                choices.extend((block..groups.min(block + BLOCK / GROUP)).map(|group| masks.kept_of_four(pass, group)));
            }
        }
        Self(choices)
    }

    /// `W_tile (z * x)` for each pass's mask z.
    fn sums(&self, tile: &[Lanes], features: &[f32], passes: usize) -> Vec<Lanes> {
        let mut totals = vec![[0.0; LANES]; passes];
        let mut choices = self.0.as_slice();
        for (weights, features) in tile.chunks(BLOCK).zip(features.chunks(BLOCK)) {
            let mut tables = [[[0.0; LANES]; 1 << GROUP]; BLOCK / GROUP];
            let groups = features.len().div_ceil(GROUP);
            for ((table, weights), features) in tables.iter_mut().zip(weights.chunks(GROUP)).zip(features.chunks(GROUP)) {
                fill(table, weights, features);
            }
            let (these, rest) = choices.split_at(groups * passes);
            choices = rest;
            for (total, chosen) in totals.iter_mut().zip(these.chunks_exact(groups)) {
                let mut sum = [0.0; LANES];
                for (table, &choice) in tables.iter().zip(chosen) {
                    add(&mut sum, &table[usize::from(choice) % (1 << GROUP)]);
                }
                add(total, &sum);
            }
        }
        totals
    }
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
fn add(sum: &mut Lanes, other: &Lanes) {
    (0..LANES).for_each(|lane| sum[lane] += other[lane]);
}

#[inline(always)]
fn add_product(sum: &mut Lanes, weight: &Lanes, factor: f32) {
    (0..LANES).for_each(|lane| sum[lane] += weight[lane] * factor);
}

#[inline(always)]
fn add_products(sum: &mut Lanes, a: &Lanes, b: &Lanes) {
    (0..LANES).for_each(|lane| sum[lane] += a[lane] * b[lane]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A head of any size, with features and masks for it.
    fn heads() -> impl Strategy<Value = (serfiq_models::Head, Vec<f32>, DropoutMasks)> {
        (1..40_usize, 1..300_usize, 2..9_u32, any::<u64>()).prop_flat_map(|(dimension, features, passes, seed)| {
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            (values(dimension * features), values(dimension), values(features)).prop_map(move |(weight, bias, x)| {
                let head = serfiq_models::Head { weight, bias, dimension, features, dropout: 0.4 };
                (head, x, DropoutMasks::new(seed, passes, features, 0.4).unwrap())
            })
        })
    }

    /// `W v + b`, by the definition.
    fn affine(head: &serfiq_models::Head, v: &[f32]) -> Vec<f64> {
        let row = |row: &[f32]| row.iter().zip(v).map(|(w, v)| f64::from(*w) * f64::from(*v)).sum::<f64>();
        head.weight.chunks_exact(head.features).zip(&head.bias).map(|(w, b)| row(w) + f64::from(*b)).collect()
    }

    fn near(ours: &[f32], expected: &[f64]) -> bool {
        ours.len() == expected.len() && ours.iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-3)
    }

    proptest! {
        #[test]
        fn the_embedding_is_the_affine_map((head, x, _) in heads()) {
            prop_assert!(near(&CpuHead::new(&head).embed(&x), &affine(&head, &x)));
        }

        #[test]
        fn a_pass_is_the_affine_map_of_masked_features((head, x, masks) in heads()) {
            let ours = CpuHead::new(&head).passes(&x, &masks);
            let scaled = masks.scaled();
            let masked = |mask: &[f32]| x.iter().zip(mask).map(|(x, z)| x * z).collect::<Vec<f32>>();
            let expected: Vec<f64> = scaled.chunks_exact(x.len()).flat_map(|mask| affine(&head, &masked(mask))).collect();
            prop_assert!(near(&ours, &expected));
        }

        #[test]
        fn moments_follow_their_definition((head, x, _) in heads()) {
            let ours = CpuHead::new(&head).moments(&x);
            let mean = affine(&head, &x);
            let (mut trace, mut along) = (0.0, 0.0);
            for (j, x) in x.iter().enumerate() {
                let column: Vec<f64> = (0..head.dimension).map(|i| f64::from(head.weight[i * head.features + j])).collect();
                let square = f64::from(*x).powi(2);
                trace += square * column.iter().map(|w| w * w).sum::<f64>();
                along += square * column.iter().zip(&mean).map(|(w, m)| w * m).sum::<f64>().powi(2);
            }
            prop_assert!(near(&ours.mean, &mean));
            prop_assert!((ours.trace - trace).abs() <= 1e-5 * trace.max(1.0));
            prop_assert!((ours.along - along).abs() <= 1e-4 * along.max(1.0));
        }
    }
}

//! Properties of the score that hold for any network, tested on random affine heads.

use proptest::prelude::*;
use serfiq_score::{DropoutMasks, Moments, Robustness, ScoreError, limit, monte_carlo};

/// `h(v) = W v + b` and the features `x` before it.
struct Head {
    /// `[dim, features]`.
    weights: Vec<f64>,
    bias: Vec<f64>,
    x: Vec<f64>,
}

/// SplitMix64, so that the heads are independent of the generator under test.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Irwin and Hall's sum of twelve: mean 0, variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

impl Head {
    fn new(seed: u64, dim: usize, features: usize, bias: f64) -> Self {
        let mut random = Random(seed);
        Self {
            weights: (0..dim * features).map(|_| random.normal()).collect(),
            bias: (0..dim).map(|_| bias * random.normal()).collect(),
            x: (0..features).map(|_| random.normal().abs()).collect(),
        }
    }

    fn row(&self, index: usize) -> &[f64] {
        let features = self.x.len();
        &self.weights[index * features..(index + 1) * features]
    }

    fn embed(&self, mask: &[f32]) -> Vec<f32> {
        let masked: Vec<f64> = self.x.iter().zip(mask).map(|(x, z)| x * f64::from(*z)).collect();
        let output = |index: usize| dot(self.row(index), &masked) + self.bias[index];
        (0..self.bias.len()).map(|index| output(index) as f32).collect()
    }

    fn sample(&self, seed: u64, passes: u32, p: f64) -> Vec<f32> {
        let masks = DropoutMasks::new(seed, passes, self.x.len(), p).unwrap().scaled();
        masks.chunks_exact(self.x.len()).flat_map(|mask| self.embed(mask)).collect()
    }

    fn monte_carlo(&self, seed: u64, passes: u32, p: f64) -> Robustness {
        monte_carlo(&self.sample(seed, passes, p), self.bias.len()).unwrap()
    }

    fn limit(&self, p: f64) -> Robustness {
        let (dim, c) = (self.bias.len(), p / (1.0 - p));
        let mean = self.embed(&vec![1.0; self.x.len()]);
        let length = mean.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        let unit: Vec<f64> = mean.iter().map(|value| f64::from(*value) / length).collect();
        // Columns of W, each times its feature; then without their part along the mean.
        let mut along = 0.0;
        let mut trace = 0.0;
        let mut across = vec![vec![0.0; dim]; dim];
        for (feature, x) in self.x.iter().enumerate() {
            let column: Vec<f64> = (0..dim).map(|index| self.row(index)[feature] * x).collect();
            let part = dot(&column, &unit);
            trace += c * dot(&column, &column);
            along += c * part * part;
            let rest: Vec<f64> = column.iter().zip(&unit).map(|(value, u)| value - part * u).collect();
            for (row, left) in across.iter_mut().zip(&rest) {
                row.iter_mut().zip(&rest).for_each(|(cell, right)| *cell += c * left * right);
            }
        }
        let squares: f64 = across.iter().flatten().map(|cell| cell * cell).sum();
        limit(&Moments { mean, trace, along, cells: vec![] }, (trace - along).powi(2) / squares).unwrap()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[test]
fn the_limit_is_where_monte_carlo_goes() {
    // Scores from 0.89, where those of good pictures lie, down to where almost nothing of a face is left.
    for (seed, features, bias, p) in [
        (1, 600, 60.0, 0.2),
        (2, 400, 60.0, 0.4),
        (3, 300, 30.0, 0.1),
        (4, 600, 30.0, 0.4),
        (5, 400, 15.0, 0.4),
        (6, 400, 10.0, 0.5),
    ] {
        let head = Head::new(seed, 96, features, bias);
        // 4000 passes, four times as many as one set of masks holds.
        let embeddings: Vec<f32> = (0..4).flat_map(|part| head.sample(part, 1000, p)).collect();
        let sampled = monte_carlo(&embeddings, 96).unwrap();
        let closed = head.limit(p);
        let difference = (sampled.raw - closed.raw).abs();
        println!("s {:.5} +- {:.5}, limit {:.5}", sampled.raw, sampled.std_error.unwrap(), closed.raw);
        // 4000 passes still have a sampling error. Always the same one: the seeds are fixed.
        let noise = 3.0 * sampled.std_error.unwrap();
        assert!(difference <= 0.001 + noise, "s is {} by 4000 passes and {} in the limit", sampled.raw, closed.raw);
    }
}

#[test]
fn the_standard_error_is_the_spread_of_repeated_draws() {
    let head = Head::new(4, 16, 128, 5.0);
    let draws: Vec<Robustness> = (0..300).map(|seed| head.monte_carlo(seed, 40, 0.4)).collect();
    let n = draws.len() as f64;
    let mean = draws.iter().map(|draw| draw.raw).sum::<f64>() / n;
    let spread = (draws.iter().map(|draw| (draw.raw - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let claimed = draws.iter().filter_map(|draw| draw.std_error).sum::<f64>() / n;
    let ratio = claimed / spread;
    // The spread of n draws has a standard error of 1 / sqrt(2 n) of itself, 4 % here: five of them.
    assert!((0.8..1.25).contains(&ratio), "claimed {claimed}, found {spread}");
}

#[test]
fn the_value_does_not_drift_with_the_number_of_passes() {
    let head = Head::new(5, 16, 128, 5.0);
    let mean_of = |passes: u32| (0..200).map(|seed| head.monte_carlo(seed, passes, 0.4).distance).sum::<f64>() / 200.0;
    let (few, many) = (mean_of(5), mean_of(50));
    // Fixed seeds, always the same numbers. If each pass also formed a pair with itself, 5 passes would give a fifth less.
    assert!((few / many - 1.0).abs() < 0.02, "{few} with 5 passes, {many} with 50");
}

prop_compose! {
    fn embeddings()(dim in 2..12_usize, passes in 3..12_usize)(
        values in prop::collection::vec(prop_oneof![0.01_f32..10.0, -10.0_f32..-0.01], dim * passes),
        dim in Just(dim),
    ) -> (Vec<f32>, usize) {
        (values, dim)
    }
}

proptest! {
    #[test]
    fn scores_are_in_range((values, dim) in embeddings()) {
        let result = monte_carlo(&values, dim).unwrap();
        prop_assert!((0.0..=2.0).contains(&result.distance));
        prop_assert!(result.raw > 0.0 && result.raw <= 1.0);
        prop_assert!(result.std_error.unwrap() >= 0.0);
    }

    #[test]
    fn the_order_of_the_passes_does_not_matter((values, dim) in embeddings(), turn in 1..11_usize) {
        let result = monte_carlo(&values, dim).unwrap();
        let mut rows: Vec<&[f32]> = values.chunks_exact(dim).collect();
        let turn = turn % rows.len();
        rows.rotate_left(turn);
        rows.swap(0, 1);
        let other = monte_carlo(&rows.concat(), dim).unwrap();
        prop_assert!((result.raw - other.raw).abs() < 1e-13);
        prop_assert!((result.std_error.unwrap() - other.std_error.unwrap()).abs() < 1e-13);
    }

    /// Scaled by powers of two, a different one for each pass, so that f32 rounds nothing.
    #[test]
    fn the_length_of_the_embeddings_does_not_matter((values, dim) in embeddings(), power in -30..30_i32) {
        let scaled: Vec<f32> = values
            .chunks_exact(dim)
            .enumerate()
            .flat_map(|(pass, row)| row.iter().map(move |value| value * 2.0_f32.powi(power + pass as i32)))
            .collect();
        prop_assert_eq!(monte_carlo(&values, dim).unwrap(), monte_carlo(&scaled, dim).unwrap());
    }

    #[test]
    fn little_dropout_leaves_the_score_near_one(seed in any::<u64>(), exponent in 5.0_f64..8.0) {
        let p = 10.0_f64.powf(-exponent);
        let head = Head::new(seed, 8, 64, 5.0);
        // With `t` the trace by the squared length of the mean, the squared distance is less than `2 t (1 + 3 t)`.
        let mean: f64 = head.embed(&vec![1.0; 64]).iter().map(|value| f64::from(*value).powi(2)).sum();
        let trace: f64 = (0..8).flat_map(|index| head.row(index).iter().zip(&head.x)).map(|(weight, x)| (weight * x).powi(2)).sum();
        let t = p / (1.0 - p) * trace / mean;
        prop_assert!(head.limit(p).distance <= (2.0 * t * (1.0 + 3.0 * t)).sqrt());
        // Passes that drop nothing are all alike; two others are at most 2 apart.
        let masks = DropoutMasks::new(seed, 20, 64, p).unwrap();
        let alike = (0..20).filter(|pass| (0..64).all(|index| masks.keeps(*pass, index))).count();
        let share = (alike * alike.saturating_sub(1)) as f64 / (20.0 * 19.0);
        prop_assert!(head.monte_carlo(seed, 20, p).distance <= 2.0 * (1.0 - share) + 1e-6);
    }

    /// Where the closed form is meant to hold: in some dimensions, and while most of the mean is left. All variances grow with
    /// `p / (1 - p)`.
    #[test]
    fn more_dropout_is_a_lower_limit(trace in 1e-6..0.5_f64, share in 0.0..0.5_f64, k in 4.0..200.0_f64, more in 1.001..2.0_f64) {
        let limit = |trace: f64| limit(&Moments { mean: vec![1.0], trace, along: share * trace, cells: vec![] }, k).unwrap();
        prop_assert!(limit(trace * more).raw < limit(trace).raw);
    }

    #[test]
    fn one_bad_number_is_an_error((values, dim) in embeddings(), at in any::<prop::sample::Index>(),
        bad in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY])) {
        let mut values = values;
        let at = at.index(values.len());
        values[at] = bad;
        prop_assert_eq!(
            monte_carlo(&values, dim),
            Err(ScoreError::NotFinite { what: format!("the embedding of dropout pass {}", at / dim) })
        );
    }

    /// More passes or more features only add to the masks.
    #[test]
    fn masks_depend_on_seed_pass_and_index_alone(seed in any::<u64>(), pass in 0..5_u32, index in 0..40_usize) {
        let small = DropoutMasks::new(seed, 5, 40, 0.4).unwrap();
        let large = DropoutMasks::new(seed, 900, 50_176, 0.4).unwrap();
        prop_assert_eq!(small.keeps(pass, index), large.keeps(pass, index));
        prop_assert_eq!(small.scaled()[pass as usize * 40 + index] > 0.0, small.keeps(pass, index));
    }
}

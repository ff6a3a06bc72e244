//! In the widest vectors that the processor has, of floats or of integers, whichever it multiplies faster.
//!
//! The pixels are taken a few vectors at a time, and all channels of these packed side by side first: the rows of the input lie so
//! far apart, often by a power of two, that they would drive each other out of the cache.
use bytemuck::Zeroable;
use pulp::{Arch, Simd, WithSimd};

use super::ROWS;
#[cfg(target_arch = "x86_64")]
use super::{integers::Processor, rounded::RoundedWeights};
use crate::{
    finish::Finish,
    parts,
    vectors::{copy_vectors, write_vectors},
};

/// Output channels from which on it pays to round the input.
#[cfg(target_arch = "x86_64")]
const LEAST_ROUNDED: usize = 64;

/// Weights for the processor at hand.
#[derive(Debug, Clone)]
pub(super) enum Weights {
    /// `[rows / 4, input channels, 4]`.
    Floats(Vec<[f32; ROWS]>),
    #[cfg(target_arch = "x86_64")]
    Integers(Processor, RoundedWeights),
}

impl Weights {
    /// `weight` is `[rows, input channels]`.
    pub fn new(weight: &[f32], channels: usize) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(processor) = Processor::at_hand().filter(|_| weight.len() >= LEAST_ROUNDED * channels) {
            return Self::Integers(processor, RoundedWeights::new(weight, channels));
        }
        Self::Floats(floats(weight, channels))
    }
}

fn floats(weight: &[f32], channels: usize) -> Vec<[f32; ROWS]> {
    let rows = weight.len() / channels;
    let mut packed = vec![[0.0; ROWS]; rows.div_ceil(ROWS) * channels];
    for (row, weights) in weight.chunks_exact(channels).enumerate() {
        let group = &mut packed[row / ROWS * channels..][..channels];
        group.iter_mut().zip(weights).for_each(|(group, weight)| group[row % ROWS] = *weight);
    }
    packed
}

/// Writes the output, `[finish.len(), pixels]`, for an input `[input channels, pixels]`.
pub(super) fn run(weights: &Weights, finish: &[Finish], input: &[f32], pixels: usize, output: &mut [f32]) {
    // No more parts than threads: each of them packs the input, a few pixels at a time.
    let rows = finish.len().div_ceil(parts::threads()).next_multiple_of(ROWS);
    let parts = finish.chunks(rows).zip(output.chunks_mut(rows * pixels)).enumerate();
    parts::each(parts, |(part, (finish, output))| {
        let rows = Rows { first: part * rows, finish, input, pixels, output };
        match weights {
            Weights::Floats(weights) => Arch::new().dispatch(InFloats { weights, rows }),
            #[cfg(target_arch = "x86_64")]
            Weights::Integers(processor, weights) => processor.run(weights, rows),
        }
    });
}

/// Some rows of the output.
pub(super) struct Rows<'a> {
    /// Which is the first, a multiple of [`ROWS`].
    pub first: usize,
    pub finish: &'a [Finish],
    pub input: &'a [f32],
    pub pixels: usize,
    pub output: &'a mut [f32],
}

/// How weights and pixels are multiplied.
pub(super) trait Arithmetic<S: Simd> {
    /// A vector of pixels as it is multiplied: of one channel, or of some.
    type Packed: Copy;

    /// For all channels of so many vectors of pixels.
    fn room(&self, vectors: usize) -> Vec<Self::Packed>;

    /// Packs some pixels of all channels, from the `first` on. They fill vectors, of which the last may reach beyond them. Returns what
    /// a packed value of each stands for.
    fn pack<const V: usize>(
        &self,
        simd: S,
        rows: &Rows,
        first: usize,
        width: usize,
        packed: &mut [[Self::Packed; V]],
    ) -> [S::f32s; V];

    /// The sums of products of the rows from `row` on with packed pixels.
    fn product<const V: usize>(
        &self,
        simd: S,
        row: usize,
        packed: &[[Self::Packed; V]],
        scale: &[S::f32s; V],
    ) -> [[S::f32s; V]; ROWS];
}

impl Rows<'_> {
    #[inline(always)]
    pub fn run<S: Simd, A: Arithmetic<S>>(mut self, simd: S, arithmetic: &A) {
        // What is summed, what it is made of, and one more.
        let most = if S::REGISTER_COUNT >= 32 { 6 } else { 3 };
        let mut room = arithmetic.room(most);
        let vectors = self.pixels.div_ceil(S::F32_LANES);
        let tiles = vectors.div_ceil(most);
        let mut first = 0;
        for tile in 0..tiles {
            // As evenly as can be: a tile of a single vector takes as long as one of two.
            let width = (vectors * (tile + 1) / tiles * S::F32_LANES).min(self.pixels) - first;
            match width.div_ceil(S::F32_LANES) {
                1 => self.tile::<S, A, 1>(simd, arithmetic, first, width, &mut room),
                2 => self.tile::<S, A, 2>(simd, arithmetic, first, width, &mut room),
                3 => self.tile::<S, A, 3>(simd, arithmetic, first, width, &mut room),
                4 => self.tile::<S, A, 4>(simd, arithmetic, first, width, &mut room),
                5 => self.tile::<S, A, 5>(simd, arithmetic, first, width, &mut room),
                _ => self.tile::<S, A, 6>(simd, arithmetic, first, width, &mut room),
            }
            first += width;
        }
    }

    #[inline(always)]
    fn tile<S: Simd, A: Arithmetic<S>, const V: usize>(
        &mut self,
        simd: S,
        arithmetic: &A,
        first: usize,
        width: usize,
        room: &mut [A::Packed],
    ) {
        let (packed, _) = room.as_chunks_mut::<V>();
        let scale = arithmetic.pack(simd, self, first, width, packed);
        let rows = self.finish.chunks(ROWS).zip(self.output.chunks_mut(ROWS * self.pixels));
        for (index, (finish, output)) in rows.enumerate() {
            let sums = arithmetic.product(simd, self.first + index * ROWS, packed, &scale);
            match finish.as_array::<ROWS>() {
                // Without a branch for each row, around which the compiler would keep the sums in memory.
                Some(finish) if width == V * S::F32_LANES => {
                    for row in 0..ROWS {
                        let output = &mut output[row * self.pixels + first..][..width];
                        let (output, _) = S::as_mut_simd_f32s(output);
                        for vector in 0..V {
                            output[vector] = finish[row].of_vector(simd, sums[row][vector]);
                        }
                    }
                }
                _ => {
                    for ((sums, finish), output) in sums.iter().zip(finish).zip(output.chunks_exact_mut(self.pixels)) {
                        let mut values = *sums;
                        // In no closure: it would be compiled without the processor's vectors.
                        for value in &mut values {
                            *value = finish.of_vector(simd, *value);
                        }
                        write_vectors(simd, &values, &mut output[first..first + width]);
                    }
                }
            }
        }
    }
}

struct InFloats<'a> {
    weights: &'a [[f32; ROWS]],
    rows: Rows<'a>,
}

impl WithSimd for InFloats<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { weights, rows } = self;
        let channels = rows.input.len() / rows.pixels;
        rows.run(simd, &Floats { weights, channels });
    }
}

/// Products of floats.
struct Floats<'a> {
    weights: &'a [[f32; ROWS]],
    channels: usize,
}

impl<S: Simd> Arithmetic<S> for Floats<'_> {
    /// Of a channel.
    type Packed = S::f32s;

    #[inline(always)]
    fn room(&self, vectors: usize) -> Vec<S::f32s> {
        vec![S::f32s::zeroed(); self.channels * vectors]
    }

    #[inline(always)]
    fn pack<const V: usize>(
        &self,
        simd: S,
        rows: &Rows,
        first: usize,
        width: usize,
        packed: &mut [[S::f32s; V]],
    ) -> [S::f32s; V] {
        for (packed, channel) in packed.iter_mut().zip(rows.input.chunks_exact(rows.pixels)) {
            copy_vectors(simd, &channel[first..first + width], packed);
        }
        [simd.splat_f32s(1.0); V]
    }

    #[inline(always)]
    fn product<const V: usize>(
        &self,
        simd: S,
        row: usize,
        packed: &[[S::f32s; V]],
        _scale: &[S::f32s; V],
    ) -> [[S::f32s; V]; ROWS] {
        let weights = &self.weights[row / ROWS * self.channels..][..self.channels];
        let mut sums = [[simd.splat_f32s(0.0); V]; ROWS];
        for (weights, values) in weights.iter().zip(packed) {
            for row in 0..ROWS {
                let weight = simd.splat_f32s(weights[row]);
                for vector in 0..V {
                    sums[row][vector] = simd.mul_add_e_f32s(weight, values[vector], sums[row][vector]);
                }
            }
        }
        sums
    }
}

/// For each arithmetic that the processor at hand has, whether it is the fastest or not.
#[cfg(test)]
pub(super) fn weights_of_each_kind(weight: &[f32], channels: usize) -> Vec<Weights> {
    #[cfg(not(target_arch = "x86_64"))]
    let integers = [];
    #[cfg(target_arch = "x86_64")]
    let integers = Processor::all().into_iter().map(|of| Weights::Integers(of, RoundedWeights::new(weight, channels)));
    integers.into_iter().chain([Weights::Floats(floats(weight, channels))]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shapes() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<f32>)> {
        // Pixels for a part of a vector, and for more than are taken at a time.
        (1..10_usize, 1..20_usize, 1..230_usize).prop_flat_map(|(rows, channels, pixels)| {
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            (values(rows * channels), values(rows), values(channels * pixels))
        })
    }

    proptest! {
        /// Also on a processor whose vectors are not known.
        #[test]
        fn floats_are_not_rounded((weight, bias, input) in shapes()) {
            let channels = weight.len() / bias.len();
            let pixels = input.len() / channels;
            let finish: Vec<_> = bias.iter().map(|bias| Finish::bias(*bias).then_relu(-0.5).then_affine(0.5, *bias)).collect();
            let packed = floats(&weight, channels);
            // Every value is to be written.
            let (mut ours, mut one_by_one) = (vec![-1e30; bias.len() * pixels], vec![-1e30; bias.len() * pixels]);
            run(&Weights::Floats(packed.clone()), &finish, &input, pixels, &mut ours);
            let rows = Rows { first: 0, finish: &finish, input: &input, pixels, output: &mut one_by_one };
            InFloats { weights: &packed, rows }.with_simd(pulp::Scalar);
            for (index, (ours, one_by_one)) in ours.iter().zip(&one_by_one).enumerate() {
                let (row, pixel) = (index / pixels, index % pixels);
                let products = (0..channels).map(|k| f64::from(weight[row * channels + k]) * f64::from(input[k * pixels + pixel]));
                let expected = f64::from(finish[row].of(products.sum::<f64>() as f32));
                prop_assert!((f64::from(*ours) - expected).abs() < 1e-4, "{} and {}", ours, expected);
                prop_assert!((ours - one_by_one).abs() < 1e-4, "{} and {}", ours, one_by_one);
            }
        }
    }
}

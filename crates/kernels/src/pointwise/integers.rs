//! Products of 16-bit integers, on x86-64. With VNNI one instruction multiplies two pairs and adds the products to a sum; where allowed,
//! the compiler fuses the two instructions below into it.
use std::{
    arch::x86_64::{__m256, __m256i, __m512, __m512i},
    fmt::Debug,
};

use bytemuck::Pod;
use pulp::{
    NullaryFnOnce, Simd,
    x86::{V3, V4},
};

use super::{
    Planes, ROWS,
    quantised::{MAGIC, MAX_MAGNITUDE, PAIRS, QuantisedWeights},
    tiles::{MicroKernel, Rows},
};
use crate::vectors::copy_vectors;

pulp::simd_type! {
    /// AVX-512 with an instruction that both multiplies and adds integers.
    pub(super) struct Vnni {
        sse: "sse",
        sse2: "sse2",
        fxsr: "fxsr",
        sse3: "sse3",
        ssse3: "ssse3",
        sse4_1: "sse4.1",
        sse4_2: "sse4.2",
        popcnt: "popcnt",
        avx: "avx",
        avx2: "avx2",
        bmi1: "bmi1",
        bmi2: "bmi2",
        fma: "fma",
        lzcnt: "lzcnt",
        avx512f: "avx512f",
        avx512bw: "avx512bw",
        avx512cd: "avx512cd",
        avx512dq: "avx512dq",
        avx512vl: "avx512vl",
        avx512vnni: "avx512vnni",
    }
}

/// A processor that multiplies integers faster than floats.
#[derive(Debug, Clone, Copy)]
pub(super) enum Processor {
    Avx2(V3),
    Vnni(Vnni, V4),
}

impl Processor {
    /// Returns this machine's processor, if it is one of these.
    pub fn at_hand() -> Option<Self> {
        match (V3::try_new(), V4::try_new(), Vnni::try_new()) {
            (_, Some(simd), Some(vnni)) => Some(Self::Vnni(vnni, simd)),
            (Some(simd), None, _) => Some(Self::Avx2(simd)),
            _ => None,
        }
    }

    /// Returns all that this machine supports, fastest or not. Says which it does not.
    #[cfg(test)]
    pub fn all() -> Vec<Self> {
        let avx2 = V3::try_new().map(Self::Avx2);
        let vnni = Vnni::try_new().zip(V4::try_new()).map(|(vnni, simd)| Self::Vnni(vnni, simd));
        for (what, processor) in [("AVX2", avx2), ("AVX-512 with VNNI", vnni)] {
            if processor.is_none() {
                serfiq_skips::skip(&format!("products of integers in {what}"), "this processor has no such vectors");
            }
        }
        [avx2, vnni].into_iter().flatten().collect()
    }

    /// Writes some rows of the output.
    pub fn run(self, weights: &QuantisedWeights, rows: Rows) {
        match self {
            Self::Avx2(simd) => simd.vectorize(Run { simd, weights, rows }),
            Self::Vnni(vnni, simd) => vnni.vectorize(Run { simd, weights, rows }),
        }
    }
}

/// Operations on a processor's vectors.
trait Integers: Simd {
    /// Pairs of 16-bit integers, or 32-bit sums.
    type Words: Copy + Debug + Pod;
    type Floats: Copy + Debug + Pod;

    fn splat(self, word: i32) -> Self::Words;
    /// Adds the two products of a pair in `a` and one in `b` to each sum.
    fn add_products(self, sums: Self::Words, a: Self::Words, b: Self::Words) -> Self::Words;
    fn to_floats(self, sums: Self::Words) -> Self::Floats;

    fn splat_float(self, value: f32) -> Self::Floats;
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn multiply(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a b + c`.
    fn multiply_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    fn divide(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The larger value; the second where either is NaN.
    fn larger(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The larger of a magnitude and that of a value, compared as bits: infinity and NaN are larger than every number.
    fn larger_magnitude(self, magnitude: Self::Words, value: Self::Floats) -> Self::Words;
    /// Pairs the lower halves of two numbers' words.
    fn pair(self, first: Self::Floats, second: Self::Floats) -> Self::Words;
}

impl Integers for V3 {
    type Words = __m256i;
    type Floats = __m256;

    #[inline(always)]
    fn splat(self, word: i32) -> __m256i {
        self.avx._mm256_set1_epi32(word)
    }

    #[inline(always)]
    fn add_products(self, sums: __m256i, a: __m256i, b: __m256i) -> __m256i {
        self.avx2._mm256_add_epi32(sums, self.avx2._mm256_madd_epi16(a, b))
    }

    #[inline(always)]
    fn to_floats(self, sums: __m256i) -> __m256 {
        self.avx._mm256_cvtepi32_ps(sums)
    }

    #[inline(always)]
    fn splat_float(self, value: f32) -> __m256 {
        self.avx._mm256_set1_ps(value)
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_add_ps(a, b)
    }

    #[inline(always)]
    fn multiply(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_mul_ps(a, b)
    }

    #[inline(always)]
    fn multiply_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        self.fma._mm256_fmadd_ps(a, b, c)
    }

    #[inline(always)]
    fn divide(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_div_ps(a, b)
    }

    #[inline(always)]
    fn larger(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_max_ps(a, b)
    }

    #[inline(always)]
    fn larger_magnitude(self, magnitude: __m256i, value: __m256) -> __m256i {
        let value = self.avx2._mm256_and_si256(self.avx._mm256_castps_si256(value), self.splat(i32::MAX));
        self.avx2._mm256_max_epi32(magnitude, value)
    }

    #[inline(always)]
    fn pair(self, first: __m256, second: __m256) -> __m256i {
        let [first, second] = [self.avx._mm256_castps_si256(first), self.avx._mm256_castps_si256(second)];
        let first = self.avx2._mm256_and_si256(first, self.splat(0xffff));
        self.avx2._mm256_or_si256(first, self.avx2._mm256_slli_epi32::<16>(second))
    }
}

impl Integers for V4 {
    type Words = __m512i;
    type Floats = __m512;

    #[inline(always)]
    fn splat(self, word: i32) -> __m512i {
        self.avx512f._mm512_set1_epi32(word)
    }

    #[inline(always)]
    fn add_products(self, sums: __m512i, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_add_epi32(sums, self.avx512bw._mm512_madd_epi16(a, b))
    }

    #[inline(always)]
    fn to_floats(self, sums: __m512i) -> __m512 {
        self.avx512f._mm512_cvtepi32_ps(sums)
    }

    #[inline(always)]
    fn splat_float(self, value: f32) -> __m512 {
        self.avx512f._mm512_set1_ps(value)
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_add_ps(a, b)
    }

    #[inline(always)]
    fn multiply(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_mul_ps(a, b)
    }

    #[inline(always)]
    fn multiply_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        self.avx512f._mm512_fmadd_ps(a, b, c)
    }

    #[inline(always)]
    fn divide(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_div_ps(a, b)
    }

    #[inline(always)]
    fn larger(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_max_ps(a, b)
    }

    #[inline(always)]
    fn larger_magnitude(self, magnitude: __m512i, value: __m512) -> __m512i {
        let value = self.avx512f._mm512_and_si512(self.avx512f._mm512_castps_si512(value), self.splat(i32::MAX));
        self.avx512f._mm512_max_epi32(magnitude, value)
    }

    #[inline(always)]
    fn pair(self, first: __m512, second: __m512) -> __m512i {
        let [first, second] = [self.avx512f._mm512_castps_si512(first), self.avx512f._mm512_castps_si512(second)];
        let first = self.avx512f._mm512_and_si512(first, self.splat(0xffff));
        self.avx512f._mm512_or_si512(first, self.avx512f._mm512_slli_epi32::<16>(second))
    }
}

struct Run<'a, S> {
    simd: S,
    weights: &'a QuantisedWeights,
    rows: Rows<'a>,
}

impl<S: Integers> NullaryFnOnce for Run<'_, S> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.rows.run(self.simd, &Integer { weights: self.weights, zero: self.simd.splat(0) });
    }
}

/// Products of integers.
struct Integer<'a, S: Integers> {
    weights: &'a QuantisedWeights,
    zero: S::Words,
}

impl<S: Integers> MicroKernel<S> for Integer<'_, S> {
    /// A vector of a pair of channels.
    type Packed = S::Words;

    #[inline(always)]
    fn scratch(&self, vectors: usize) -> Vec<S::Words> {
        vec![self.zero; self.weights.pairs() * vectors]
    }

    #[inline(always)]
    fn pack<const V: usize>(
        &self,
        simd: S,
        rows: &Rows,
        first: usize,
        width: usize,
        packed: &mut [[S::Words; V]],
    ) -> [S::f32s; V] {
        let lengths = &self.weights.lengths;
        let mut largest = [self.zero; V];
        let Planes { values, stride } = rows.input;
        for (row, &length) in values.chunks(stride).zip(lengths) {
            let (values, length) = (load::<S, V>(simd, &row[first..first + width]), simd.splat_float(length));
            for vector in 0..V {
                largest[vector] = simd.larger_magnitude(largest[vector], simd.multiply(values[vector], length));
            }
        }
        let (most, magic) = (simd.splat_float(MAX_MAGNITUDE), simd.splat_float(MAGIC));
        let (mut factors, mut scales) = ([most; V], [simd.splat_f32s(0.0); V]);
        for vector in 0..V {
            // 1e-30 stands in if all values are too small to divide by.
            let largest = simd.larger(simd.splat_float(1e-30), bytemuck::cast(largest[vector]));
            factors[vector] = simd.divide(most, largest);
            // NaN if a value is infinite or NaN.
            let nothing = simd.multiply(largest, simd.splat_float(0.0));
            scales[vector] = bytemuck::cast(simd.add(simd.divide(largest, most), nothing));
        }
        let pairs = values.chunks(2 * stride).zip(lengths.chunks(2));
        for ((channels, lengths), packed) in pairs.zip(packed) {
            let even = load::<S, V>(simd, &channels[first..first + width]);
            let (odd, of_odd) = match channels.get(stride + first..stride + first + width) {
                Some(odd) => (load::<S, V>(simd, odd), lengths[1]),
                None => (even, 0.0),
            };
            let [of_even, of_odd] = [simd.splat_float(lengths[0]), simd.splat_float(of_odd)];
            for vector in 0..V {
                let [of_even, of_odd] = [simd.multiply(of_even, factors[vector]), simd.multiply(of_odd, factors[vector])];
                let even = simd.multiply_add(even[vector], of_even, magic);
                packed[vector] = simd.pair(even, simd.multiply_add(odd[vector], of_odd, magic));
            }
        }
        scales
    }

    #[inline(always)]
    fn product<const V: usize>(
        &self,
        simd: S,
        row: usize,
        packed: &[[S::Words; V]],
        scale: &[S::f32s; V],
    ) -> [[S::f32s; V]; ROWS] {
        let pairs = self.weights.pairs();
        let weights = &self.weights.words[row / ROWS * pairs..][..pairs];
        let mut totals = [[simd.splat_float(0.0); V]; ROWS];
        for (weights, values) in weights.chunks(PAIRS).zip(packed.chunks(PAIRS)) {
            let mut sums = [[self.zero; V]; ROWS];
            for (weights, values) in weights.iter().zip(values) {
                for row in 0..ROWS {
                    let weight = simd.splat(weights[row]);
                    for vector in 0..V {
                        sums[row][vector] = simd.add_products(sums[row][vector], values[vector], weight);
                    }
                }
            }
            for row in 0..ROWS {
                for vector in 0..V {
                    totals[row][vector] = simd.add(totals[row][vector], simd.to_floats(sums[row][vector]));
                }
            }
        }
        let mut products = [[simd.splat_f32s(0.0); V]; ROWS];
        for (index, (products, totals)) in products.iter_mut().zip(&totals).enumerate() {
            // Padding rows: the value is never read.
            let of_row = simd.splat_f32s(self.weights.scale.get(row + index).copied().unwrap_or(0.0));
            for vector in 0..V {
                products[vector] = simd.mul_f32s(bytemuck::cast(totals[vector]), simd.mul_f32s(scale[vector], of_row));
            }
        }
        products
    }
}

/// Loads values into vectors, padded with zeros.
#[inline(always)]
fn load<S: Integers, const V: usize>(simd: S, values: &[f32]) -> [S::Floats; V] {
    let mut vectors = [simd.splat_f32s(0.0); V];
    copy_vectors(simd, values, &mut vectors);
    let mut floats = [simd.splat_float(0.0); V];
    for vector in 0..V {
        floats[vector] = bytemuck::cast(vectors[vector]);
    }
    floats
}

//! Tiling of a product in the processor's widest vectors.
//!
//! Pixels are taken a few vectors at a time, and all their channels packed side by side first: the input's rows lie so far apart,
//! often by a power of two, that they would evict each other from the cache.
use pulp::Simd;

use super::{Planes, PlanesMut, ROWS};
use crate::{epilogue::ChannelEpilogue, vectors::write_vectors};

/// Some rows of the output.
pub(super) struct Rows<'a> {
    /// Index of the first row, a multiple of [`ROWS`].
    pub first: usize,
    pub epilogue: &'a [ChannelEpilogue],
    pub input: Planes<'a>,
    pub pixels: usize,
    pub output: PlanesMut<'a>,
}

/// Multiplies weights and pixels.
pub(super) trait MicroKernel<S: Simd> {
    /// A packed vector of pixels, of one channel or several.
    type Packed: Copy;

    /// Allocates room for all channels of `vectors` vectors of pixels.
    fn scratch(&self, vectors: usize) -> Vec<Self::Packed>;

    /// Packs `width` pixels of all channels, from `first` on; the last vector may reach beyond them. Returns the scale of each
    /// pixel's packed values.
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
    pub fn run<S: Simd, A: MicroKernel<S>>(mut self, simd: S, kernel: &A) {
        // Registers hold the sums, their operands, and one more value.
        let most = if S::REGISTER_COUNT >= 32 { 6 } else { 3 };
        let mut scratch = kernel.scratch(most);
        let vectors = self.pixels.div_ceil(S::F32_LANES);
        let tiles = vectors.div_ceil(most);
        let mut first = 0;
        for tile in 0..tiles {
            // As evenly as possible: a tile of a single vector takes as long as one of two.
            let width = (vectors * (tile + 1) / tiles * S::F32_LANES).min(self.pixels) - first;
            match width.div_ceil(S::F32_LANES) {
                1 => self.tile::<S, A, 1>(simd, kernel, first, width, &mut scratch),
                2 => self.tile::<S, A, 2>(simd, kernel, first, width, &mut scratch),
                3 => self.tile::<S, A, 3>(simd, kernel, first, width, &mut scratch),
                4 => self.tile::<S, A, 4>(simd, kernel, first, width, &mut scratch),
                5 => self.tile::<S, A, 5>(simd, kernel, first, width, &mut scratch),
                _ => self.tile::<S, A, 6>(simd, kernel, first, width, &mut scratch),
            }
            first += width;
        }
    }

    #[inline(always)]
    fn tile<S: Simd, A: MicroKernel<S>, const V: usize>(
        &mut self,
        simd: S,
        kernel: &A,
        first: usize,
        width: usize,
        scratch: &mut [A::Packed],
    ) {
        let (packed, _) = scratch.as_chunks_mut::<V>();
        let scale = kernel.pack(simd, self, first, width, packed);
        let stride = self.output.stride;
        let rows = self.epilogue.chunks(ROWS).zip(self.output.values.chunks_mut(ROWS * stride));
        for (index, (epilogue, output)) in rows.enumerate() {
            let sums = kernel.product(simd, self.first + index * ROWS, packed, &scale);
            match epilogue.as_array::<ROWS>() {
                // No branch per row, because the compiler would keep the sums in memory around it.
                Some(epilogue) if width == V * S::F32_LANES => {
                    for row in 0..ROWS {
                        let output = &mut output[row * stride + first..][..width];
                        let (output, _) = S::as_mut_simd_f32s(output);
                        for vector in 0..V {
                            output[vector] = epilogue[row].of_vector(simd, sums[row][vector]);
                        }
                    }
                }
                _ => {
                    for ((sums, epilogue), output) in sums.iter().zip(epilogue).zip(output.chunks_mut(stride)) {
                        let mut values = *sums;
                        // Not a closure: closures do not inherit `target_feature`, so this would compile to baseline code.
                        for value in &mut values {
                            *value = epilogue.of_vector(simd, *value);
                        }
                        write_vectors(simd, &values, &mut output[first..first + width]);
                    }
                }
            }
        }
    }
}

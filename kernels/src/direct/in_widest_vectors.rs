//! In the widest vectors that the processor has, with fused multiplication where it has that.
use pulp::{Arch, Simd, WithSimd};

use super::Planes;

/// Output channels that share what they read, where a group has as many.
const ROWS: usize = 4;
/// Vectors of an output row that are summed at once, at most.
const VECTORS: usize = 4;

/// Values of a row that are read at once, at most: vectors have up to 16.
pub(super) const MOST_LANES: usize = 16;

/// The output channels of a group, from its planes and from the kernels and biases of these channels.
pub(super) fn convolve(planes: &Planes, weight: &[f32], bias: &[f32], output: &mut [f32]) {
    Arch::new().dispatch(Convolution { planes, weight, bias, output });
}

struct Convolution<'a> {
    planes: &'a Planes<'a>,
    weight: &'a [f32],
    bias: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Convolution<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { planes, weight, bias, output } = self;
        let taps = planes.offsets.len();
        let plane = planes.output[0] * planes.output[1];
        let whole = bias.len() / ROWS * ROWS;
        let (outputs, other_outputs) = output.split_at_mut(whole * plane);
        let (weights, other_weights) = weight.split_at(whole * taps);
        let (biases, other_biases) = bias.split_at(whole);
        let fours = weights.chunks_exact(ROWS * taps).zip(biases.as_chunks::<ROWS>().0);
        for (output, (weight, bias)) in outputs.chunks_exact_mut(ROWS * plane).zip(fours) {
            channels::<S, ROWS>(simd, planes, weight, bias, output);
        }
        let others = other_weights.chunks_exact(taps).zip(other_biases);
        for (output, (weight, bias)) in other_outputs.chunks_exact_mut(plane).zip(others) {
            channels::<S, 1>(simd, planes, weight, &[*bias], output);
        }
    }
}

/// Some output channels, row by row.
#[inline(always)]
fn channels<S: Simd, const R: usize>(simd: S, planes: &Planes, weight: &[f32], bias: &[f32; R], output: &mut [f32]) {
    let [height, width] = planes.output;
    for y in 0..height {
        let mut x = 0;
        while x < width {
            let vectors = (width - x).div_ceil(S::F32_LANES).min(VECTORS);
            let values = &planes.from_row(y)[x..];
            let at = y * width + x..y * width + width.min(x + vectors * S::F32_LANES);
            match vectors {
                1 => part::<S, R, 1>(simd, planes, values, weight, bias, output, at),
                2 => part::<S, R, 2>(simd, planes, values, weight, bias, output, at),
                3 => part::<S, R, 3>(simd, planes, values, weight, bias, output, at),
                _ => part::<S, R, VECTORS>(simd, planes, values, weight, bias, output, at),
            }
            x += vectors * S::F32_LANES;
        }
    }
}

/// A part of a row.
#[inline(always)]
fn part<S: Simd, const R: usize, const V: usize>(
    simd: S,
    planes: &Planes,
    values: &[f32],
    weight: &[f32],
    bias: &[f32; R],
    output: &mut [f32],
    at: std::ops::Range<usize>,
) {
    let (taps, lanes) = (planes.offsets.len(), V * S::F32_LANES);
    let mut sums = bias.map(|bias| [simd.splat_f32s(bias); V]);
    for (tap, &offset) in planes.offsets.iter().enumerate() {
        let (values, _) = S::as_simd_f32s(&values[offset..offset + lanes]);
        for (row, sums) in sums.iter_mut().enumerate() {
            let weight = simd.splat_f32s(weight[row * taps + tap]);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = simd.mul_add_e_f32s(weight, *value, *sum);
            }
        }
    }
    let plane = output.len() / R;
    for (sums, output) in sums.iter().zip(output.chunks_exact_mut(plane)) {
        let sums: &[f32] = bytemuck::cast_slice(sums);
        let width = at.len();
        output[at.clone()].copy_from_slice(&sums[..width]);
    }
}

//! Convolutions in the processor's widest vectors, with fused multiply-add where available.
use pulp::{Arch, Simd, WithSimd};

use super::{Band, CHANNELS};
use crate::{epilogue::ChannelEpilogue, vectors::write_vectors};

/// Maximum number of an output row's vectors summed at once.
const VECTORS: usize = 4;

/// Writes the band's rows of some output channels, given their kernels and epilogues.
pub(crate) fn convolve(band: &Band, weight: &[f32], epilogue: &[ChannelEpilogue], output: &mut [f32]) {
    Arch::new().dispatch(Convolution { band, weight, epilogue, output });
}

struct Convolution<'a> {
    band: &'a Band<'a>,
    weight: &'a [f32],
    epilogue: &'a [ChannelEpilogue],
    output: &'a mut [f32],
}

impl WithSimd for Convolution<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { band, weight, epilogue, output } = self;
        let (taps, plane) = (band.offsets.len(), band.output[0] * band.output[1]);
        let (together, alone) = epilogue.as_chunks::<CHANNELS>();
        let (weight_together, weight_alone) = weight.split_at(together.len() * CHANNELS * taps);
        let (output_together, output_alone) = output.split_at_mut(together.len() * CHANNELS * plane);
        let parameters = weight_together.chunks_exact(CHANNELS * taps).zip(together);
        for ((weight, epilogue), output) in parameters.zip(output_together.chunks_exact_mut(CHANNELS * plane)) {
            each_part(simd, band, weight, epilogue, output);
        }
        for ((weight, epilogue), output) in weight_alone.chunks_exact(taps).zip(alone).zip(output_alone.chunks_exact_mut(plane))
        {
            each_part(simd, band, weight, &[*epilogue], output);
        }
    }
}

/// Computes some output channels, a part of a row at a time.
#[inline(always)]
fn each_part<S: Simd, const C: usize>(
    simd: S,
    band: &Band,
    weight: &[f32],
    epilogue: &[ChannelEpilogue; C],
    output: &mut [f32],
) {
    let width = band.output[1];
    for (row, y) in band.rows.clone().enumerate() {
        let mut x = 0;
        while x < width {
            let vectors = (width - x).div_ceil(S::F32_LANES).min(VECTORS);
            let part =
                Part { values: &band.under_row(row)[x..], at: y * width + x, length: (width - x).min(vectors * S::F32_LANES) };
            match vectors {
                1 => part.sum::<S, C, 1, false>(simd, band, weight, epilogue, output),
                2 => part.sum::<S, C, 2, false>(simd, band, weight, epilogue, output),
                3 => part.sum::<S, C, 3, false>(simd, band, weight, epilogue, output),
                _ if part.length < VECTORS * S::F32_LANES => {
                    part.sum::<S, C, VECTORS, false>(simd, band, weight, epilogue, output)
                }
                _ => part.sum::<S, C, VECTORS, true>(simd, band, weight, epilogue, output),
            }
            x += vectors * S::F32_LANES;
        }
    }
}

/// A part of a row of the output.
struct Part<'a> {
    /// The values that the kernels cover, from the first one on.
    values: &'a [f32],
    /// Its offset within a channel.
    at: usize,
    length: usize,
}

impl Part<'_> {
    /// Sums whole vectors; the last one may reach beyond the part.
    #[inline(always)]
    fn sum<S: Simd, const C: usize, const V: usize, const WHOLE: bool>(
        &self,
        simd: S,
        band: &Band,
        weight: &[f32],
        epilogue: &[ChannelEpilogue; C],
        output: &mut [f32],
    ) {
        let (taps, lanes) = (band.offsets.len(), V * S::F32_LANES);
        let mut sums = [[simd.splat_f32s(0.0); V]; C];
        for (tap, &offset) in band.offsets.iter().enumerate() {
            let (values, _) = S::as_simd_f32s(&self.values[offset..offset + lanes]);
            for (channel, sums) in sums.iter_mut().enumerate() {
                let weight = simd.splat_f32s(weight[channel * taps + tap]);
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = simd.mul_add_e_f32s(weight, *value, *sum);
                }
            }
        }
        let [height, width] = band.output;
        for (channel, (sums, epilogue)) in sums.iter().zip(epilogue).enumerate() {
            let mut values = *sums;
            // Not a closure: closures do not inherit `target_feature`, so this would compile to baseline code.
            for value in &mut values {
                *value = epilogue.of_vector(simd, *value);
            }
            let output = &mut output[channel * height * width + self.at..];
            match WHOLE {
                true => S::as_mut_simd_f32s(&mut output[..lanes]).0.copy_from_slice(&values),
                false => write_vectors(simd, &values, &mut output[..self.length]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Direct, tests::run},
        *,
    };

    #[test]
    fn on_a_processor_whose_vectors_are_not_known_it_is_the_same() {
        let numbers = |n: usize| (0..n).map(|index| (index as f32 * 0.7).sin()).collect::<Vec<f32>>();
        let (channels, size) = (5, [9, 37]);
        let of = Direct {
            weight: numbers(channels * 2 * 9),
            epilogue: numbers(channels).into_iter().map(|bias| ChannelEpilogue::bias(bias).then_relu(0.5)).collect(),
            groups: 1,
            kernel: [3, 3],
            stride: [2, 2],
            padding: [[1, 1], [1, 1]],
        };
        let input = numbers(2 * size[0] * size[1]);
        let ours = run(&of, &input, size);
        let mut one_by_one = vec![0.0; ours.len()];
        let mut band = Band::new(&of, 2, size, of.output_size(size));
        for first in (0..band.output[0]).step_by(band.most_rows) {
            band.load(&input, first);
            Convolution { band: &band, weight: &of.weight, epilogue: &of.epilogue, output: &mut one_by_one }
                .with_simd(pulp::Scalar);
        }
        assert_eq!(ours.len(), one_by_one.len());
        assert!(ours.iter().zip(&one_by_one).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}

//! In the widest vectors that the processor has, with fused multiplication where it has that.
use pulp::{Arch, Simd, WithSimd};

use super::{CHANNELS, Planes};
use crate::{finish::Finish, vectors::write_vectors};

/// Vectors of an output row that are summed at once, at most.
const VECTORS: usize = 4;

/// The output channels of a group, made of its planes and of the kernels and finishes of these channels.
pub(super) fn convolve(planes: &Planes, weight: &[f32], finish: &[Finish], output: &mut [f32]) {
    Arch::new().dispatch(Convolution { planes, weight, finish, output });
}

struct Convolution<'a> {
    planes: &'a Planes<'a>,
    weight: &'a [f32],
    finish: &'a [Finish],
    output: &'a mut [f32],
}

impl WithSimd for Convolution<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { planes, weight, finish, output } = self;
        let (taps, plane) = (planes.offsets.len(), planes.output[0] * planes.output[1]);
        let (together, alone) = finish.as_chunks::<CHANNELS>();
        let (weight_together, weight_alone) = weight.split_at(together.len() * CHANNELS * taps);
        let (output_together, output_alone) = output.split_at_mut(together.len() * CHANNELS * plane);
        let parameters = weight_together.chunks_exact(CHANNELS * taps).zip(together);
        for ((weight, finish), output) in parameters.zip(output_together.chunks_exact_mut(CHANNELS * plane)) {
            each_part(simd, planes, weight, finish, output);
        }
        for ((weight, finish), output) in weight_alone.chunks_exact(taps).zip(alone).zip(output_alone.chunks_exact_mut(plane)) {
            each_part(simd, planes, weight, &[*finish], output);
        }
    }
}

/// Some output channels, in parts of their rows.
#[inline(always)]
fn each_part<S: Simd, const C: usize>(simd: S, planes: &Planes, weight: &[f32], finish: &[Finish; C], output: &mut [f32]) {
    let [height, width] = planes.output;
    for y in 0..height {
        let mut x = 0;
        while x < width {
            let vectors = (width - x).div_ceil(S::F32_LANES).min(VECTORS);
            let part =
                Part { values: &planes.under_row(y)[x..], at: y * width + x, length: (width - x).min(vectors * S::F32_LANES) };
            match vectors {
                1 => part.sum::<S, C, 1>(simd, planes, weight, finish, output),
                2 => part.sum::<S, C, 2>(simd, planes, weight, finish, output),
                3 => part.sum::<S, C, 3>(simd, planes, weight, finish, output),
                _ => part.sum::<S, C, VECTORS>(simd, planes, weight, finish, output),
            }
            x += vectors * S::F32_LANES;
        }
    }
}

/// A part of a row of the output.
struct Part<'a> {
    /// What the kernels cover, from its first value on.
    values: &'a [f32],
    /// Where in a channel it begins.
    at: usize,
    length: usize,
}

impl Part<'_> {
    /// In whole vectors, of which the last may reach beyond the part.
    #[inline(always)]
    fn sum<S: Simd, const C: usize, const V: usize>(
        &self,
        simd: S,
        planes: &Planes,
        weight: &[f32],
        finish: &[Finish; C],
        output: &mut [f32],
    ) {
        let (taps, lanes) = (planes.offsets.len(), V * S::F32_LANES);
        let mut sums = [[simd.splat_f32s(0.0); V]; C];
        for (tap, &offset) in planes.offsets.iter().enumerate() {
            let (values, _) = S::as_simd_f32s(&self.values[offset..offset + lanes]);
            for (channel, sums) in sums.iter_mut().enumerate() {
                let weight = simd.splat_f32s(weight[channel * taps + tap]);
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = simd.mul_add_e_f32s(weight, *value, *sum);
                }
            }
        }
        let [height, width] = planes.output;
        for (channel, (sums, finish)) in sums.iter().zip(finish).enumerate() {
            let mut values = *sums;
            // In no closure: it would be compiled without the processor's vectors.
            for value in &mut values {
                *value = finish.of_vector(simd, *value);
            }
            write_vectors(simd, &values, &mut output[channel * height * width + self.at..][..self.length]);
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
            finish: numbers(channels).into_iter().map(|bias| Finish::bias(bias).then_relu(0.5)).collect(),
            groups: 1,
            kernel: [3, 3],
            stride: [2, 2],
            padding: [[1, 1], [1, 1]],
        };
        let input = numbers(2 * size[0] * size[1]);
        let mut planes = Planes::new(&of, 2, size, of.output_size(size));
        planes.load(&input);
        let ours = run(&of, &input, size);
        let mut one_by_one = vec![0.0; ours.len()];
        Convolution { planes: &planes, weight: &of.weight, finish: &of.finish, output: &mut one_by_one }
            .with_simd(pulp::Scalar);
        assert_eq!(ours.len(), one_by_one.len());
        assert!(ours.iter().zip(&one_by_one).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}

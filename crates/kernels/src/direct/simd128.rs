//! Convolutions in the 128-bit vectors of browsers.
use wide::f32x4;

use super::{Band, MAX_LANES};
use crate::epilogue::ChannelEpilogue;

const LANES: usize = 4;
/// Vectors of an output row that are summed at once.
const VECTORS: usize = MAX_LANES / LANES;

/// Writes the band's rows of some output channels, given their kernels and epilogues.
pub(crate) fn convolve(band: &Band, weight: &[f32], epilogue: &[ChannelEpilogue], output: &mut [f32]) {
    let [height, width] = band.output;
    let kernels = weight.chunks_exact(band.offsets.len()).zip(epilogue);
    for (output, (kernel, &epilogue)) in output.chunks_exact_mut(height * width).zip(kernels) {
        for (y, row) in output[band.rows.start * width..band.rows.end * width].chunks_exact_mut(width).enumerate() {
            match (kernel.as_array(), band.offsets.as_array()) {
                (Some(kernel), Some(offsets)) => row_of_nine_taps(band.under_row(y), kernel, offsets, epilogue, row),
                _ => row_of_any_taps(band, kernel, epilogue, y, row),
            }
        }
    }
}

/// With nine taps, the kernel and the sums fit into the registers.
fn row_of_nine_taps(values: &[f32], kernel: &[f32; 9], offsets: &[usize; 9], epilogue: ChannelEpilogue, output: &mut [f32]) {
    let count = output.len().div_ceil(MAX_LANES);
    // Slices of equal length, so that one bounds check covers all.
    let taps = offsets.map(|offset| &values[offset..][..count * MAX_LANES].as_chunks::<MAX_LANES>().0[..count]);
    let kernel = kernel.map(f32x4::splat);
    for (index, output) in output.chunks_mut(MAX_LANES).enumerate() {
        let mut sums = [f32x4::ZERO; VECTORS];
        for (values, weight) in taps.iter().zip(&kernel) {
            let (values, _) = values[index].as_chunks::<LANES>();
            for (sum, values) in sums.iter_mut().zip(values) {
                *sum += f32x4::from(*values) * *weight;
            }
        }
        write(sums, epilogue, output);
    }
}

fn row_of_any_taps(band: &Band, kernel: &[f32], epilogue: ChannelEpilogue, y: usize, output: &mut [f32]) {
    let values = band.under_row(y);
    for (index, output) in output.chunks_mut(MAX_LANES).enumerate() {
        let mut sums = [f32x4::ZERO; VECTORS];
        for (&weight, offset) in kernel.iter().zip(&band.offsets) {
            let (values, _) = values[offset + index * MAX_LANES..][..MAX_LANES].as_chunks::<LANES>();
            let weight = f32x4::splat(weight);
            for (sum, values) in sums.iter_mut().zip(values) {
                *sum += f32x4::from(*values) * weight;
            }
        }
        write(sums, epilogue, output);
    }
}

#[inline(always)]
fn write(sums: [f32x4; VECTORS], epilogue: ChannelEpilogue, output: &mut [f32]) {
    let sums: [f32; MAX_LANES] = bytemuck::cast(sums.map(|sums| epilogue.of_four(sums)));
    // A copy whose length is known only at run time calls out of the module.
    match output.first_chunk_mut() {
        Some(output) => *output = sums,
        None => output.iter_mut().zip(sums).for_each(|(output, sum)| *output = sum),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::tests::{ROUNDING, convolutions, run},
        *,
    };

    proptest! {
        /// Compares the browser's code with this processor's widest vectors.
        #[test]
        fn every_shape_is_the_same_as_in_the_widest_vectors((of, input, size) in convolutions(1..4, 1..6)) {
            same(&of, &input, size)?;
        }

        #[test]
        fn so_is_every_shape_with_nine_taps((of, input, size) in convolutions(3..4, 3..4)) {
            same(&of, &input, size)?;
        }
    }

    fn same(of: &super::super::Direct, input: &[f32], size: [usize; 2]) -> Result<(), TestCaseError> {
        let expected = run(of, input, size);
        let taps = of.weight.len() / of.epilogue.len();
        let (inputs, group) = (taps / of.kernel[0] / of.kernel[1], of.epilogue.len() / of.groups);
        let mut band = Band::new(of, inputs, size, of.output_size(size));
        let mut ours = vec![0.0; expected.len()];
        let parts = ours.chunks_exact_mut(expected.len() / of.groups).zip(input.chunks_exact(input.len() / of.groups));
        for ((output, input), (weight, epilogue)) in parts.zip(of.weight.chunks(group * taps).zip(of.epilogue.chunks(group))) {
            for first in (0..band.output[0]).step_by(band.most_rows) {
                band.load(input, first);
                convolve(&band, weight, epilogue, output);
            }
        }
        for (a, b) in ours.iter().zip(&expected) {
            prop_assert!(f64::from((a - b).abs()) < 2.0 * ROUNDING, "{} and {}", a, b);
        }
        Ok(())
    }
}

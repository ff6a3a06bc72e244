//! In the vectors that browsers have.
use wide::f32x4;

use super::Planes;

const LANES: usize = 4;
/// Vectors of an output row that are summed at once.
const VECTORS: usize = 4;

/// Values of a row that are read at once.
pub(super) const MOST_LANES: usize = LANES * VECTORS;

/// The output channels of a group, from its planes and from the kernels and biases of these channels.
pub(super) fn convolve(planes: &Planes, weight: &[f32], bias: &[f32], output: &mut [f32]) {
    let [height, width] = planes.output;
    let kernels = weight.chunks_exact(planes.offsets.len()).zip(bias);
    for (output, (kernel, &bias)) in output.chunks_exact_mut(height * width).zip(kernels) {
        for (y, row) in output.chunks_exact_mut(width).enumerate() {
            convolve_row(planes, kernel, bias, y, row);
        }
    }
}

fn convolve_row(planes: &Planes, kernel: &[f32], bias: f32, y: usize, output: &mut [f32]) {
    let values = planes.from_row(y);
    for (index, output) in output.chunks_mut(MOST_LANES).enumerate() {
        let mut sums = [f32x4::splat(bias); VECTORS];
        for (&weight, offset) in kernel.iter().zip(&planes.offsets) {
            let (values, _) = values[offset + index * MOST_LANES..][..MOST_LANES].as_chunks::<LANES>();
            let weight = f32x4::splat(weight);
            for (sum, values) in sums.iter_mut().zip(values) {
                *sum += f32x4::from(*values) * weight;
            }
        }
        let sums: [f32; MOST_LANES] = bytemuck::cast(sums);
        // Copying a number of values that is known only at run time calls out of the module.
        match output.first_chunk_mut() {
            Some(output) => *output = sums,
            None => output.iter_mut().zip(sums).for_each(|(output, sum)| *output = sum),
        }
    }
}

//! In the vectors that browsers have.
use wide::f32x4;

use super::Planes;
use crate::finish::Finish;

const LANES: usize = 4;
/// Vectors of an output row that are summed at once.
const VECTORS: usize = 4;

/// Values of a row that are read at once.
pub(super) const MOST_LANES: usize = LANES * VECTORS;

/// Adds the output channels of a group, made of its planes and of the kernels and finishes of these channels.
pub(super) fn convolve(planes: &Planes, weight: &[f32], finish: &[Finish], output: &mut Vec<f32>) {
    let [height, width] = planes.output;
    let first = output.len();
    output.resize(first + finish.len() * height * width, 0.0);
    let output = &mut output[first..];
    let kernels = weight.chunks_exact(planes.offsets.len()).zip(finish);
    for (output, (kernel, &finish)) in output.chunks_exact_mut(height * width).zip(kernels) {
        for (y, row) in output.chunks_exact_mut(width).enumerate() {
            convolve_row(planes, kernel, finish, y, row);
        }
    }
}

fn convolve_row(planes: &Planes, kernel: &[f32], finish: Finish, y: usize, output: &mut [f32]) {
    let values = planes.under_row(y);
    for (index, output) in output.chunks_mut(MOST_LANES).enumerate() {
        let mut sums = [f32x4::ZERO; VECTORS];
        for (&weight, offset) in kernel.iter().zip(&planes.offsets) {
            let (values, _) = values[offset + index * MOST_LANES..][..MOST_LANES].as_chunks::<LANES>();
            let weight = f32x4::splat(weight);
            for (sum, values) in sums.iter_mut().zip(values) {
                *sum += f32x4::from(*values) * weight;
            }
        }
        let sums: [f32; MOST_LANES] = bytemuck::cast(sums.map(|sums| finish.of_four(sums)));
        // Copying a number of values that is known only at run time calls out of the module.
        match output.first_chunk_mut() {
            Some(output) => *output = sums,
            None => output.iter_mut().zip(sums).for_each(|(output, sum)| *output = sum),
        }
    }
}

//! Convolutions of each channel with a kernel of its own.
use wide::f32x4;

/// Lanes of the vectors.
const LANES: usize = 4;
/// Vectors of an output row that are summed at once.
const VECTORS: usize = 4;

/// A depthwise convolution: one input channel for each output channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Depthwise {
    /// Kernels, `[channels, kernel height, kernel width]`.
    pub weight: Vec<f32>,
    /// One for each channel.
    pub bias: Vec<f32>,
    /// Height and width of the kernels.
    pub kernel: [usize; 2],
    /// Down, across.
    pub stride: [usize; 2],
    /// Rows of zeros above and below, columns of zeros to the left and right.
    pub padding: [[usize; 2]; 2],
}

impl Depthwise {
    /// Height and width of the output for an input of this height and width.
    pub fn output_size(&self, input: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|axis| {
            let padded = input[axis] + self.padding[axis].iter().sum::<usize>();
            (padded.saturating_sub(self.kernel[axis])) / self.stride[axis] + 1
        })
    }

    /// The output, `[channels, output height, output width]`.
    #[inline(never)]
    pub fn run(&self, input: &[f32], size: [usize; 2]) -> Vec<f32> {
        let ([height, width], channels) = (size, self.bias.len());
        assert_eq!(input.len(), channels * height * width, "the input is not of {channels} channels of {height} x {width}");
        let [out_height, out_width] = self.output_size(size);
        let mut output = vec![0.0; channels * out_height * out_width];
        let mut rows = Rows::new(self, width, out_width);
        let taps = self.kernel[0] * self.kernel[1];
        let planes = input.chunks_exact(height * width).zip(output.chunks_exact_mut(out_height * out_width));
        for ((plane, output), (kernel, &bias)) in planes.zip(self.weight.chunks_exact(taps).zip(&self.bias)) {
            rows.load(plane);
            for (y, row) in output.chunks_exact_mut(out_width).enumerate() {
                rows.convolve(kernel, bias, y * self.stride[0], row);
            }
        }
        output
    }
}

/// A padded channel, its columns sorted by their remainder of the stride: what neighbouring outputs read then lies side by
/// side, whatever the stride.
struct Rows<'a> {
    of: &'a Depthwise,
    width: usize,
    /// `[padded height, stride, length]`.
    values: Vec<f32>,
    /// Columns of each remainder, with room for whole vectors.
    length: usize,
}

impl<'a> Rows<'a> {
    fn new(of: &'a Depthwise, width: usize, out_width: usize) -> Self {
        let length = out_width.next_multiple_of(LANES * VECTORS) + of.kernel[1];
        let columns = (width + of.padding[1].iter().sum::<usize>()).div_ceil(of.stride[1]);
        Self { of, width, values: Vec::new(), length: length.max(columns) }
    }

    /// Takes a channel. What surrounds it is zero from the start and stays so.
    fn load(&mut self, plane: &[f32]) {
        let (stride, [left, _]) = (self.of.stride[1], self.of.padding[1]);
        let row = stride * self.length;
        let height = plane.len() / self.width + self.of.padding[0].iter().sum::<usize>();
        self.values.resize(height * row, 0.0);
        let rows = self.values.chunks_exact_mut(row).skip(self.of.padding[0][0]);
        for (source, row) in plane.chunks_exact(self.width).zip(rows) {
            if stride == 1 {
                row[left..left + self.width].copy_from_slice(source);
                continue;
            }
            for (remainder, row) in row.chunks_exact_mut(self.length).enumerate() {
                // The first column at or after the padding that belongs here.
                let first = (left..left + stride).find(|column| column % stride == remainder).unwrap_or(left);
                let columns = source.iter().skip(first - left).step_by(stride);
                row[first / stride..].iter_mut().zip(columns).for_each(|(value, column)| *value = *column);
            }
        }
    }

    /// The row of the output whose kernels begin at `top`.
    fn convolve(&self, kernel: &[f32], bias: f32, top: usize, output: &mut [f32]) {
        let ([_, kernel_width], stride) = (self.of.kernel, self.of.stride[1]);
        for (index, output) in output.chunks_mut(LANES * VECTORS).enumerate() {
            let mut sums = [f32x4::splat(bias); VECTORS];
            for (dy, weights) in kernel.chunks_exact(kernel_width).enumerate() {
                let row = &self.values[(top + dy) * stride * self.length..][..stride * self.length];
                for (dx, &weight) in weights.iter().enumerate() {
                    let start = dx % stride * self.length + dx / stride + index * LANES * VECTORS;
                    let (values, _) = row[start..start + LANES * VECTORS].as_chunks::<LANES>();
                    let weight = f32x4::splat(weight);
                    for (sum, values) in sums.iter_mut().zip(values) {
                        *sum += f32x4::from(*values) * weight;
                    }
                }
            }
            let sums: [f32; LANES * VECTORS] = bytemuck::cast(sums);
            output.copy_from_slice(&sums[..output.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn convolutions() -> impl Strategy<Value = (Depthwise, Vec<f32>, [usize; 2])> {
        let sizes =
            (1..4_usize, [1..4_usize, 1..6], [1..4_usize, 1..4], [[0..3_usize, 0..3], [0..3, 0..3]], [5..40_usize, 5..40]);
        sizes.prop_flat_map(|(channels, kernel, stride, padding, size)| {
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            let weights = values(channels * kernel[0] * kernel[1]);
            (weights, values(channels), values(channels * size[0] * size[1]))
                .prop_map(move |(weight, bias, input)| (Depthwise { weight, bias, kernel, stride, padding }, input, size))
        })
    }

    /// By the definition.
    fn expected(of: &Depthwise, input: &[f32], [height, width]: [usize; 2]) -> Vec<f64> {
        let [out_height, out_width] = of.output_size([height, width]);
        let mut output = Vec::new();
        for channel in 0..of.bias.len() {
            for (y, x) in (0..out_height).flat_map(|y| (0..out_width).map(move |x| (y, x))) {
                let mut sum = f64::from(of.bias[channel]);
                for (dy, dx) in (0..of.kernel[0]).flat_map(|dy| (0..of.kernel[1]).map(move |dx| (dy, dx))) {
                    let row = (y * of.stride[0] + dy).checked_sub(of.padding[0][0]).filter(|row| *row < height);
                    let column = (x * of.stride[1] + dx).checked_sub(of.padding[1][0]).filter(|column| *column < width);
                    if let (Some(row), Some(column)) = (row, column) {
                        let weight = of.weight[(channel * of.kernel[0] + dy) * of.kernel[1] + dx];
                        sum += f64::from(input[(channel * height + row) * width + column]) * f64::from(weight);
                    }
                }
                output.push(sum);
            }
        }
        output
    }

    proptest! {
        #[test]
        fn every_shape_follows_the_definition((of, input, size) in convolutions()) {
            let (ours, expected) = (of.run(&input, size), expected(&of, &input, size));
            prop_assert_eq!(ours.len(), expected.len());
            for (a, b) in ours.iter().zip(&expected) {
                prop_assert!((f64::from(*a) - b).abs() < 1e-4, "{} and {}", a, b);
            }
        }
    }
}

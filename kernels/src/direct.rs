//! Convolutions in which every output channel reads few input channels: those of each channel with a kernel of its own, and
//! those of a picture. Computed by their definition: too little is summed for a product of matrices to pay.
#[cfg(any(target_family = "wasm", test))]
mod in_128_bits;
#[cfg(not(target_family = "wasm"))]
mod in_widest_vectors;

#[cfg(target_family = "wasm")]
use in_128_bits::convolve;
#[cfg(not(target_family = "wasm"))]
use in_widest_vectors::convolve;

use crate::{finish::Finish, parts};

/// Values of a row that are read at once, at most.
const MOST_LANES: usize = 16;
/// Output channels that share what they read, at most, where a group has as many.
const CHANNELS: usize = 4;

/// A convolution in groups of channels. The input channels are divided evenly among the groups, and so are the output channels,
/// in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Direct {
    /// Kernels, `[output channels, input channels of a group, kernel height, kernel width]`.
    pub weight: Vec<f32>,
    /// One for each output channel.
    pub finish: Vec<Finish>,
    /// How many groups the channels are divided into.
    pub groups: usize,
    /// Height and width of the kernels.
    pub kernel: [usize; 2],
    /// Down, across.
    pub stride: [usize; 2],
    /// Rows of zeros above and below, columns of zeros to the left and right.
    pub padding: [[usize; 2]; 2],
}

impl Direct {
    /// Height and width of the output for an input of this height and width.
    pub fn output_size(&self, input: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|axis| {
            let padded = input[axis] + self.padding[axis].iter().sum::<usize>();
            (padded.saturating_sub(self.kernel[axis])) / self.stride[axis] + 1
        })
    }

    /// Writes the output, `[output channels, output height, output width]`, for an input `[input channels, height, width]`.
    #[inline(never)]
    pub fn run(&self, input: &[f32], size: [usize; 2], output: &mut [f32]) {
        let ([height, width], channels) = (size, self.finish.len());
        let taps = self.weight.len() / channels;
        let inputs = taps / (self.kernel[0] * self.kernel[1]);
        assert_eq!(
            input.len(),
            self.groups * inputs * height * width,
            "the input is not {} times {inputs} channels of {height} x {width}",
            self.groups
        );
        let [out_height, out_width] = self.output_size(size);
        assert_eq!(
            output.len(),
            channels * out_height * out_width,
            "the output is not {channels} times {out_height} x {out_width}"
        );
        if output.is_empty() {
            return;
        }
        let groups = parts::size(self.groups, 1);
        let (group, plane) = (channels / self.groups, out_height * out_width);
        let part = input.chunks(groups * inputs * height * width).zip(self.weight.chunks(groups * group * taps));
        let part = part.zip(self.finish.chunks(groups * group)).zip(output.chunks_mut(groups * group * plane));
        parts::each(part, |(((input, weight), finish), output)| {
            let mut planes = Planes::new(self, inputs, size, [out_height, out_width]);
            let input = input.chunks_exact(inputs * height * width);
            let parameters = weight.chunks_exact(group * taps).zip(finish.chunks_exact(group));
            for ((input, (weight, finish)), output) in input.zip(parameters).zip(output.chunks_exact_mut(group * plane)) {
                planes.load(input);
                let channels = parts::size(group, CHANNELS);
                let weight = weight.chunks(channels * taps);
                let part = weight.zip(finish.chunks(channels)).zip(output.chunks_mut(channels * plane));
                parts::each(part, |((weight, finish), output)| convolve(&planes, weight, finish, output));
            }
        });
    }
}

/// The padded input channels of a group, their columns sorted by their remainder of the stride: what neighbouring outputs read
/// then lies side by side, whatever the stride.
struct Planes<'a> {
    of: &'a Direct,
    height: usize,
    width: usize,
    /// Height and width of the output.
    output: [usize; 2],
    /// `[input channel, padded height, stride, length]`.
    values: Vec<f32>,
    /// Columns of each remainder, with room for what is read at once.
    length: usize,
    /// Of each weight of a kernel: where its values begin, from the first that the kernel covers.
    offsets: Vec<usize>,
}

impl<'a> Planes<'a> {
    fn new(of: &'a Direct, inputs: usize, [height, width]: [usize; 2], output: [usize; 2]) -> Self {
        let ([kernel_height, kernel_width], stride) = (of.kernel, of.stride[1]);
        let [padded_height, padded_width] =
            [(height, 0), (width, 1)].map(|(n, axis)| n + of.padding[axis].iter().sum::<usize>());
        let length = (output[1].next_multiple_of(MOST_LANES) + kernel_width).max(padded_width.div_ceil(stride));
        let columns = (0..kernel_width).map(|dx| dx % stride * length + dx / stride);
        let rows = (0..inputs).flat_map(|input| (0..kernel_height).map(move |dy| input * padded_height + dy));
        let offsets = rows.flat_map(|row| columns.clone().map(move |column| row * stride * length + column)).collect();
        Self { of, height, width, output, values: vec![0.0; inputs * padded_height * stride * length], length, offsets }
    }

    /// What the kernels of a row of the output cover, from the first value on.
    fn under_row(&self, y: usize) -> &[f32] {
        &self.values[y * self.of.stride[0] * self.of.stride[1] * self.length..]
    }

    /// Takes the channels of a group. What surrounds them is zero from the start and stays so.
    fn load(&mut self, channels: &[f32]) {
        let (stride, [above, below], [left, _]) = (self.of.stride[1], self.of.padding[0], self.of.padding[1]);
        let row = stride * self.length;
        let planes = self.values.chunks_exact_mut(row * (above + self.height + below));
        for (source, plane) in channels.chunks_exact(self.height * self.width).zip(planes) {
            for (source, row) in source.chunks_exact(self.width).zip(plane.chunks_exact_mut(row).skip(above)) {
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
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::*;

    /// Random ones with kernels of such heights and widths.
    pub(super) fn convolutions(
        heights: Range<usize>,
        widths: Range<usize>,
    ) -> impl Strategy<Value = (Direct, Vec<f32>, [usize; 2])> {
        let channels = [1..4_usize, 1..4, 1..11];
        let sizes = (channels, [heights, widths], [1..4_usize, 1..4], [[0..3_usize, 0..3], [0..3, 0..3]], [5..40_usize, 5..40]);
        sizes.prop_flat_map(|([groups, inputs, outputs], kernel, stride, padding, size)| {
            let values = |n| prop::collection::vec(-2.0_f32..2.0, n);
            let weights = values(groups * outputs * inputs * kernel[0] * kernel[1]);
            (weights, values(groups * outputs), values(groups * inputs * size[0] * size[1])).prop_map(
                move |(weight, bias, input)| {
                    let finish =
                        bias.into_iter().map(|bias| Finish::bias(bias).then_relu(0.3).then_affine(0.5, bias)).collect();
                    (Direct { weight, finish, groups, kernel, stride, padding }, input, size)
                },
            )
        })
    }

    pub(super) fn run(of: &Direct, input: &[f32], size: [usize; 2]) -> Vec<f32> {
        // Every value is to be written.
        let mut output = vec![f32::NAN; of.finish.len() * of.output_size(size).iter().product::<usize>()];
        of.run(input, size, &mut output);
        output
    }

    /// By the definition.
    fn expected(of: &Direct, input: &[f32], [height, width]: [usize; 2]) -> Vec<f64> {
        let ([out_height, out_width], [kernel_height, kernel_width]) = (of.output_size([height, width]), of.kernel);
        let inputs = input.len() / height / width / of.groups;
        let mut output = Vec::new();
        for (channel, finish) in of.finish.iter().enumerate() {
            let first = channel / (of.finish.len() / of.groups) * inputs;
            for (y, x) in (0..out_height).flat_map(|y| (0..out_width).map(move |x| (y, x))) {
                let mut sum = 0.0;
                for tap in 0..inputs * kernel_height * kernel_width {
                    let (plane, dy, dx) =
                        (tap / kernel_width / kernel_height, tap / kernel_width % kernel_height, tap % kernel_width);
                    let row = (y * of.stride[0] + dy).checked_sub(of.padding[0][0]).filter(|row| *row < height);
                    let column = (x * of.stride[1] + dx).checked_sub(of.padding[1][0]).filter(|column| *column < width);
                    if let (Some(row), Some(column)) = (row, column) {
                        let weight = of.weight[channel * inputs * kernel_height * kernel_width + tap];
                        sum += f64::from(input[((first + plane) * height + row) * width + column]) * f64::from(weight);
                    }
                }
                output.push(f64::from(finish.of(sum as f32)));
            }
        }
        output
    }

    proptest! {
        #[test]
        fn every_shape_follows_the_definition((of, input, size) in convolutions(1..4, 1..6)) {
            let (ours, expected) = (run(&of, &input, size), expected(&of, &input, size));
            prop_assert_eq!(ours.len(), expected.len());
            for (a, b) in ours.iter().zip(&expected) {
                prop_assert!((f64::from(*a) - b).abs() < 1e-4, "{} and {}", a, b);
            }
        }
    }
}

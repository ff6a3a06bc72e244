//! Convolutions whose output channels each read few input channels: depthwise ones, and those of a picture. Computed straight from the
//! definition, because the sums are too short for a matrix product to pay off.
#[cfg(not(target_family = "wasm"))]
mod depthwise;
#[cfg(any(target_family = "wasm", test))]
mod simd128;
#[cfg(not(target_family = "wasm"))]
mod widest;

use std::ops::Range;

#[cfg(target_family = "wasm")]
use simd128::convolve;
#[cfg(not(target_family = "wasm"))]
use widest::convolve;

use crate::{epilogue::ChannelEpilogue, parts};

/// Maximum number of a row's values read at once.
const MAX_LANES: usize = 16;
/// Input values held at once: part of the L1 cache, which has 32 kB or more.
const BAND: usize = 5 << 10;
/// Minimum number of output rows that share their reads.
const MIN_ROWS: usize = 4;
/// Maximum number of output channels that share their reads, if a group has that many.
const CHANNELS: usize = 4;

/// A grouped convolution. Input and output channels are divided evenly among the groups, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Direct {
    /// Kernels, `[output channels, input channels of a group, kernel height, kernel width]`.
    pub weight: Vec<f32>,
    /// One for each output channel.
    pub epilogue: Vec<ChannelEpilogue>,
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

    /// Rows of the padded input that `rows` rows of the output read.
    pub(crate) fn rows_read(&self, rows: usize) -> usize {
        (rows - 1) * self.stride[0] + self.kernel[0]
    }

    /// Writes the output, `[output channels, output height, output width]`, for an input `[input channels, height, width]`.
    #[inline(never)]
    pub fn run(&self, input: &[f32], size: [usize; 2], output: &mut [f32]) {
        let ([height, width], channels) = (size, self.epilogue.len());
        let taps = self.weight.len() / channels;
        let inputs = taps / (self.kernel[0] * self.kernel[1]);
        assert_eq!(
            input.len(),
            self.groups * inputs * height * width,
            "the input is not {} times {inputs} channels of {height} x {width}",
            self.groups
        );
        let [out_height, out_width] = self.output_size(size);
        check_output(output, channels, [out_height, out_width]);
        if output.is_empty() {
            return;
        }
        let group = channels / self.groups;
        // Channels of a part: whole groups, or some of a single group. A single group gets no more parts than threads, because each part
        // copies the input.
        let part = match self.groups {
            1 => group.div_ceil(parts::threads()).next_multiple_of(CHANNELS),
            groups => parts::size(groups, 1) * group,
        };
        let plane = out_height * out_width;
        let parameters = self.weight.chunks(part * taps).zip(self.epilogue.chunks(part));
        parts::each(parameters.zip(output.chunks_mut(part * plane)).enumerate(), |(index, ((weight, epilogue), output))| {
            let mut groups = Groups::new(self, inputs, size, [out_height, out_width]);
            let input = input[index * part / group * inputs * height * width..].chunks_exact(inputs * height * width);
            let parameters = weight.chunks(group * taps).zip(epilogue.chunks(group));
            for ((input, (weight, epilogue)), output) in input.zip(parameters).zip(output.chunks_mut(group * plane)) {
                groups.convolve(input, weight, epilogue, output);
            }
        });
    }
}

/// Convolves one group after another, all in the same memory.
pub(crate) enum Groups<'a> {
    /// From the rows of the input. Holds a row of zeros, and the number of zero rows above the input.
    #[cfg(not(target_family = "wasm"))]
    Depthwise { zeros: Vec<f32>, above: usize },
    /// From a copy of a part of the input.
    Banded(Band<'a>),
}

impl<'a> Groups<'a> {
    /// For groups of so many input channels, of this height and width, and outputs of this height and width.
    pub(crate) fn new(of: &'a Direct, inputs: usize, size: [usize; 2], output: [usize; 2]) -> Self {
        #[cfg(not(target_family = "wasm"))]
        if inputs == 1 && of.groups == of.epilogue.len() && (of.kernel, of.stride, of.padding[1]) == ([3, 3], [1, 1], [1, 1]) {
            return Self::Depthwise { zeros: vec![0.0; size[1]], above: of.padding[0][0] };
        }
        Self::Banded(Band::new(of, inputs, size, output))
    }

    /// Writes the first rows of a group's output channels, as many as there is room for.
    pub(crate) fn convolve(&mut self, input: &[f32], weight: &[f32], epilogue: &[ChannelEpilogue], output: &mut [f32]) {
        match self {
            #[cfg(not(target_family = "wasm"))]
            Self::Depthwise { zeros, above } => {
                let ([kernel], [epilogue]) = (weight.as_chunks().0, epilogue) else {
                    unreachable!("a group of a depthwise convolution is a channel of nine weights");
                };
                depthwise::Channel { input, above: *above, zeros, kernel, epilogue: *epilogue }.convolve(output);
            }
            Self::Banded(band) => {
                band.output[0] = output.len() / epilogue.len() / band.output[1];
                for first in (0..band.output[0]).step_by(band.most_rows) {
                    band.load(input, first);
                    convolve(band, weight, epilogue, output);
                }
            }
        }
    }
}

/// Panics unless the output has the length of so many channels of this height and width.
pub(crate) fn check_output(output: &[f32], channels: usize, [height, width]: [usize; 2]) {
    assert_eq!(output.len(), channels * height * width, "the output is not {channels} times {height} x {width}");
}

/// The padded input that some output rows read, for the channels of one group: few enough values to stay in the L1 cache. Columns
/// are sorted by their remainder modulo the stride: neighbouring outputs then read neighbouring values, whatever the stride.
pub(crate) struct Band<'a> {
    of: &'a Direct,
    height: usize,
    width: usize,
    /// Height and width of the output.
    output: [usize; 2],
    /// Maximum number of output rows in a band.
    most_rows: usize,
    /// The band's output rows.
    rows: Range<usize>,
    /// `[input channel, rows that they read, stride, length]`.
    values: Vec<f32>,
    /// Number of columns of each remainder, rounded up for whole vectors.
    length: usize,
    /// Offset of each kernel weight's values from the first value that the kernel covers.
    offsets: Vec<usize>,
}

impl<'a> Band<'a> {
    fn new(of: &'a Direct, inputs: usize, [height, width]: [usize; 2], output: [usize; 2]) -> Self {
        let ([kernel_height, kernel_width], [down, across]) = (of.kernel, of.stride);
        let padded_width = width + of.padding[1].iter().sum::<usize>();
        let length = (output[1].next_multiple_of(MAX_LANES) + kernel_width).max(padded_width.div_ceil(across));
        let row = inputs * across * length;
        let most_rows = (BAND / row).saturating_sub(kernel_height) / down + 1;
        let most_rows = most_rows.clamp(MIN_ROWS, output[0].max(MIN_ROWS));
        let read = of.rows_read(most_rows);
        let columns = (0..kernel_width).map(|dx| dx % across * length + dx / across);
        let rows = (0..inputs).flat_map(|input| (0..kernel_height).map(move |dy| input * read + dy));
        let offsets = rows.flat_map(|row| columns.clone().map(move |column| row * across * length + column)).collect();
        Self { of, height, width, output, most_rows, rows: 0..0, values: vec![0.0; row * read], length, offsets }
    }

    /// The band from the first value that the kernels of an output row cover; `row` counts from the band's first row.
    fn under_row(&self, row: usize) -> &[f32] {
        &self.values[row * self.of.stride[0] * self.of.stride[1] * self.length..]
    }

    /// Loads a group's input for the output rows from `first` on. The padding columns on the left and right are zero from the
    /// start and stay so. Not inlined: within another function the compiler does not vectorise it.
    #[inline(never)]
    fn load(&mut self, channels: &[f32], first: usize) {
        let ([down, stride], above, left) = (self.of.stride, self.of.padding[0][0], self.of.padding[1][0]);
        self.rows = first..(first + self.most_rows).min(self.output[0]);
        let read = self.of.rows_read(self.rows.len());
        let row = stride * self.length;
        let planes = self.values.chunks_exact_mut(row * self.of.rows_read(self.most_rows));
        for (source, plane) in channels.chunks_exact(self.height * self.width).zip(planes) {
            for (y, row) in (first * down..).zip(plane.chunks_exact_mut(row).take(read)) {
                let Some(y) = y.checked_sub(above).filter(|y| *y < self.height) else {
                    row.fill(0.0);
                    continue;
                };
                let source = &source[y * self.width..][..self.width];
                if stride == 1 {
                    row[left..left + self.width].copy_from_slice(source);
                    continue;
                }
                sort_columns(source, left, stride, row);
            }
        }
    }
}

/// Writes `source` into a padded row, from column `left` on, with columns sorted by their remainder modulo the stride.
fn sort_columns(source: &[f32], left: usize, stride: usize, row: &mut [f32]) {
    let length = row.len() / stride;
    if stride == 2 {
        // The most common stride, in a form that the compiler vectorises.
        let (odd, source) = source.split_at((left % 2).min(source.len()));
        let (evens, odds) = row.split_at_mut(length);
        odd.iter().for_each(|odd| odds[left / 2] = *odd);
        let (pairs, last) = source.as_chunks::<2>();
        let first = left.div_ceil(2);
        for ((even, odd), pair) in evens[first..].iter_mut().zip(&mut odds[first..]).zip(pairs) {
            [*even, *odd] = *pair;
        }
        last.iter().for_each(|last| evens[first + pairs.len()] = *last);
        return;
    }
    for (remainder, row) in row.chunks_exact_mut(length).enumerate() {
        // The first column after the padding with this remainder.
        let first = (left..left + stride).find(|column| column % stride == remainder).unwrap_or(left);
        let columns = source.iter().skip(first - left).step_by(stride);
        row[first / stride..].iter_mut().zip(columns).for_each(|(value, column)| *value = *column);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Random convolutions with kernels of these sizes.
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
                    let epilogue = bias
                        .into_iter()
                        .map(|bias| ChannelEpilogue::bias(bias).then_relu(0.3).then_affine(0.5, bias))
                        .collect();
                    (Direct { weight, epilogue, groups, kernel, stride, padding }, input, size)
                },
            )
        })
    }

    pub(super) fn run(of: &Direct, input: &[f32], size: [usize; 2]) -> Vec<f32> {
        // Every value must be written.
        let mut output = vec![f32::NAN; of.epilogue.len() * of.output_size(size).iter().product::<usize>()];
        of.run(input, size, &mut output);
        output
    }

    /// Computed from the definition.
    fn expected(of: &Direct, input: &[f32], [height, width]: [usize; 2]) -> Vec<f64> {
        let ([out_height, out_width], [kernel_height, kernel_width]) = (of.output_size([height, width]), of.kernel);
        let inputs = input.len() / height / width / of.groups;
        let mut output = Vec::new();
        for (channel, epilogue) in of.epilogue.iter().enumerate() {
            let first = channel / (of.epilogue.len() / of.groups) * inputs;
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
                output.push(f64::from(epilogue.of(sum as f32)));
            }
        }
        output
    }

    /// The largest difference of two roundings of an output: a sum of at most 3 x 3 x 5 products of at most 4 is below 180, and each of its
    /// additions rounds by at most 2^-24 of that; the epilogue halves it.
    pub(super) const ROUNDING: f64 = 45.0 * 180.0 / 16_777_216.0 / 2.0;

    proptest! {
        #[test]
        fn every_shape_follows_the_definition((of, input, size) in convolutions(1..4, 1..6)) {
            let (ours, expected) = (run(&of, &input, size), expected(&of, &input, size));
            prop_assert_eq!(ours.len(), expected.len());
            for (a, b) in ours.iter().zip(&expected) {
                prop_assert!((f64::from(*a) - b).abs() < 2.0 * ROUNDING, "{} and {}", a, b);
            }
        }
    }

    /// Larger than one band.
    #[test]
    fn a_large_picture_follows_the_definition() {
        let numbers = |n: usize| (0..n).map(|index| (index as f32 * 0.7).sin()).collect::<Vec<f32>>();
        for (groups, kernel, stride) in [(2, [3, 3], [1, 1]), (1, [3, 3], [2, 2]), (2, [5, 2], [3, 2])] {
            let (size, channels) = ([83, 701], 6);
            let weight = numbers(channels * 2 / groups * kernel[0] * kernel[1]);
            let epilogue = numbers(channels).into_iter().map(|bias| ChannelEpilogue::bias(bias).then_relu(0.1)).collect();
            let padding = [[1, 1], [1, 2]];
            let of = Direct { weight, epilogue, groups, kernel, stride, padding };
            let input = numbers(2 * size[0] * size[1]);
            let (ours, expected) = (run(&of, &input, size), expected(&of, &input, size));
            assert_eq!(ours.len(), expected.len());
            assert!(ours.iter().zip(&expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-4), "stride {stride:?}");
        }
    }
}

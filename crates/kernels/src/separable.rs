//! A 1x1 convolution, the depthwise one after it, and perhaps a pooling, some rows at a time. The tensors between them are never written to
//! memory: the rows stay in the cache.
use std::ops::Range;

use crate::{
    direct::{Direct, Groups, check_output},
    parts,
    pointwise::{Planes, PlanesMut, Pointwise},
    pool::pool_plane,
};

/// Values between the two that are held at once: part of the L2 cache.
const HELD: usize = 96 << 10;

/// Two convolutions that are run as one.
#[derive(Debug, Clone)]
pub struct Separable {
    pointwise: Pointwise,
    /// Without padding above and below: those rows are held as zeros.
    depthwise: Direct,
    /// Rows of zeros above and below the rows between the two.
    padding: [usize; 2],
    has_pool: bool,
}

impl Separable {
    /// Joins the two; `None` if the second is not depthwise.
    pub fn join(pointwise: Pointwise, depthwise: Direct) -> Option<Self> {
        let channels = pointwise.channels_out();
        let is_depthwise = depthwise.groups == channels && depthwise.epilogue.len() == channels;
        let [padding, across] = depthwise.padding;
        let depthwise = Direct { padding: [[0; 2], across], ..depthwise };
        is_depthwise.then_some(Self { pointwise, depthwise, padding, has_pool: false })
    }

    /// Appends a 2 x 2 max pooling; an odd last row or column is left out. `None` if there is one already.
    pub fn with_pool(self) -> Option<Self> {
        (!self.has_pool).then_some(Self { has_pool: true, ..self })
    }

    /// Height and width of the depthwise convolution's output.
    fn convolved_size(&self, [height, width]: [usize; 2]) -> [usize; 2] {
        self.depthwise.output_size([height + self.padding[0] + self.padding[1], width])
    }

    /// Height and width of the output for an input of this height and width.
    pub fn output_size(&self, input: [usize; 2]) -> [usize; 2] {
        self.convolved_size(input).map(|side| if self.has_pool { side / 2 } else { side })
    }

    /// Writes the output, `[channels, output height, output width]`, for an input `[input channels, height, width]`.
    #[inline(never)]
    pub fn run(&self, input: &[f32], size: [usize; 2], output: &mut [f32]) {
        let channels = self.depthwise.groups;
        let [out_height, out_width] = self.output_size(size);
        check_output(output, channels, [out_height, out_width]);
        if output.is_empty() {
            return;
        }
        let [height, _] = self.convolved_size(size);
        let band = self.band_rows(size);
        let part = height.div_ceil(parts::threads()).next_multiple_of(band);
        // Rows of the output that a part writes, of each channel.
        let written = if self.has_pool { part / 2 } else { part } * out_width;
        let count = (out_height * out_width).div_ceil(written);
        let mut of_parts: Vec<Vec<&mut [f32]>> = (0..count).map(|_| Vec::with_capacity(channels)).collect();
        for plane in output.chunks_exact_mut(out_height * out_width) {
            of_parts.iter_mut().zip(plane.chunks_mut(written)).for_each(|(part, rows)| part.push(rows));
        }
        parts::each(of_parts.into_iter().enumerate(), |(index, mut planes)| {
            self.run_rows(input, size, index * part..height.min((index + 1) * part), &mut planes);
        });
    }

    /// Rows of the depthwise convolution's output that are computed at once: an even number.
    fn band_rows(&self, size: [usize; 2]) -> usize {
        let ([kernel, _], [stride, _]) = (self.depthwise.kernel, self.depthwise.stride);
        let held = HELD / (self.depthwise.groups * size[1]).max(1);
        let rows = held.saturating_sub(kernel) / stride + 1;
        rows.min(self.convolved_size(size)[0]).next_multiple_of(2)
    }

    /// Computes some rows of the depthwise convolution's output, pools them if there is a pooling, and writes them to the rows of each
    /// channel.
    fn run_rows(&self, input: &[f32], [height, width]: [usize; 2], rows: Range<usize>, planes: &mut [&mut [f32]]) {
        let Self { pointwise, depthwise, padding: [above, _], has_pool } = self;
        let (stride, [_, out_width]) = (depthwise.stride[0], self.convolved_size([height, width]));
        let band_rows = self.band_rows([height, width]);
        let held_rows = depthwise.rows_read(band_rows);
        let mut held = vec![0.0; planes.len() * held_rows * width];
        let mut groups = Groups::new(depthwise, 1, [held_rows, width], [band_rows, out_width]);
        let mut convolved = vec![0.0; if *has_pool { band_rows * out_width } else { 0 }];
        let taps = depthwise.weight.len() / planes.len();
        for first in rows.clone().step_by(band_rows) {
            let count = band_rows.min(rows.end - first);
            // The first held row, counted from the uppermost row of padding.
            let top = first * stride;
            // The last rows of a band are the first of the next.
            let kept = if first == rows.start { 0 } else { held_rows.saturating_sub(band_rows * stride) };
            let needed = depthwise.rows_read(count);
            let inside =
                above.saturating_sub(top).clamp(kept, needed)..(above + height).saturating_sub(top).clamp(kept, needed);
            for plane in held.chunks_exact_mut(held_rows * width) {
                plane.copy_within(plane.len() - kept * width.., 0);
                plane[kept * width..inside.start * width].fill(0.0);
                plane[inside.end * width..needed * width].fill(0.0);
            }
            if !inside.is_empty() {
                let from = Planes { values: &input[(top + inside.start - above) * width..], stride: height * width };
                let to = PlanesMut { values: &mut held[inside.start * width..], stride: held_rows * width };
                pointwise.run_part(from, inside.len() * width, to);
            }
            let parameters = depthwise.weight.chunks_exact(taps).zip(depthwise.epilogue.chunks(1));
            for ((held, (weight, epilogue)), plane) in
                held.chunks_exact(held_rows * width).zip(parameters).zip(planes.iter_mut())
            {
                let at = (first - rows.start) * out_width;
                let target = match has_pool {
                    true => &mut convolved[..count * out_width],
                    false => &mut plane[at..at + count * out_width],
                };
                groups.convolve(held, weight, epilogue, target);
                if *has_pool {
                    let at = (first - rows.start) / 2 * (out_width / 2);
                    pool_plane(&convolved[..count * out_width], out_width, &mut plane[at..at + count / 2 * (out_width / 2)]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{epilogue::ChannelEpilogue, pool::max_pool_2x2};

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        (0..count).map(|index| ((index as u32).wrapping_add(seed) as f32 * 0.7).sin()).collect()
    }

    fn epilogues(channels: usize, seed: u32) -> Vec<ChannelEpilogue> {
        numbers(channels, seed).into_iter().map(|bias| ChannelEpilogue::bias(bias).then_relu(0.25)).collect()
    }

    /// One after the other.
    fn expected(pointwise: &Pointwise, depthwise: &Direct, has_pool: bool, input: &[f32], size: [usize; 2]) -> Vec<f32> {
        let channels = depthwise.groups;
        let mut between = vec![f32::NAN; channels * size[0] * size[1]];
        pointwise.run(input, &mut between);
        let [height, width] = depthwise.output_size(size);
        let mut convolved = vec![f32::NAN; channels * height * width];
        depthwise.run(&between, size, &mut convolved);
        if !has_pool {
            return convolved;
        }
        let mut pooled = vec![f32::NAN; channels * (height / 2) * (width / 2)];
        max_pool_2x2(&convolved, channels, [height, width], &mut pooled);
        pooled
    }

    #[track_caller]
    fn check(pointwise: Pointwise, depthwise: Direct, has_pool: bool, input: &[f32], size: [usize; 2]) {
        let expected = expected(&pointwise, &depthwise, has_pool, input, size);
        let mut joined = Separable::join(pointwise, depthwise).unwrap();
        if has_pool {
            joined = joined.with_pool().unwrap();
        }
        let mut output = vec![f32::NAN; expected.len()];
        joined.run(input, size, &mut output);
        assert!(output == expected, "joined and one after the other differ");
    }

    proptest! {
        /// To the last bit.
        #[test]
        fn together_they_are_as_one_after_the_other(
            (channels_in, channels) in (1..5_usize, 1..9_usize),
            size in prop::array::uniform2(3..40_usize),
            kernel in prop::array::uniform2(1..4_usize),
            stride in prop::array::uniform2(1..4_usize),
            padding in prop::array::uniform2(prop::array::uniform2(0..3_usize)),
            has_pool in any::<bool>(),
            seed in any::<u32>(),
        ) {
            let pointwise = Pointwise::new(&numbers(channels * channels_in, seed), epilogues(channels, seed));
            let weight = numbers(channels * kernel[0] * kernel[1], seed);
            let depthwise = Direct { weight, epilogue: epilogues(channels, seed), groups: channels, kernel, stride, padding };
            check(pointwise, depthwise, has_pool, &numbers(channels_in * size[0] * size[1], seed), size);
        }
    }

    /// Larger than one band; with each arithmetic of the products.
    #[test]
    fn a_large_picture_is_computed_band_by_band() {
        for (channels, size, stride, has_pool) in
            [(16, [131, 160], 1, true), (16, [97, 301], 2, false), (128, [67, 40], 1, false)]
        {
            let pointwise = Pointwise::new(&numbers(channels * 8, 1), epilogues(channels, 2));
            let depthwise = Direct {
                weight: numbers(channels * 9, 3),
                epilogue: epilogues(channels, 4),
                groups: channels,
                kernel: [3, 3],
                stride: [stride; 2],
                padding: [[1, 1], [1, 1]],
            };
            let joined = Separable::join(pointwise.clone(), depthwise.clone()).unwrap();
            assert!(joined.band_rows(size) * 2 < joined.convolved_size(size)[0], "three bands at least");
            check(pointwise, depthwise, has_pool, &numbers(8 * size[0] * size[1], 5), size);
        }
    }

    #[cfg(feature = "threads")]
    #[test]
    fn on_several_threads_it_is_the_same() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        for (height, has_pool) in [(131, true), (130, false), (3, true)] {
            let size = [height, 90];
            let pointwise = Pointwise::new(&numbers(16 * 8, 1), epilogues(16, 2));
            let (weight, epilogue) = (numbers(16 * 9, 3), epilogues(16, 4));
            let (kernel, padding) = ([3, 3], [[1, 1], [1, 1]]);
            let depthwise = Direct { weight, epilogue, groups: 16, kernel, stride: [1, 1], padding };
            pool.install(|| check(pointwise, depthwise, has_pool, &numbers(8 * height * 90, 5), size));
        }
    }

    #[test]
    fn only_a_depthwise_convolution_is_joined() {
        let pointwise = Pointwise::new(&numbers(8, 1), epilogues(4, 2));
        let dense = Direct {
            weight: numbers(16, 1),
            epilogue: epilogues(4, 1),
            groups: 1,
            kernel: [1, 1],
            stride: [1, 1],
            padding: [[0; 2]; 2],
        };
        assert!(Separable::join(pointwise, dense).is_none());
    }
}

//! Depthwise convolutions with 3 x 3 kernels, a stride of 1 and a column of zeros on either side, as most networks for faces have them.
//! Computed straight from the rows of the input, without a padded copy, in the processor's widest vectors.
use pulp::{Arch, Simd, WithSimd};

use crate::{
    epilogue::ChannelEpilogue,
    vectors::{copy_vectors, write_vectors},
};

/// Output rows that share their reads.
const ROWS: usize = 4;

/// A channel: its input, and how it is convolved.
pub(crate) struct Channel<'a> {
    /// Rows of values, one after another.
    pub(crate) input: &'a [f32],
    /// Number of zero rows above the first; all rows beyond the last are zero as well.
    pub(crate) above: usize,
    /// A row of zeros, as wide as the rows.
    pub(crate) zeros: &'a [f32],
    pub(crate) kernel: &'a [f32; 9],
    pub(crate) epilogue: ChannelEpilogue,
}

impl Channel<'_> {
    /// Writes the first rows of the output, as many as there is room for.
    pub(crate) fn convolve(self, output: &mut [f32]) {
        Arch::new().dispatch(Convolution { channel: self, output });
    }
}

struct Convolution<'a> {
    channel: Channel<'a>,
    output: &'a mut [f32],
}

impl WithSimd for Convolution<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Channel { input, above, zeros, kernel: weights, epilogue } = self.channel;
        let width = zeros.len();
        let mut kernel = [simd.splat_f32s(0.0); 9];
        for (splat, weight) in kernel.iter_mut().zip(weights) {
            *splat = simd.splat_f32s(*weight);
        }
        for (tile, output) in self.output.chunks_mut(ROWS * width).enumerate() {
            let mut rows = [zeros; ROWS + 2];
            for (index, row) in rows.iter_mut().enumerate() {
                let at = (tile * ROWS + index).checked_sub(above).map(|y| y * width);
                *row = at.and_then(|at| input.get(at..)).filter(|row| !row.is_empty()).unwrap_or(zeros);
            }
            match output.len() / width {
                1 => convolve_rows::<S, 1>(simd, &rows, &kernel, epilogue, output),
                2 => convolve_rows::<S, 2>(simd, &rows, &kernel, epilogue, output),
                3 => convolve_rows::<S, 3>(simd, &rows, &kernel, epilogue, output),
                _ => convolve_rows::<S, ROWS>(simd, &rows, &kernel, epilogue, output),
            }
        }
    }
}

/// Computes `R` rows from the `R + 2` that they read, each given with all that follows it.
#[inline(always)]
fn convolve_rows<S: Simd, const R: usize>(
    simd: S,
    rows: &[&[f32]; ROWS + 2],
    kernel: &[S::f32s; 9],
    epilogue: ChannelEpilogue,
    output: &mut [f32],
) {
    let (lanes, width) = (S::F32_LANES, output.len() / R);
    if width <= lanes {
        return convolve_narrow_rows::<S, R>(simd, rows, kernel, epilogue, output);
    }
    let first = columns::<S, R, true, false>(simd, rows, 0, kernel, epilogue);
    write_columns::<S, R>(&first, output, 0);
    let mut x = lanes;
    while x + lanes < width {
        let sums = columns::<S, R, false, false>(simd, rows, x, kernel, epilogue);
        write_columns::<S, R>(&sums, output, x);
        x += lanes;
    }
    // Some columns are computed twice, which is faster than a part of a vector.
    let last = columns::<S, R, false, true>(simd, rows, width - lanes, kernel, epilogue);
    write_columns::<S, R>(&last, output, width - lanes);
}

/// Computes a vector of each of `R` rows, from column `x` on: the `FIRST` of a row, the `LAST`, or neither.
#[inline(always)]
fn columns<S: Simd, const R: usize, const FIRST: bool, const LAST: bool>(
    simd: S,
    rows: &[&[f32]; ROWS + 2],
    x: usize,
    kernel: &[S::f32s; 9],
    epilogue: ChannelEpilogue,
) -> [S::f32s; R] {
    let mut sums = [simd.splat_f32s(0.0); R];
    for (row, values) in rows.iter().enumerate().take(R + 2) {
        let middle = load(simd, &values[x..]);
        let left = if FIRST { on_the_left(simd, middle) } else { load(simd, &values[x - 1..]) };
        let right = if LAST { on_the_right(simd, middle) } else { load(simd, &values[x + 1..]) };
        add_taps::<S, R>(simd, row, [left, middle, right], kernel, &mut sums);
    }
    finish::<S, R>(simd, sums, epilogue)
}

/// Writes a vector to each row, from column `x` on.
#[inline(always)]
fn write_columns<S: Simd, const R: usize>(sums: &[S::f32s; R], output: &mut [f32], x: usize) {
    let width = output.len() / R;
    for row in 0..R {
        S::as_mut_simd_f32s(&mut output[row * width + x..][..S::F32_LANES]).0[0] = sums[row];
    }
}

/// Computes rows of at most one vector.
#[inline(always)]
fn convolve_narrow_rows<S: Simd, const R: usize>(
    simd: S,
    rows: &[&[f32]; ROWS + 2],
    kernel: &[S::f32s; 9],
    epilogue: ChannelEpilogue,
    output: &mut [f32],
) {
    let (lanes, width) = (S::F32_LANES, output.len() / R);
    let zero = simd.splat_f32s(0.0);
    let mut vectors = [zero; ROWS + 2];
    // All at once, because the compiler does not unroll a loop around a part of a vector.
    for (vector, row) in vectors.iter_mut().zip(rows).take(R + 2) {
        let mut loaded = [zero];
        copy_vectors(simd, &row[..lanes.min(row.len())], &mut loaded);
        *vector = loaded[0];
    }
    let mut sums = [zero; R];
    // What follows the row is the next one.
    let is_of_row = simd.mask_between_m32s(0, width as u32).mask();
    for (row, vector) in vectors.iter().enumerate().take(R + 2) {
        let middle = simd.select_f32s(is_of_row, *vector, zero);
        add_taps::<S, R>(simd, row, [on_the_left(simd, middle), middle, on_the_right(simd, middle)], kernel, &mut sums);
    }
    let sums = finish::<S, R>(simd, sums, epilogue);
    for (row, sum) in sums.iter().enumerate() {
        // What is written behind the row, the next one overwrites.
        let output = &mut output[row * width..];
        let length = lanes.min(output.len());
        write_vectors(simd, &[*sum], &mut output[..length]);
    }
}

/// Adds the products of an input row to the sums of the rows that it is a part of.
#[inline(always)]
fn add_taps<S: Simd, const R: usize>(
    simd: S,
    row: usize,
    left_middle_right: [S::f32s; 3],
    kernel: &[S::f32s; 9],
    sums: &mut [S::f32s; R],
) {
    for dx in 0..3 {
        for dy in 0..3 {
            if dy <= row && row < R + dy {
                sums[row - dy] = simd.mul_add_e_f32s(kernel[dy * 3 + dx], left_middle_right[dx], sums[row - dy]);
            }
        }
    }
}

#[inline(always)]
fn finish<S: Simd, const R: usize>(simd: S, mut sums: [S::f32s; R], epilogue: ChannelEpilogue) -> [S::f32s; R] {
    for sum in &mut sums {
        *sum = epilogue.of_vector(simd, *sum);
    }
    sums
}

/// The value on the left of each; a row begins with the first.
#[inline(always)]
fn on_the_left<S: Simd>(simd: S, values: S::f32s) -> S::f32s {
    let first = simd.mask_between_m32s(0, 1).mask();
    simd.select_f32s(first, simd.splat_f32s(0.0), simd.rotate_right_f32s(values, 1))
}

/// The value on the right of each; a row ends with the last.
#[inline(always)]
fn on_the_right<S: Simd>(simd: S, values: S::f32s) -> S::f32s {
    let last = S::F32_LANES as u32 - 1;
    simd.select_f32s(simd.mask_between_m32s(last, last + 1).mask(), simd.splat_f32s(0.0), simd.rotate_left_f32s(values, 1))
}

/// The first values as a vector.
#[inline(always)]
fn load<S: Simd>(_: S, values: &[f32]) -> S::f32s {
    S::as_simd_f32s(&values[..S::F32_LANES]).0[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|index| (index as f32 * 0.7).sin()).collect()
    }

    /// On the processor's widest vectors, on narrower ones, and one value at a time.
    #[test]
    fn every_width_follows_the_definition() {
        let kernel: [f32; 9] = numbers(9).try_into().unwrap();
        let epilogue = ChannelEpilogue::bias(0.3).then_relu(0.1);
        for (width, height, above) in (1..70).flat_map(|width| [(width, 1, 1), (width, 6, 1), (width, 7, 0), (width, 9, 1)]) {
            let (input, zeros) = (numbers(width * height), vec![0.0; width]);
            let rows = (height + 2 * above).saturating_sub(2);
            let at = |y: usize, x: usize| {
                let row = y.checked_sub(above).filter(|y| *y < height);
                let column = x.checked_sub(1).filter(|x| *x < width);
                row.zip(column).map_or(0.0, |(y, x)| input[y * width + x])
            };
            let expected = |place: usize| {
                let taps = (0..9).map(|tap| kernel[tap] * at(place / width + tap / 3, place % width + tap % 3));
                epilogue.of(taps.sum())
            };
            let channel = || Channel { input: &input, above, zeros: &zeros, kernel: &kernel, epilogue };
            let check = |run: &dyn Fn(Convolution)| {
                let mut output = vec![f32::NAN; rows * width];
                run(Convolution { channel: channel(), output: &mut output });
                for (place, found) in output.iter().enumerate() {
                    assert!((found - expected(place)).abs() < 1e-5, "{height} x {width}, value {place}: {found}");
                }
            };
            check(&|convolution| convolution.with_simd(pulp::Scalar));
            check(&|convolution| Arch::new().dispatch(convolution));
            #[cfg(target_arch = "x86_64")]
            match pulp::x86::V3::try_new() {
                Some(simd) => check(&|convolution| Simd::vectorize(simd, WithV3(simd, convolution))),
                None => serfiq_skips::skip("depthwise convolutions in AVX2", "this processor does not have it"),
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    struct WithV3<'a>(pulp::x86::V3, Convolution<'a>);

    #[cfg(target_arch = "x86_64")]
    impl pulp::NullaryFnOnce for WithV3<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            self.1.with_simd(self.0);
        }
    }
}

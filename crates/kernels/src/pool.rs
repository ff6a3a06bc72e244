//! Pooling and upsampling.
use wide::f32x4;

use crate::parts;

/// Writes the maximum of each block of two by two values, `[channels, height / 2, width / 2]`; an odd last row or column is left
/// out. NaN where one of the four is NaN.
#[inline(never)]
pub fn max_pool_2x2(input: &[f32], channels: usize, [height, width]: [usize; 2], output: &mut [f32]) {
    assert_eq!(input.len(), channels * height * width, "the input does not have {channels} channels of {height} x {width}");
    assert_eq!(
        output.len(),
        channels * (height / 2) * (width / 2),
        "the output does not have {channels} channels of half the size"
    );
    if output.is_empty() {
        return;
    }
    let part = parts::size(channels, 1);
    let inputs = input.chunks(part * height * width);
    parts::each(output.chunks_mut(part * (height / 2) * (width / 2)).zip(inputs), |(output, input)| {
        let planes = output.chunks_exact_mut((height / 2) * (width / 2)).zip(input.chunks_exact(height * width));
        planes.for_each(|(output, plane)| pool_plane(plane, width, output));
    });
}

/// Pools a channel whose rows have `width` values.
pub(crate) fn pool_plane(plane: &[f32], width: usize, output: &mut [f32]) {
    for (output, rows) in output.chunks_exact_mut(width / 2).zip(plane.chunks_exact(2 * width)) {
        let (above, below) = rows.split_at(width);
        pool_rows(above, below, output);
    }
}

/// Pools two rows of the input to a row of the output.
#[inline(always)]
fn pool_rows(above: &[f32], below: &[f32], output: &mut [f32]) {
    let (fours, rest) = output.as_chunks_mut::<4>();
    let (above, last_above) = above.split_at(fours.len() * 8);
    let (below, last_below) = below.split_at(fours.len() * 8);
    let four = |row: &[f32; 8], first: usize| f32x4::from([row[first], row[first + 1], row[first + 2], row[first + 3]]);
    for (output, (above, below)) in fours.iter_mut().zip(above.as_chunks::<8>().0.iter().zip(below.as_chunks::<8>().0)) {
        // Not a map over both: it is not inlined.
        let [a, b, c, d] = larger_of_fours(four(above, 0), four(below, 0)).to_array();
        let [e, f, g, h] = larger_of_fours(four(above, 4), four(below, 4)).to_array();
        *output = larger_of_fours([a, c, e, g].into(), [b, d, f, h].into()).to_array();
    }
    let pairs = last_above.as_chunks::<2>().0.iter().zip(last_below.as_chunks::<2>().0);
    for (output, ([a, b], [c, d])) in rest.iter_mut().zip(pairs) {
        *output = larger(larger(*a, *c), larger(*b, *d));
    }
}

/// Writes each value `across` times and each row `down` times, for rows of `width` values.
#[inline(never)]
pub fn repeat(input: &[f32], width: usize, [down, across]: [usize; 2], output: &mut [f32]) {
    assert_eq!(input.len() % width, 0, "the input does not consist of rows of {width} values");
    assert_eq!(output.len(), input.len() * down * across, "the output is not {down} x {across} times the input");
    let row = width * across;
    for (values, rows) in input.chunks_exact(width).zip(output.chunks_exact_mut(row * down)) {
        let (first, others) = rows.split_at_mut(row);
        match across {
            // The most common factor, in a form that the compiler vectorises.
            2 => first.as_chunks_mut().0.iter_mut().zip(values).for_each(|(repeated, value)| *repeated = [*value; 2]),
            _ => first.chunks_exact_mut(across).zip(values).for_each(|(repeated, value)| repeated.fill(*value)),
        }
        others.chunks_exact_mut(row).for_each(|other| other.copy_from_slice(first));
    }
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b || a.is_nan() { a } else { b }
}

#[inline(always)]
fn larger_of_fours(a: f32x4, b: f32x4) -> f32x4 {
    (a.simd_gt(b) | a.is_nan()).select(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_repeated() {
        let mut output = [0.0; 24];
        repeat(&[1.0, 2.0, 3.0, 4.0], 2, [2, 3], &mut output);
        let (first, second) = ([1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [3.0, 3.0, 3.0, 4.0, 4.0, 4.0]);
        assert_eq!(output, *[first, first, second, second].concat());
        let mut output = [0.0; 8];
        repeat(&[1.0, 2.0, 3.0, 4.0], 2, [1, 2], &mut output);
        assert_eq!(output, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn by_hand() {
        #[rustfmt::skip]
        let input = [
            1.0, 2.0, 5.0, 9.0, 0.0,
            4.0, 3.0, 7.0, 8.0, 0.0,
            -1.0, -2.0, -3.0, f32::NAN, 0.0,
            -3.0, -4.0, -3.0, 1.0, 0.0,
            9.0, 9.0, 9.0, 9.0, 9.0,
        ];
        let mut output = [0.0; 8];
        max_pool_2x2(&[input, input].concat(), 2, [5, 5], &mut output);
        assert_eq!(output[..3], [4.0, 9.0, -1.0]);
        assert!(output[3].is_nan());
        assert_eq!(output[4], 4.0);
    }
    /// Whole vectors of four, and a remainder, in two channels.
    #[test]
    fn wide_rows_are_pooled_alike() {
        let (channels, height, width) = (2, 5, 23);
        let mut input: Vec<f32> = (0..channels * height * width).map(|index| (index as f32 * 0.7).sin()).collect();
        for nan in [0, 9, 24, 60, 150] {
            input[nan] = f32::NAN;
        }
        let mut output = vec![0.0; channels * 2 * 11];
        max_pool_2x2(&input, channels, [height, width], &mut output);
        for (index, found) in output.iter().enumerate() {
            let (channel, row, column) = (index / 22, index / 11 % 2, index % 11);
            let at = |y: usize, x: usize| input[(channel * height + 2 * row + y) * width + 2 * column + x];
            let four = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
            match four.iter().any(|value| value.is_nan()) {
                true => assert!(found.is_nan(), "{index}"),
                false => assert_eq!(*found, four.into_iter().fold(f32::MIN, f32::max), "{index}"),
            }
        }
    }
}

//! Pooling and upsampling.
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
        let mut larger_of_rows = vec![0.0; width];
        let planes = output.chunks_exact_mut((height / 2) * (width / 2)).zip(input.chunks_exact(height * width));
        for (output, plane) in planes {
            for (output, rows) in output.chunks_exact_mut(width / 2).zip(plane.chunks_exact(2 * width)) {
                let (above, below) = rows.split_at(width);
                for (larger_one, (a, b)) in larger_of_rows.iter_mut().zip(above.iter().zip(below)) {
                    *larger_one = larger(*a, *b);
                }
                for (output, &[a, b]) in output.iter_mut().zip(larger_of_rows.as_chunks::<2>().0) {
                    *output = larger(a, b);
                }
            }
        }
    });
}

/// Writes each value `across` times and each row `down` times, for rows of `width` values.
#[inline(never)]
pub fn repeat(input: &[f32], width: usize, [down, across]: [usize; 2], output: &mut [f32]) {
    assert_eq!(input.len() % width, 0, "the input does not consist of rows of {width} values");
    assert_eq!(output.len(), input.len() * down * across, "the output is not {down} x {across} times the input");
    let row = width * across;
    for (values, rows) in input.chunks_exact(width).zip(output.chunks_exact_mut(row * down)) {
        let (first, others) = rows.split_at_mut(row);
        first.chunks_exact_mut(across).zip(values).for_each(|(repeated, value)| repeated.fill(*value));
        others.chunks_exact_mut(row).for_each(|other| other.copy_from_slice(first));
    }
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b || a.is_nan() { a } else { b }
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
}

//! An affine map of all values of an input, such as a convolution whose kernel covers all of it. In floats, in the same order on every
//! processor: the results are the same to the last bit.
use wide::f32x4;

use crate::{epilogue::ChannelEpilogue, parts};

const LANES: usize = 4;
/// Independent partial sums of a row.
const VECTORS: usize = 4;
const STEP: usize = LANES * VECTORS;

/// Writes the output, `[epilogue.len()]`, for weights `[epilogue.len(), input.len()]`.
#[inline(never)]
pub fn run(weight: &[f32], epilogue: &[ChannelEpilogue], input: &[f32], output: &mut [f32]) {
    assert_eq!(
        weight.len(),
        epilogue.len() * input.len(),
        "the weights do not have {} rows of the input's length",
        epilogue.len()
    );
    assert_eq!(output.len(), epilogue.len(), "the output does not have {} values", epilogue.len());
    if output.is_empty() || input.is_empty() {
        output.iter_mut().zip(epilogue).for_each(|(value, epilogue)| *value = epilogue.of(0.0));
        return;
    }
    let rows = parts::size(epilogue.len(), 1);
    let parts = output.chunks_mut(rows).zip(epilogue.chunks(rows)).zip(weight.chunks(rows * input.len()));
    parts::each(parts, |((output, epilogue), weight)| {
        for ((value, epilogue), row) in output.iter_mut().zip(epilogue).zip(weight.chunks_exact(input.len())) {
            *value = epilogue.of(product(row, input));
        }
    });
}

#[inline(always)]
fn product(row: &[f32], input: &[f32]) -> f32 {
    let ((row, last_of_row), (input, last)) = (row.as_chunks::<STEP>(), input.as_chunks::<STEP>());
    let mut sums = [f32x4::ZERO; VECTORS];
    for (row, input) in row.iter().zip(input) {
        for ((sum, row), input) in sums.iter_mut().zip(row.as_chunks::<LANES>().0).zip(input.as_chunks::<LANES>().0) {
            *sum += f32x4::from(*row) * f32x4::from(*input);
        }
    }
    let [a, b, c, d] = ((sums[0] + sums[1]) + (sums[2] + sums[3])).to_array();
    let rest: f32 = last_of_row.iter().zip(last).map(|(weight, value)| weight * value).sum();
    (a + b) + (c + d) + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_length_follows_the_definition(
            (rows, length) in (1..40_usize, 0..70_usize),
            seed in any::<u32>(),
        ) {
            let numbers = |count: usize, from: u32| -> Vec<f32> {
                (0..count).map(|index| ((index as u32).wrapping_mul(31).wrapping_add(from) as f32 * 0.7).sin()).collect()
            };
            let (weight, input) = (numbers(rows * length, seed), numbers(length, seed ^ 5));
            let epilogue: Vec<_> = numbers(rows, 9).into_iter().map(|bias| ChannelEpilogue::bias(bias).then_relu(0.5)).collect();
            let mut output = vec![f32::NAN; rows];
            run(&weight, &epilogue, &input, &mut output);
            for (row, (found, epilogue)) in output.iter().zip(&epilogue).enumerate() {
                let products = (0..length).map(|at| f64::from(weight[row * length + at]) * f64::from(input[at]));
                let expected = epilogue.of(products.sum::<f64>() as f32);
                // Less than 70 additions, each of which rounds by at most 2^-24 of 70.
                prop_assert!((found - expected).abs() < 3e-4, "{} and {}", found, expected);
            }
        }
    }
}

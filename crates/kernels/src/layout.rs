//! Moving values to other places, unchanged.

/// Writes the values of `channels` planes pixel by pixel: from `[channels, pixels]` to `[pixels, channels]`.
#[inline(never)]
pub fn channels_last(input: &[f32], channels: usize, output: &mut [f32]) {
    assert_eq!(input.len(), output.len(), "input and output differ in size");
    assert_eq!(input.len() % channels, 0, "the input does not consist of {channels} planes");
    let plane = (input.len() / channels).max(1);
    for (channel, plane) in input.chunks_exact(plane).enumerate() {
        for (pixel, value) in output.chunks_exact_mut(channels).zip(plane) {
            pixel[channel] = *value;
        }
    }
}

/// Writes the input, and `value` behind it.
#[inline(never)]
pub fn append(input: &[f32], value: f32, output: &mut [f32]) {
    let (same, appended) = output.split_at_mut(input.len());
    same.copy_from_slice(input);
    appended.fill(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_become_the_last_axis() {
        let mut output = [0.0; 6];
        channels_last(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, &mut output);
        assert_eq!(output, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        channels_last(&[], 2, &mut []);
    }

    #[test]
    fn values_are_appended() {
        let mut output = [0.0; 5];
        append(&[1.0, 2.0, 3.0], 7.0, &mut output);
        assert_eq!(output, [1.0, 2.0, 3.0, 7.0, 7.0]);
    }
}

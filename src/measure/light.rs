//! How much light falls on a region of a frame.

use std::sync::LazyLock;

use serde::Serialize;

use crate::frame::Region;

/// Maximum columns and rows of the grid of sampled pixels: a mean needs no more.
const GRID: usize = 64;

/// Relative luminance from which a pixel counts as over-exposed, as in OFIQ, the reference implementation of ISO/IEC 29794-5.
const OVER_EXPOSED: f32 = 247.0 / 255.0;

/// The light on a region, by the definitions of ISO/IEC 29794-5.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Light {
    /// Mean relative luminance, 0 (black) to 1 (white). Linear in light, not in sample values: middle grey is 0.2.
    pub luminance: f32,
    /// Share of the pixels, 0 to 1, that are over-exposed: a relative luminance of 247/255 or more.
    pub over_exposed: f32,
}

/// Measures the light on one region.
pub fn light(region: Region<'_>) -> Light {
    let Sums { weight, luminance, over_exposed } = sums(region);
    Light { luminance: luminance / weight, over_exposed: over_exposed / weight }
}

/// Mean relative luminance over several regions, 0 to 1; `None` for no region.
pub fn mean_luminance<'a>(regions: impl IntoIterator<Item = Region<'a>>) -> Option<f32> {
    let (weight, luminance) = regions.into_iter().map(sums).fold((0.0, 0.0), |(weight, luminance), region| {
        // A region's weight is its size, however many of its pixels are sampled.
        (weight + region.weight, luminance + region.luminance)
    });
    (weight > 0.0).then(|| luminance / weight)
}

struct Sums {
    weight: f32,
    luminance: f32,
    over_exposed: f32,
}

fn sums(region: Region<'_>) -> Sums {
    let (across, down) = (region.width().div_ceil(GRID), region.height().div_ceil(GRID));
    let weight = (across * down) as f32;
    let mut sums = Sums { weight: 0.0, luminance: 0.0, over_exposed: 0.0 };
    // Samples the middle of each cell: its first row and column would favour the top and left, most of all in a grid of one cell.
    for row in region.rows().skip(down / 2).step_by(down) {
        for pixel in row.as_chunks().0.iter().skip(across / 2).step_by(across) {
            let luminance = relative_luminance(*pixel);
            sums.weight += weight;
            sums.luminance += weight * luminance;
            sums.over_exposed += if luminance >= OVER_EXPOSED { weight } else { 0.0 };
        }
    }
    sums
}

/// The Y of CIE XYZ, 0 to 1, of an sRGB pixel (IEC 61966-2-1).
pub(super) fn relative_luminance(rgb: [u8; 3]) -> f32 {
    let [red, green, blue] = rgb.map(|sample| LINEAR[usize::from(sample)]);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// sRGB samples to linear light, 0 to 1.
pub(super) static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|sample| match sample as f32 / 255.0 {
        low if low <= 0.04045 => low / 12.92,
        value => ((value + 0.055) / 1.055).powf(2.4),
    })
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frame::Frame;

    fn grey(width: u32, height: u32, sample: impl Fn(u32, u32) -> u8) -> Frame {
        let rgb = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| [sample(x, y); 3]).collect();
        Frame::from_rgb(width, height, rgb).unwrap()
    }

    fn of(frame: &Frame) -> Light {
        light(Region::whole(frame))
    }

    #[test]
    fn luminance_is_of_light_not_of_samples() {
        // By sRGB's definition: 188 is half of the light, 118 the photographer's 18 % grey.
        for (sample, luminance) in [(0, 0.0), (10, 10.0 / 255.0 / 12.92), (118, 0.181), (188, 0.503), (255, 1.0)] {
            let found = of(&grey(5, 3, |_, _| sample));
            assert!((found.luminance - luminance).abs() < 1e-3, "{sample}: {found:?}");
        }
        let green = Frame::from_rgb(1, 1, vec![0, 255, 0]).unwrap();
        assert!((of(&green).luminance - 0.7152).abs() < 1e-6);
    }

    #[test]
    fn over_exposed_pixels_are_counted() {
        let quarter = grey(40, 10, |x, _| if x < 10 { 255 } else { 200 });
        assert!((of(&quarter).over_exposed - 0.25).abs() < 1e-6);
        assert_eq!(of(&grey(4, 4, |_, _| 250)).over_exposed, 0.0);
    }

    #[test]
    fn a_region_counts_by_its_size() {
        let frame = grey(100, 100, |_, y| if y < 90 { 0 } else { 255 });
        let [dark, light] = [[0.0, 0.0, 100.0, 90.0], [0.0, 90.0, 100.0, 10.0]].map(|bounds| Region::within(&frame, bounds));
        let mean = mean_luminance([dark, light].into_iter().flatten()).unwrap();
        assert!((mean - 0.1).abs() < 0.01, "{mean}");
        assert_eq!(mean_luminance([]), None);
    }

    proptest! {
        /// A ramp of light looks the same however large it is.
        #[test]
        fn size_does_not_matter(width in 1..400_u32, height in 1..400_u32) {
            let ramp = grey(width, height, |x, _| ((2 * x + 1) * 255 / (2 * width)) as u8);
            let found = of(&ramp);
            // The mean of sRGB's curve is 1.055 / 3.4, except for the straight part at its foot; a narrow ramp has few steps.
            let rough = 0.01 + 0.2 / width as f32;
            prop_assert!((found.luminance - 0.3103).abs() < rough, "{width} x {height}: {found:?}");
        }
    }
}

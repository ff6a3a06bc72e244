//! Colours in CIELAB.

use super::light::LINEAR;
use crate::frame::Region;

/// Maximum columns and rows of the grid of sampled pixels: a mean needs no more.
const GRID: usize = 32;
/// Linear sRGB to CIE XYZ, adapted to D50 by Bradford's method (Lindbloom), and D50's own XYZ.
const TO_XYZ: [[f64; 3]; 3] =
    [[0.436_074_7, 0.385_064_9, 0.143_080_4], [0.222_504_5, 0.716_878_6, 0.060_616_9], [0.013_932_2, 0.097_104_5, 0.714_173_3]];
const D50: [f64; 3] = [0.964_22, 1.0, 0.825_21];

/// How colourful the mean colour of a region is: its chroma in CIELAB. 0 is grey.
pub(super) fn chroma(region: Region<'_>) -> f64 {
    let (across, down) = (region.width().div_ceil(GRID), region.height().div_ceil(GRID));
    let (mut sum, mut count) = ([0.0; 2], 0.0);
    for row in region.rows().skip(down / 2).step_by(down) {
        for pixel in row.as_chunks::<3>().0.iter().skip(across / 2).step_by(across) {
            let [a, b] = lab(*pixel);
            sum = [sum[0] + a, sum[1] + b];
            count += 1.0;
        }
    }
    (sum[0] / count).hypot(sum[1] / count)
}

/// CIELAB's a and b, under D50.
pub(super) fn lab(pixel: [u8; 3]) -> [f64; 2] {
    let linear = pixel.map(|sample| f64::from(LINEAR[usize::from(sample)]));
    let [x, y, z] = [0, 1, 2].map(|row| {
        let value = TO_XYZ[row].iter().zip(linear).map(|(weight, value)| weight * value).sum::<f64>() / D50[row];
        // (6/29)^3, and the line that continues the curve below it.
        if value > 216.0 / 24_389.0 { value.cbrt() } else { (24_389.0 / 27.0 * value + 16.0) / 116.0 }
    });
    [500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    /// Reference values of CIELAB under D50, to a tenth.
    #[test]
    fn colours_by_hand() {
        for (pixel, expected) in
            [([255, 0, 0], [80.8, 69.9]), ([0, 0, 255], [68.3, -112.0]), ([255; 3], [0.0, 0.0]), ([0; 3], [0.0, 0.0])]
        {
            let found = lab(pixel);
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 0.1), "{pixel:?}: {found:?}");
        }
    }

    #[test]
    fn a_camera_without_colour_has_no_chroma() {
        let chroma_of = |pixel: [u8; 3]| chroma(Region::whole(&Frame::from_rgb(90, 70, pixel.repeat(90 * 70)).unwrap()));
        assert!(chroma_of([120; 3]) < 1e-3);
        // Skin: a of 12, b of 16.
        assert!((chroma_of([200, 160, 140]) - 20.0).abs() < 4.0);
    }
}

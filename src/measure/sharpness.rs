//! How sharp a region of a frame is.

use crate::frame::Region;

/// Columns and rows into which a region is divided, each cell the mean of the pixels that it covers. A smaller region is examined pixel by
/// pixel.
const GRID: usize = 64;

/// Cells over which the second blur averages, as in the paper.
const BLUR: usize = 9;

/// Sharpness of a region, from 0 (blurred) to 1: the share of the differences between neighbours that one more blur destroys. Takes the
/// lower value of the two directions, so that motion blur counts.
///
/// One minus the measure of Crété, Dolmiere, Ladret and Nicolas: "The blur effect: perception and estimation with a new no-reference
/// perceptual blur metric" (SPIE 6492, 2007). It is a ratio, so neither light nor contrast changes it. The number of cells is fixed, so
/// neither does the resolution, down to one pixel a cell. Noise counts as sharp; a region without differences, or with fewer than ten
/// pixels a side, counts as blurred.
pub fn sharpness(region: Region<'_>) -> f32 {
    let cells = Cells::of(region);
    let across = destroyed(cells.rows, cells.columns, |row, column| cells.grey[row][column]);
    let down = destroyed(cells.columns, cells.rows, |column, row| cells.grey[row][column]);
    across.min(down)
}

/// The share of the differences along `lines` of `length` cells that a blur destroys.
fn destroyed(lines: usize, length: usize, cell: impl Fn(usize, usize) -> f32) -> f32 {
    let (mut all, mut lost) = (0.0, 0.0);
    for line in 0..lines {
        // Only where both neighbours' means lie within the line.
        for at in BLUR / 2 + 1..length.saturating_sub(BLUR / 2) {
            let sharp = (cell(line, at) - cell(line, at - 1)).abs();
            // Two neighbouring means differ by the one cell that enters and the one that leaves.
            let blurred = (cell(line, at + BLUR / 2) - cell(line, at - BLUR / 2 - 1)).abs() / BLUR as f32;
            all += sharp;
            lost += (sharp - blurred).max(0.0);
        }
    }
    if all > 0.0 { lost / all } else { 0.0 }
}

/// A region in grey, scaled down.
struct Cells {
    /// 0 to 255.
    grey: [[f32; GRID]; GRID],
    rows: usize,
    columns: usize,
}

impl Cells {
    fn of(region: Region<'_>) -> Self {
        let (rows, columns) = (region.height().min(GRID), region.width().min(GRID));
        let mut grey = [[0.0; GRID]; GRID];
        // The same for every row: two divisions per pixel would take most of the time.
        let of_column: Vec<[(usize, f32); 2]> = (0..region.width()).map(|x| shares(x, columns, region.width())).collect();
        for (y, pixels) in region.rows().enumerate() {
            // Across first, then down: half the additions of both at once.
            let mut across = [0.0; GRID];
            for (pixel, of_column) in pixels.as_chunks().0.iter().zip(&of_column) {
                let value = luma(*pixel);
                for (column, share) in of_column {
                    across[*column] += value * share;
                }
            }
            for (row, share) in shares(y, rows, region.height()) {
                for (cell, across) in grey[row].iter_mut().zip(&across) {
                    *cell += across * share;
                }
            }
        }
        Self { grey, rows, columns }
    }
}

/// The two cells, of `cells`, that the pixel at `index` of `length` may cover, and its share of each.
fn shares(index: usize, cells: usize, length: usize) -> [(usize, f32); 2] {
    let first = index * cells / length;
    let end = (index + 1) * cells;
    // The part of the pixel's width, in cells, that extends beyond the first.
    let beyond = end.saturating_sub((first + 1) * length) as f32 / length as f32;
    let width = cells as f32 / length as f32;
    [(first, width - beyond), ((first + 1).min(cells - 1), beyond)]
}

/// The grey of ITU-R BT.601, 0 to 255, on which OFIQ, the reference implementation of ISO/IEC 29794-5, also measures sharpness.
fn luma([red, green, blue]: [u8; 3]) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}

#[cfg(test)]
mod tests {
    use image::{RgbImage, imageops};
    use proptest::prelude::*;

    use super::*;
    use crate::frame::Frame;

    fn grey(width: u32, height: u32, sample: impl Fn(u32, u32) -> u8) -> Frame {
        let rgb = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| [sample(x, y); 3]).collect();
        Frame::from_rgb(width, height, rgb).unwrap()
    }

    fn of(frame: &Frame) -> f32 {
        sharpness(Region::whole(frame))
    }

    /// Discs of many sizes, a tenth to a third of the side: edges in all directions.
    fn discs(side: u32) -> Frame {
        let unit = |value: u32| (f64::from(value) + 0.5) / f64::from(side);
        grey(side, side, |x, y| {
            let (x, y) = (unit(x), unit(y));
            let inside = |[cx, cy, radius]: [f64; 3]| (x - cx).hypot(y - cy) < radius;
            let level = [[0.3, 0.3, 0.2], [0.7, 0.65, 0.3], [0.75, 0.6, 0.12], [0.2, 0.8, 0.1]].map(inside);
            40 + 50 * level.into_iter().filter(|inside| *inside).count() as u8
        })
    }

    /// `sigma` as a share of the side.
    fn blurred(frame: &Frame, sigma: f32) -> Frame {
        let pixels = RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec()).unwrap();
        let pixels = imageops::blur(&pixels, sigma * frame.width() as f32);
        Frame::from_rgb(frame.width(), frame.height(), pixels.into_raw()).unwrap()
    }

    #[test]
    fn by_hand() {
        // Steps in both directions. The blur leaves a ninth of each; the eight ninths that it adds on either side are new differences, and
        // destroy none.
        let step = grey(40, 40, |x, y| if (x < 20) == (y < 20) { 50 } else { 150 });
        assert!((of(&step) - 8.0 / 9.0).abs() < 1e-4, "{}", of(&step));
        // A ramp stays a ramp.
        assert!(of(&grey(40, 40, |x, y| (2 * x + y) as u8)) < 1e-4);
        // Without differences in one direction, the result is 0.
        assert_eq!(of(&grey(40, 40, |x, _| if x < 20 { 50 } else { 150 })), 0.0);
        for (width, height) in [(1, 1), (9, 9), (9, 50), (1, 300)] {
            assert_eq!(of(&grey(width, height, |x, y| (x * 7 + y * 13) as u8)), 0.0);
        }
    }

    #[test]
    fn cells_are_means() {
        let frame = grey(96, 160, |x, y| (x + y) as u8);
        let cells = Cells::of(Region::whole(&frame));
        assert_eq!((cells.rows, cells.columns), (64, 64));
        // A cell covers 1.5 columns and 2.5 rows: the first, columns 0 and half of 1, rows 0, 1 and half of 2.
        let first = (0.0 + 0.5 * 1.0) / 1.5 + (0.0 + 1.0 + 0.5 * 2.0) / 2.5;
        let last = (0.5 * 94.0 + 95.0) / 1.5 + (0.5 * 157.0 + 158.0 + 159.0) / 2.5;
        for (found, expected) in [(cells.grey[0][0], first), (cells.grey[63][63], last)] {
            assert!((found - expected).abs() < 1e-2, "{found} is not {expected}");
        }
    }

    #[test]
    fn more_blur_is_less_sharp() {
        let sharp = discs(256);
        let values: Vec<f32> = [0.0, 0.01, 0.02, 0.04, 0.08]
            .into_iter()
            .map(|sigma| if sigma > 0.0 { of(&blurred(&sharp, sigma)) } else { of(&sharp) })
            .collect();
        assert!(values.windows(2).all(|pair| pair[1] < pair[0] - 0.03), "{values:?}");
    }

    #[test]
    fn a_blur_one_way_counts() {
        let sharp = discs(64);
        let smeared = grey(64, 64, |x, y| {
            let columns = x.saturating_sub(5)..=(x + 5).min(63);
            let samples: Vec<u32> = columns.map(|x| u32::from(sharp.rgb()[3 * (y * 64 + x) as usize])).collect();
            (samples.iter().sum::<u32>() / samples.len() as u32) as u8
        });
        assert!(of(&smeared) < of(&sharp) - 0.2, "{} {}", of(&smeared), of(&sharp));
    }

    /// A larger copy of a picture is equally sharp. Blurred by the same share of its side, at least a pixel, it is equally blurred.
    #[test]
    fn resolution_does_not_matter() {
        for sigma in [0.01, 0.013, 0.02, 0.031, 0.05] {
            let one = of(&blurred(&discs(128), sigma));
            for side in [100, 117, 160, 203, 256, 337, 500] {
                let other = of(&blurred(&discs(side), sigma));
                assert!((one - other).abs() < 0.05, "{one} at 128 pixels, {other} at {side}, sigma {sigma}");
            }
        }
    }

    /// Light and contrast do not matter either, as far as 8 bits can tell.
    #[test]
    fn contrast_does_not_matter() {
        for sigma in [0.01, 0.015, 0.022, 0.03] {
            let bright = blurred(&discs(96), sigma);
            for contrast in [0.3, 0.41, 0.57, 0.7, 0.86, 0.99] {
                let dim = grey(96, 96, |x, y| (f32::from(bright.rgb()[3 * (y * 96 + x) as usize]) * contrast).round() as u8);
                assert!(
                    (of(&bright) - of(&dim)).abs() < 0.1,
                    "{} {}, sigma {sigma}, contrast {contrast}",
                    of(&bright),
                    of(&dim)
                );
            }
        }
    }

    proptest! {
        #[test]
        fn every_region_has_a_sharpness(width in 1..80_u32, height in 1..80_u32, seed in any::<u32>()) {
            let noise = grey(width, height, |x, y| ((x * 7919 + y * 104_729).wrapping_add(seed).wrapping_mul(2_654_435_761) >> 24) as u8);
            prop_assert!((0.0..=1.0).contains(&of(&noise)));
        }
    }
}

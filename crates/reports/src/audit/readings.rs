//! How much the recogniser reads of a group's worst images.
use serde::Serialize;
use serfiq::explain::Parts;

use crate::material::Readings;

/// The fraction of a group's images that counts as its worst.
pub const WORST: f64 = 0.1;

/// How much the recogniser reads of several faces on average, compared with the usual values: from 0 for nothing to 1 for as
/// much or more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeanReading {
    /// Number of images.
    pub images: usize,
    /// Number of rows of cells.
    pub rows: usize,
    /// Number of cells in a row.
    pub columns: usize,
    /// The mean of each cell of the aligned face, row by row.
    pub cells: Vec<f32>,
    /// The same for the parts of a face.
    pub parts: Parts,
}

/// The mean over the tenth of the images that has the lowest qualities, at least one; `None` if no image has a reading. Each image has an
/// index and a quality; images without a reading do not count.
pub fn of_worst(readings: &Readings, images: impl Iterator<Item = (usize, f64)>) -> Option<MeanReading> {
    let mut known: Vec<(f64, &[f32])> =
        images.filter_map(|(image, quality)| Some((quality, readings.of_images[image].as_deref()?))).collect();
    known.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    known.truncate((known.len() as f64 * WORST).ceil() as usize);
    if known.is_empty() {
        return None;
    }
    let Readings { rows, columns, .. } = *readings;
    let mean = |cell: usize| known.iter().map(|(_, reading)| reading[cell]).sum::<f32>() / known.len() as f32;
    let cells: Vec<f32> = (0..rows * columns).map(mean).collect();
    Some(MeanReading { images: known.len(), rows, columns, parts: Parts::of(&cells, [rows, columns]), cells })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenth_with_the_lowest_qualities_counts() {
        // Image i has the quality i, and its first cell is read by i hundredths; the first two images have no reading.
        let of_images = (0..25).map(|image| (image >= 2).then(|| vec![image as f32 / 100.0, 1.0, 0.5, 0.0])).collect();
        let readings = Readings { rows: 2, columns: 2, of_images };
        let found = of_worst(&readings, (0..25).rev().map(|image| (image, image as f64))).unwrap();
        assert_eq!((found.images, found.rows, found.columns), (3, 2, 2));
        let expected = [0.03, 1.0, 0.5, 0.0];
        assert!(found.cells.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6), "{:?}", found.cells);
        // The chin is read by a quarter: half of its left, nothing of its right.
        assert!((found.parts.mouth - 0.25).abs() < 1e-6);
        assert_eq!(of_worst(&readings, [(7, 0.0)].into_iter()).unwrap().images, 1);
        assert_eq!(of_worst(&readings, [(0, 0.0), (1, 0.0)].into_iter()), None);
    }
}

use serde::Serialize;
use serfiq_network::card::CellsCard;

use super::{CellMap, Cover, typical::Deviations};
use crate::face::{AlignedCrop, Landmarks, corners};

/// Why a score is what it is: where on the face the recogniser reads, and how much.
///
/// Lists have one number for each cell, row by row from the top left. The cells are equal rectangles that fill the aligned crop.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Number of rows of cells.
    pub rows: usize,
    /// Number of cells in a row.
    pub columns: usize,
    /// Where the crop's corners lie in the picture, in pixels: top left, top right, bottom right, bottom left.
    pub corners: [[f32; 2]; 4],
    /// How much of the embedding each cell adds: [`CellSums::signal`](serfiq_score::CellSums::signal).
    pub signal: Vec<f32>,
    /// How much of the embedding's variance each cell adds.
    pub noise: Vec<f32>,
    /// How much the recogniser finds in each cell.
    pub energy: Vec<f32>,
    /// How much it reads in each cell compared with the usual values, from 0 for nothing to 1 for as much or more; `None` for a recogniser
    /// whose card has no usual values.
    pub reading: Option<Vec<f32>>,
    /// The same for the parts of a face.
    pub parts: Option<Parts>,
    /// What covers the face; `None` for a recogniser whose card has no entries on covers.
    pub cover: Option<Cover>,
}

/// How much is read in parts of a face, 0 to 1: the mean over their cells.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Parts {
    /// Above the brows.
    pub forehead: f32,
    /// Both eyes, with the brows.
    pub eyes: f32,
    /// The nose.
    pub nose: f32,
    /// The mouth and the chin.
    pub mouth: f32,
    /// The half that is on the left of the picture.
    pub left: f32,
    /// The half that is on its right.
    pub right: f32,
}

/// Where the parts lie in the aligned crop, in shares of its side: left, top, right, bottom. By the template that faces are aligned to: the eyes
/// at 0.46 of its height, the tip of the nose at 0.64, the mouth at 0.82.
const FOREHEAD: [f32; 4] = [0.15, 0.0, 0.85, 0.36];
const EYES: [f32; 4] = [0.15, 0.36, 0.85, 0.55];
const NOSE: [f32; 4] = [0.36, 0.5, 0.64, 0.73];
const MOUTH: [f32; 4] = [0.25, 0.73, 0.75, 1.0];
const LEFT: [f32; 4] = [0.0, 0.2, 0.5, 1.0];
const RIGHT: [f32; 4] = [0.5, 0.2, 1.0, 1.0];

impl Explanation {
    /// Explains a face by its cells; `landmarks` are where it was cut out, `None` for a picture that is an aligned crop itself.
    pub(super) fn of(map: &CellMap, usual: Option<&CellsCard>, landmarks: Option<&Landmarks>) -> Self {
        let deviations = usual.map(|usual| Deviations::of(map, usual));
        let reading = deviations.as_ref().map(Deviations::reading);
        let side = AlignedCrop::SIZE as f32 - 0.5;
        let whole = [[-0.5, -0.5], [side, -0.5], [side, side], [-0.5, side]];
        let list = |of: fn(&serfiq_score::CellSums) -> f64| map.cells.iter().map(|cell| of(cell) as f32).collect();
        Self {
            rows: map.rows,
            columns: map.columns,
            corners: landmarks.and_then(corners).unwrap_or(whole),
            signal: list(|cell| cell.signal),
            noise: list(|cell| cell.noise),
            energy: list(|cell| cell.energy),
            parts: reading.as_ref().map(|reading| Parts::of(reading, [map.rows, map.columns])),
            reading,
            cover: deviations.zip(usual.and_then(|usual| usual.covers.as_ref())).map(|(z, weights)| Cover::of(&z, weights)),
        }
    }
}

impl Explanation {
    /// How much is unread at a point of the picture, in pixels: from 0 (as much is read as usual, or more) to 1 (nothing is read).
    /// Interpolated between the middles of the cells. Fades at the border of the crop, and is 0 beyond it. `None` if the card has no usual
    /// values.
    pub fn unread_at(&self, point: [f32; 2]) -> Option<f32> {
        let reading = self.reading.as_ref()?;
        let [origin, right, _, below] = self.corners;
        let along = |end: [f32; 2]| {
            let [x, y] = [0, 1].map(|axis| end[axis] - origin[axis]);
            ((point[0] - origin[0]) * x + (point[1] - origin[1]) * y) / (x * x + y * y)
        };
        let [u, v] = [along(right), along(below)];
        if !((0.0..=1.0).contains(&u) && (0.0..=1.0).contains(&v)) {
            return Some(0.0);
        }
        let place = |share: f32, count: usize| {
            let place = (share * count as f32 - 0.5).clamp(0.0, (count - 1) as f32);
            let first = (place as usize).min(count.saturating_sub(2));
            (first, place - first as f32)
        };
        let ((row, down), (column, across)) = (place(v, self.rows), place(u, self.columns));
        let unread =
            |row: usize, column: usize| 1.0 - reading[row.min(self.rows - 1) * self.columns + column.min(self.columns - 1)];
        let line = |row| unread(row, column) * (1.0 - across) + unread(row, column + 1) * across;
        let border =
            [u * self.columns as f32, v * self.rows as f32, (1.0 - u) * self.columns as f32, (1.0 - v) * self.rows as f32];
        let fade = border.into_iter().fold(0.5, f32::min) * 2.0;
        Some((line(row) * (1.0 - down) + line(row + 1) * down) * fade)
    }
}

impl Parts {
    /// From how much is read in the cells of a `grid` of rows and columns, row by row, at least one of each.
    pub fn of(reading: &[f32], grid: [usize; 2]) -> Self {
        let part = |bounds| mean_within(reading, grid, bounds);
        Self {
            forehead: part(FOREHEAD),
            eyes: part(EYES),
            nose: part(NOSE),
            mouth: part(MOUTH),
            left: part(LEFT),
            right: part(RIGHT),
        }
    }
}

/// The mean of a map over a rectangle, each cell by the area that it shares with it.
fn mean_within(map: &[f32], [rows, columns]: [usize; 2], [left, top, right, bottom]: [f32; 4]) -> f32 {
    let shared = |index: usize, count: usize, from: f32, to: f32| {
        let [begin, end] = [index, index + 1].map(|edge| edge as f32 / count as f32);
        (end.min(to) - begin.max(from)).max(0.0)
    };
    let (mut sum, mut area) = (0.0, 0.0);
    for (index, value) in map.iter().enumerate() {
        let cell = shared(index / columns, rows, top, bottom) * shared(index % columns, columns, left, right);
        sum += cell * value;
        area += cell;
    }
    sum / area
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_cells_the_map_changes_gradually() {
        let explanation = Explanation {
            rows: 2,
            columns: 2,
            // Turned by a quarter: right is down, and down is left.
            corners: [[100.0, 0.0], [100.0, 40.0], [60.0, 40.0], [60.0, 0.0]],
            signal: vec![],
            noise: vec![],
            energy: vec![],
            reading: Some(vec![1.0, 0.5, 0.0, 1.0]),
            parts: None,
            cover: None,
        };
        let at = |x, y| explanation.unread_at([x, y]).unwrap();
        for (point, expected) in
            [([90.0, 10.0], 0.0), ([90.0, 30.0], 0.5), ([70.0, 10.0], 1.0), ([80.0, 20.0], 0.375), ([70.0, 0.0], 0.0)]
        {
            let found = at(point[0], point[1]);
            assert!((found - expected).abs() < 1e-6, "{point:?}: {found}");
        }
        assert_eq!((at(101.0, 20.0), at(59.0, 20.0), at(80.0, -1.0)), (0.0, 0.0, 0.0));
        assert_eq!(Explanation { reading: None, ..explanation }.unread_at([80.0, 20.0]), None);
    }

    #[test]
    fn cells_count_by_the_area_that_they_share() {
        // Two rows of two.
        let map = [1.0, 0.0, 0.5, 0.25];
        assert_eq!(mean_within(&map, [2, 2], [0.0, 0.0, 0.5, 0.5]), 1.0);
        assert_eq!(mean_within(&map, [2, 2], [0.0, 0.0, 1.0, 0.5]), 0.5);
        assert!((mean_within(&map, [2, 2], [0.25, 0.0, 0.75, 1.0]) - 0.4375).abs() < 1e-6);
        // The left cell covers three quarters of it.
        assert!((mean_within(&map, [2, 2], [0.2, 0.6, 0.6, 0.9]) - (0.75 * 0.5 + 0.25 * 0.25)).abs() < 1e-6);
    }
}

//! The limit's sums, cell by cell over the aligned face.
use serfiq_score::CellSums;

/// What each cell of the recogniser's features adds to a score. The cells are equal rectangles that fill the aligned crop (112 x 112
/// pixels), row by row from its top left; SFace has 7 x 7 of them. The receptive field of a cell extends beyond its borders.
#[derive(Debug, Clone, PartialEq)]
pub struct CellMap {
    /// Number of rows of cells.
    pub rows: usize,
    /// Number of cells in a row.
    pub columns: usize,
    /// The cells, row by row.
    pub cells: Vec<CellSums>,
}

impl CellMap {
    /// The natural logarithm of each cell's energy, relative to the mean of all cells: so a dark or blurred face, with less energy
    /// everywhere, does not deviate everywhere.
    pub fn relative_energy(&self) -> Vec<f64> {
        let mean = self.cells.iter().map(|cell| cell.energy).sum::<f64>() / self.cells.len() as f64;
        // A cell without energy gets a tiny one, because the logarithm of 0 is not finite.
        let least = f64::MIN_POSITIVE;
        self.cells.iter().map(|cell| (cell.energy.max(least) / mean.max(least)).ln()).collect()
    }
}

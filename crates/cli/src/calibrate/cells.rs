use std::fmt;

use serfiq::explain::CellMap;
use serfiq_eval::quantile;
use toml_edit::{Array, Table, Value, value};

use super::fit::MIN_FOR_TABLES;
use super::sample::Sample;

/// Factor from a median deviation to the standard deviation of a normal distribution.
const OF_NORMAL: f64 = 1.4826;

/// The usual values in each cell of the features: medians, and robust standard deviations.
pub struct UsualCells {
    grid: [usize; 2],
    signal: [Vec<f64>; 2],
    energy: [Vec<f64>; 2],
}

impl UsualCells {
    /// `None` if the features lie on no grid, or the faces are too few.
    pub fn of(sample: &Sample) -> Option<Self> {
        let grid = sample.grid?;
        let cells = sample.faces.iter().flatten().map(|face| face.moments.cells.clone());
        let maps: Vec<CellMap> = cells.map(|cells| CellMap { rows: grid[0], columns: grid[1], cells }).collect();
        if maps.len() < MIN_FOR_TABLES {
            return None;
        }
        let signals: Vec<Vec<f64>> = maps.iter().map(|map| map.cells.iter().map(|cell| cell.signal).collect()).collect();
        let energies: Vec<Vec<f64>> = maps.iter().map(CellMap::relative_energy).collect();
        let usual = Self { grid, signal: spread(&signals), energy: spread(&energies) };
        // In a cell without variation, any change would be infinitely many deviations.
        let varies = [&usual.signal[1], &usual.energy[1]].into_iter().flatten().all(|deviation| *deviation > 0.0);
        varies.then_some(usual)
    }

    /// Writes them into the table `[cells]`. The entries on covers stay: they apply to deviations.
    pub fn write(&self, table: &mut Table) {
        let [signal, energy] = [&self.signal, &self.energy];
        for (key, count) in [("rows", self.grid[0]), ("columns", self.grid[1])] {
            table.insert(key, value(count as i64));
        }
        for (key, values) in
            [("signal", &signal[0]), ("signal_deviation", &signal[1]), ("energy", &energy[0]), ("energy_deviation", &energy[1])]
        {
            table.insert(key, value(rows(values, self.grid[1])));
        }
    }

    /// Whether a table describes the same cells.
    pub fn fits(&self, table: &Table) -> bool {
        let count = |key| table.get(key).and_then(|item| item.as_integer());
        [count("rows"), count("columns")] == self.grid.map(|count| Some(count as i64))
    }
}

/// Rows and columns.
impl fmt::Display for UsualCells {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} x {}", self.grid[0], self.grid[1])
    }
}

/// The median of each cell, and its robust standard deviation.
fn spread(faces: &[Vec<f64>]) -> [Vec<f64>; 2] {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        quantile(&values, 0.5)
    };
    let cells = faces.first().map_or(0, Vec::len);
    let medians: Vec<f64> = (0..cells).map(|cell| median(faces.iter().map(|face| face[cell]).collect())).collect();
    let deviation = |cell: usize| OF_NORMAL * median(faces.iter().map(|face| (face[cell] - medians[cell]).abs()).collect());
    let deviations = (0..cells).map(deviation).collect();
    [medians, deviations]
}

/// A list with a line for each row of cells.
fn rows(values: &[f64], columns: usize) -> Array {
    // The faces determine fewer than five decimals.
    let rounded = values.iter().map(|value| Value::from((value * 1e5).round() / 1e5));
    let mut array: Array = rounded.collect();
    for (index, value) in array.iter_mut().enumerate() {
        value.decor_mut().set_prefix(if index % columns == 0 { "\n    " } else { " " });
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    array
}

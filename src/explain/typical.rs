//! What is usual in each cell, and how far a face is from it.
use serfiq_network::card::CellsCard;

use super::CellMap;

/// Deviations beyond this count as this: one strange cell does not decide.
const MOST: f64 = 6.0;
/// From this mean of the two deviations on a cell is read as usual; at [`NOTHING`] nothing is read. Of the cells of clean faces, one in eight is
/// below the first and one in 270 below the second.
const USUAL: f64 = -1.0;
const NOTHING: f64 = -2.2;

/// How far each cell of a face is from what clean faces have there, in robust standard deviations; below 0 for less.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Deviations {
    /// Of the signal.
    pub(super) signal: Vec<f64>,
    /// Of the [relative energy](CellMap::relative_energy).
    pub(super) energy: Vec<f64>,
}

impl Deviations {
    /// `map` has as many cells as the card.
    pub(super) fn of(map: &CellMap, usual: &CellsCard) -> Self {
        let of = |values: Vec<f64>, medians: &[f64], deviations: &[f64]| {
            let usual = medians.iter().zip(deviations);
            values
                .iter()
                .zip(usual)
                .map(|(value, (median, deviation))| ((value - median) / deviation).clamp(-MOST, MOST))
                .collect()
        };
        let signals = map.cells.iter().map(|cell| cell.signal).collect();
        Self {
            signal: of(signals, &usual.signal, &usual.signal_deviation),
            energy: of(map.relative_energy(), &usual.energy, &usual.energy_deviation),
        }
    }

    /// How much the recogniser reads in each cell, compared with what is usual: 0 for nothing, 1 for as much or more.
    pub(super) fn reading(&self) -> Vec<f32> {
        let both = self.signal.iter().zip(&self.energy).map(|(signal, energy)| (signal + energy) / 2.0);
        both.map(|deviation| ((deviation - NOTHING) / (USUAL - NOTHING)).clamp(0.0, 1.0) as f32).collect()
    }
}

//! The usual values of each cell, and the deviations of a face from them.
use serfiq_network::card::CellsCard;

use super::CellMap;

/// Deviations are clamped to this, so that a single odd cell does not decide.
const MOST: f64 = 6.0;
/// A cell is read as usual if its two deviations have at least this mean; at [`NOTHING`], nothing is read. Of the cells of clean faces, one
/// in eight is below the first and one in 270 below the second.
const USUAL: f64 = -1.0;
const NOTHING: f64 = -2.2;

/// The deviation of each cell of a face from clean faces, in robust standard deviations; below 0 for less.
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

    /// How much the recogniser reads in each cell, compared with the usual values: 0 for nothing, 1 for as much or more.
    pub(super) fn reading(&self) -> Vec<f32> {
        let both = self.signal.iter().zip(&self.energy).map(|(signal, energy)| (signal + energy) / 2.0);
        both.map(|deviation| ((deviation - NOTHING) / (USUAL - NOTHING)).clamp(0.0, 1.0) as f32).collect()
    }
}

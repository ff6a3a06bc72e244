//! Which part of a face is hidden from the recogniser.
use serde::Serialize;
use serfiq_network::card::{CoverCard, CoversCard};

use super::typical::Deviations;

/// What covers a face, judged by what the recogniser finds in its cells: for each cover, the natural logarithm of its odds against no
/// cover. Above 0, the cover is likelier than none. On average, as many faces with covers as without were used for training.
///
/// A logistic regression over the cells' deviations and their squares, learned from covers drawn over LFW; `docs/explain.md` lists these,
/// and how many are detected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cover {
    /// The mouth is hidden: a mask, a scarf, a hand.
    pub mouth: f32,
    /// Both eyes are hidden: sunglasses.
    pub eyes: f32,
    /// More than a quarter of the face is hidden: a hand, hair, a phone.
    pub face: f32,
}

impl Cover {
    pub(super) fn of(deviations: &Deviations, weights: &CoversCard) -> Self {
        let odds = |weights: &CoverCard| {
            let sum = |deviations: &[f64], linear: &[f64], squared: &[f64]| {
                let weights = linear.iter().zip(squared);
                deviations.iter().zip(weights).map(|(z, (linear, squared))| z * linear + z * z * squared).sum::<f64>()
            };
            let signal = sum(&deviations.signal, &weights.signal, &weights.signal_squared);
            let energy = sum(&deviations.energy, &weights.energy, &weights.energy_squared);
            (weights.bias + signal + energy) as f32
        };
        Self { mouth: odds(&weights.mouth), eyes: odds(&weights.eyes), face: odds(&weights.face) }
    }

    /// The logarithm of the odds of the likeliest cover; negative infinity for the others, so that only one is reported.
    pub(crate) fn likeliest(&self) -> Self {
        let most = self.mouth.max(self.eyes).max(self.face);
        let only = |odds: f32| if odds == most { odds } else { f32::NEG_INFINITY };
        Self { mouth: only(self.mouth), eyes: only(self.eyes), face: only(self.face) }
    }
}

use thiserror::Error;

use serfiq_score::{DropoutMasks, Robustness, ScoreError, monte_carlo};

/// Outputs of the two hidden layers.
pub(super) const WIDTHS: [usize; 2] = [128, 512];

/// The network on top of a recogniser, as it scores: without the layer that classifies identities.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub(super) layers: [Layer; 3],
    /// Probability with which each input of a layer is dropped.
    pub(super) dropout: f64,
}

/// `tanh(x W + b)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    /// `W`, `[inputs, outputs]`.
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// Why an embedding cannot be scored.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum OnTopError {
    /// The embedding is not from the recogniser that the network was trained on.
    #[error(
        "the embedding has {found} values, but the on-top model was trained on embeddings of {expected}; use embeddings of the \
         recogniser that it was trained for"
    )]
    Dimension {
        /// Values of the embedding.
        found: usize,
        /// Values that the network expects.
        expected: usize,
    },
    /// The passes or the embedding do not allow a score.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

impl Network {
    /// Number of values of an embedding.
    pub fn dimension(&self) -> usize {
        self.layers[2].bias.len()
    }

    /// Probability with which each input of a layer is dropped.
    pub fn dropout(&self) -> f64 {
        self.dropout
    }

    /// Scores an embedding by how far it moves in the network under random dropout: the paper's Algorithm 1, from `passes` (2 to
    /// 1000) passes. The embedding need not be normalised. A seed draws the same masks everywhere.
    ///
    /// # Errors
    /// [`OnTopError::Dimension`] for an embedding of another length; [`OnTopError::Score`] for one with no direction or with
    /// values that are not finite, and for a number of passes out of range.
    pub fn score(&self, embedding: &[f32], passes: u32, seed: u64) -> Result<Robustness, OnTopError> {
        let dimension = self.dimension();
        if embedding.len() != dimension {
            return Err(OnTopError::Dimension { found: embedding.len(), expected: dimension });
        }
        let unit = unit(embedding, || "the embedding".into())?;
        // A pass masks the inputs of all layers, one after the other.
        let inputs = self.layers.iter().map(Layer::inputs).sum();
        let masks = DropoutMasks::new(seed, passes, inputs, self.dropout)?.scaled();
        let embeddings: Vec<f32> = masks.chunks_exact(inputs).flat_map(|mask| self.pass(&unit, mask)).collect();
        Ok(monte_carlo(&embeddings, dimension)?)
    }

    /// Returns the output of one pass, with inputs multiplied by `mask`.
    fn pass(&self, unit: &[f32], mut mask: &[f32]) -> Vec<f32> {
        let mut values = unit.to_vec();
        for layer in &self.layers {
            let (own, others) = mask.split_at(layer.inputs());
            values = layer.apply(&values, own);
            mask = others;
        }
        values
    }
}

impl Layer {
    pub(super) fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }

    /// Returns the outputs, with each input multiplied by its factor in `mask`.
    pub(super) fn apply(&self, inputs: &[f32], mask: &[f32]) -> Vec<f32> {
        let mut outputs = self.bias.clone();
        for ((input, factor), weights) in inputs.iter().zip(mask).zip(self.weight.chunks_exact(self.bias.len())) {
            let input = input * factor;
            // Half of them are dropped.
            if input != 0.0 {
                for (output, weight) in outputs.iter_mut().zip(weights) {
                    *output += input * weight;
                }
            }
        }
        for output in &mut outputs {
            *output = output.tanh();
        }
        outputs
    }
}

/// Scales the embedding to length 1; `what` names it in the error.
pub(super) fn unit(embedding: &[f32], what: impl Fn() -> String) -> Result<Vec<f32>, ScoreError> {
    let length = embedding.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
    if !length.is_finite() {
        return Err(ScoreError::NotFinite { what: what() });
    }
    if length == 0.0 {
        return Err(ScoreError::Zero { what: what() });
    }
    Ok(embedding.iter().map(|&value| (f64::from(value) / length) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For embeddings of two values; the hidden layers are narrow enough to compute by hand.
    fn network(dropout: f64) -> Network {
        let first = Layer { weight: vec![1.0, -1.0, 0.5, 2.0, 0.0, 1.0], bias: vec![0.1, 0.0, -0.2] };
        let second = Layer { weight: vec![0.3, -0.6, 0.9], bias: vec![0.4] };
        let third = Layer { weight: vec![1.5, -0.5], bias: vec![0.0, 0.25] };
        Network { layers: [first, second, third], dropout }
    }

    /// Computes a pass in f64; `keeps` says which inputs are kept.
    fn by_hand(keeps: [bool; 6], scale: f64) -> [f64; 2] {
        let mut kept = keeps.map(|keeps| if keeps { scale } else { 0.0 }).into_iter();
        let mut next = |value: f64| value * kept.next().unwrap();
        let (x, y) = (next(0.6), next(0.8));
        let first = [(x + 2.0 * y + 0.1).tanh(), (-x).tanh(), (0.5 * x + y - 0.2).tanh()];
        let [a, b, c] = first.map(&mut next);
        let d = next((0.3 * a - 0.6 * b + 0.9 * c + 0.4).tanh());
        [(1.5 * d).tanh(), (-0.5 * d + 0.25).tanh()]
    }

    #[test]
    fn passes_by_hand() {
        let (network, passes, seed) = (network(0.5), 40, 9);
        let masks = DropoutMasks::new(seed, passes, 6, 0.5).unwrap();
        let embeddings: Vec<f32> = (0..passes)
            .flat_map(|pass| by_hand(std::array::from_fn(|index| masks.keeps(pass, index)), 2.0))
            .map(|value| value as f32)
            .collect();
        let expected = monte_carlo(&embeddings, 2).unwrap();
        // An embedding of length 5 along (0.6, 0.8).
        let found = network.score(&[3.0, 4.0], passes, seed).unwrap();
        assert!((found.distance - expected.distance).abs() < 1e-6, "{found:?}, expected {expected:?}");
        assert!(found.distance > 0.1 && found.std_error.is_some());
    }

    #[test]
    fn a_seed_gives_the_same_score_and_another_one_another() {
        let score = |seed| network(0.5).score(&[1.0, 2.0], 100, seed).unwrap();
        assert_eq!(score(1), score(1));
        assert_ne!(score(1), score(2));
    }

    #[test]
    fn what_cannot_be_scored_is_refused() {
        let network = network(0.5);
        let score = |embedding: &[f32], passes| network.score(embedding, passes, 0);
        assert_eq!(score(&[1.0; 3], 100), Err(OnTopError::Dimension { found: 3, expected: 2 }));
        let what = || "the embedding".to_owned();
        for bad in [f32::NAN, f32::INFINITY] {
            assert_eq!(score(&[1.0, bad], 100), Err(ScoreError::NotFinite { what: what() }.into()));
        }
        assert_eq!(score(&[0.0, 0.0], 100), Err(ScoreError::Zero { what: what() }.into()));
        assert_eq!(score(&[1.0, 0.0], 1), Err(ScoreError::Passes { passes: 1 }.into()));
    }
}

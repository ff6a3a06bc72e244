use burn::module::{Module, Param};
use burn::nn::loss::CrossEntropyLoss;
use burn::tensor::module::linear;
use burn::tensor::{Device, Int, Tensor, TensorData, TensorReadError};

use super::examples::Example;
use super::network::{Layer, Network, WIDTHS};
use super::random::Random;

/// Probability with which each input of a layer is dropped, as in the paper.
const DROPOUT: f32 = 0.5;

/// The network during training: the scoring network and a last layer that classifies identities.
#[derive(Debug, Module)]
pub(super) struct Classifier {
    layers: Vec<Affine>,
}

/// `x W + b`.
#[derive(Debug, Module)]
struct Affine {
    /// `[inputs, outputs]`.
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// Examples as tensors.
pub(super) struct Batch {
    units: Tensor<2>,
    identities: Tensor<1, Int>,
}

/// A classifier's results on examples that it has not seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Check {
    /// Mean cross entropy.
    pub(super) loss: f64,
    /// Examples whose identity is recognised.
    pub(super) recognised: usize,
}

impl Batch {
    pub(super) fn new(examples: &[Example], device: &Device) -> Self {
        let units: Vec<f32> = examples.iter().flat_map(|example| &example.unit).copied().collect();
        let identities: Vec<i64> = examples.iter().map(|example| example.identity as i64).collect();
        let shape = [examples.len(), units.len() / examples.len()];
        Self {
            units: Tensor::from_data(TensorData::new(units, shape), device),
            identities: Tensor::from_data(identities.as_slice(), device),
        }
    }
}

impl Classifier {
    /// Draws random weights (Glorot and Bengio, AISTATS 2010: uniform within the root of `6 / (inputs + outputs)`).
    pub(super) fn new(dimension: usize, identities: usize, random: &mut Random, device: &Device) -> Self {
        let sizes = [dimension, WIDTHS[0], WIDTHS[1], dimension, identities];
        let layer = |ends: &[usize]| {
            let (inputs, outputs) = (ends[0], ends[1]);
            let most = (6.0 / (inputs + outputs) as f32).sqrt();
            let weight: Vec<f32> = (0..inputs * outputs).map(|_| most * (2.0 * random.uniform() - 1.0)).collect();
            Affine {
                weight: Param::from_data(TensorData::new(weight, [inputs, outputs]), device),
                bias: Param::from_tensor(Tensor::zeros([outputs], device)),
            }
        };
        Self { layers: sizes.windows(2).map(layer).collect() }
    }

    /// Returns the mean cross entropy over a batch, with a random dropout mask for each example.
    pub(super) fn loss(&self, batch: &Batch, random: &mut Random) -> Tensor<1> {
        let drop = |values: Tensor<2>| {
            let shape = values.dims();
            let mask = TensorData::new(mask(shape[0] * shape[1], random), shape);
            let mask = Tensor::from_data(mask, &values.device());
            values * mask
        };
        cross_entropy(self.logits(batch.units.clone(), drop), batch)
    }

    /// Evaluates the classifier without dropout.
    pub(super) fn check(&self, batch: &Batch) -> Result<Check, TensorReadError> {
        let logits = self.valid().logits(batch.units.clone().inner(), |values| values);
        let named = logits.clone().argmax(1).squeeze_dim::<1>(1);
        let right = named.equal(batch.identities.clone().inner()).int().sum();
        Ok(Check {
            loss: cross_entropy(logits, batch).try_into_scalar()?,
            recognised: right.try_into_scalar::<i64>()? as usize,
        })
    }

    fn logits(&self, units: Tensor<2>, mut drop: impl FnMut(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        let last = self.layers.len() - 1;
        self.layers.iter().enumerate().fold(units, |values, (index, layer)| {
            let outputs = linear(drop(values), layer.weight.val(), Some(layer.bias.val()));
            if index < last { outputs.tanh() } else { outputs }
        })
    }

    /// Returns the network, without the last layer.
    pub(super) fn network(&self) -> Result<Network, TensorReadError> {
        let layer = |index: usize| {
            let Affine { weight, bias } = &self.layers[index];
            Ok::<_, TensorReadError>(Layer { weight: weight.val().try_into_vec_as()?, bias: bias.val().try_into_vec_as()? })
        };
        Ok(Network { layers: [layer(0)?, layer(1)?, layer(2)?], dropout: DROPOUT.into() })
    }
}

/// Draws factors of inputs, with the values of [`DropoutMasks`](serfiq_score::DropoutMasks).
fn mask(inputs: usize, random: &mut Random) -> Vec<f32> {
    (0..inputs).map(|_| if random.uniform() < DROPOUT { 0.0 } else { 1.0 / (1.0 - DROPOUT) }).collect()
}

fn cross_entropy(logits: Tensor<2>, batch: &Batch) -> Tensor<1> {
    CrossEntropyLoss::new(None, &logits.device()).forward(logits, batch.identities.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serfiq_score::monte_carlo;

    fn classifier(dimension: usize, identities: usize) -> Classifier {
        Classifier::new(dimension, identities, &mut Random::new(5), &Device::flex().autodiff())
    }

    fn batch(units: &[[f32; 3]], identities: &[usize]) -> Batch {
        let example = |(unit, identity): (&[f32; 3], &usize)| Example { unit: unit.to_vec(), identity: *identity };
        let examples: Vec<Example> = units.iter().zip(identities).map(example).collect();
        Batch::new(&examples, &Device::flex().autodiff())
    }

    #[test]
    fn what_scores_is_what_was_trained() {
        let classifier = classifier(3, 4);
        let embedding = [2.0, -1.0, 0.5];
        let unit = crate::network::unit(&embedding, String::new).unwrap();
        // Dropout that drops nothing: every pass equals the classifier up to its last layer.
        let network = Network { dropout: 1e-12, ..classifier.network().unwrap() };
        let values = Tensor::<2>::from_data(TensorData::new(unit.clone(), [1, 3]), &Device::flex());
        let expected = classifier.valid().layers[..3]
            .iter()
            .fold(values, |values, layer| (values.matmul(layer.weight.val()) + layer.bias.val().unsqueeze()).tanh());
        let found = network.layers.iter().fold(unit, |values, layer| layer.apply(&values, &vec![1.0; values.len()]));
        for (found, expected) in found.iter().zip(expected.into_data().try_into_vec::<f32>().unwrap()) {
            assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}");
        }
        assert!(network.score(&embedding, 10, 0).unwrap().distance < 1e-6);
        assert_eq!(monte_carlo(&found.repeat(2), 3).unwrap().distance, 0.0);
    }

    #[test]
    fn an_untrained_classifier_guesses() {
        let check = classifier(3, 50).check(&batch(&[[1.0, 0.0, 0.0], [0.0, 0.6, 0.8]], &[7, 49])).unwrap();
        assert!((check.loss - 50_f64.ln()).abs() < 0.3, "{check:?}");
    }

    #[test]
    fn half_of_the_inputs_are_dropped_and_the_others_doubled() {
        let mask = mask(10_000, &mut Random::new(1));
        let dropped = mask.iter().filter(|factor| **factor == 0.0).count();
        // The standard deviation is 50.
        assert!((4_800..5_200).contains(&dropped), "{dropped}");
        assert_eq!(mask.iter().filter(|factor| **factor == 2.0).count(), 10_000 - dropped);
    }

    #[test]
    fn learning_drops_inputs_and_checking_does_not() {
        let classifier = classifier(3, 2);
        let batch = batch(&[[1.0, 0.0, 0.0]; 2], &[0, 1]);
        let loss = |seed| classifier.loss(&batch, &mut Random::new(seed)).into_scalar::<f32>();
        assert_eq!(loss(1), loss(1));
        assert_ne!(loss(1), loss(2));
        let check = classifier.check(&batch).unwrap();
        assert_eq!(check, classifier.check(&batch).unwrap());
        assert_eq!(check.recognised, 1, "both are taken for the same identity");
    }
}

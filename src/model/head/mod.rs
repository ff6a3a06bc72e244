//! What follows the dropout, `h(v) = W v + b`: the embedding, the dropout passes, and the moments of their limit.
use burn::tensor::{Device, Tensor, TensorData};

use super::{Backend, ModelError};
use crate::score::{DropoutMasks, Moments};

/// How many dropout passes go through the head at once: enough to fill the device, few enough to bound the memory
/// (two tensors of passes x features floats: 40 MB for 100 passes of SFace).
const PASSES_AT_ONCE: usize = 100;

/// The affine head on its device.
pub(crate) struct Head {
    /// `W`, `[dimension, features]`.
    weight: Tensor<2>,
    /// `b`, `[1, dimension]`.
    bias: Tensor<2>,
    /// `c |W_:j|^2` for each feature j, `[features, 1]`, with `c = p / (1 - p)`.
    energy: Tensor<2>,
    variance: f32,
    dimension: usize,
    features: usize,
    dropout: f64,
}

/// Dropout masks on the device, in groups of [`PASSES_AT_ONCE`]: drawn and sent once, used for every face.
pub(crate) struct Masks {
    groups: Vec<Tensor<2>>,
}

impl Head {
    pub(crate) fn new(head: serfiq_models::Head, device: &Device) -> Self {
        let serfiq_models::Head { weight, bias, dimension, features, dropout } = head;
        let variance = dropout / (1.0 - dropout);
        let mut energy = vec![0.0_f64; features];
        for row in weight.chunks_exact(features) {
            energy.iter_mut().zip(row).for_each(|(e, w)| *e += variance * f64::from(*w) * f64::from(*w));
        }
        let energy: Vec<f32> = energy.into_iter().map(|e| e as f32).collect();
        let tensor = |values, shape: [usize; 2]| Tensor::<2>::from_data(TensorData::new(values, shape), device);
        Self {
            weight: tensor(weight, [dimension, features]),
            bias: tensor(bias, [1, dimension]),
            energy: tensor(energy, [features, 1]),
            variance: variance as f32,
            dimension,
            features,
            dropout,
        }
    }

    /// Length of the embedding.
    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// Dropout probability p.
    pub(crate) fn dropout(&self) -> f64 {
        self.dropout
    }

    /// Embeddings `[n, dimension]` of features `[n, features]`.
    fn apply(&self, features: Tensor<2>) -> Tensor<2> {
        features.matmul(self.weight.clone().transpose()) + self.bias.clone()
    }

    /// The embedding without dropout, not normalised.
    pub(crate) async fn embed(&self, backend: &Backend, features: Tensor<2>) -> Result<Vec<f32>, ModelError> {
        backend.read(self.apply(features)).await
    }

    /// Draws the masks of `passes` passes and sends them to the device.
    pub(crate) fn masks(&self, seed: u64, passes: u32, device: &Device) -> Result<Masks, ModelError> {
        let masks = DropoutMasks::new(seed, passes, self.features, self.dropout)?.scaled();
        let groups = masks.chunks(PASSES_AT_ONCE * self.features).map(|group| {
            let shape = [group.len() / self.features, self.features];
            Tensor::from_data(TensorData::new(group.to_vec(), shape), device)
        });
        Ok(Masks { groups: groups.collect() })
    }

    /// The embedding of each dropout pass, row-major `[passes, dimension]`.
    pub(crate) async fn passes(&self, backend: &Backend, features: Tensor<2>, masks: &Masks) -> Result<Vec<f32>, ModelError> {
        let mut embeddings = Vec::new();
        for group in &masks.groups {
            embeddings.extend(backend.read(self.apply(features.clone() * group.clone())).await?);
        }
        Ok(embeddings)
    }

    /// Mean and variance of the embedding under dropout, in two passes through `W` and one read.
    pub(crate) async fn moments(&self, backend: &Backend, features: Tensor<2>) -> Result<Moments, ModelError> {
        let mean = self.apply(features.clone());
        let squares = features.square();
        let length = mean.clone().square().sum_dim(1).sqrt();
        let along_each = (mean.clone() / length).matmul(self.weight.clone()).square();
        let trace = squares.clone().matmul(self.energy.clone());
        let along = (squares * along_each).sum_dim(1) * self.variance;
        let mut mean = backend.read(Tensor::cat(vec![mean, trace, along], 1)).await?;
        match mean.split_off(self.dimension.min(mean.len())).as_slice() {
            &[trace, along] => Ok(Moments { mean, trace: f64::from(trace), along: f64::from(along) }),
            other => Err(ModelError::Device(format!("{} numbers came back behind the embedding; expected 2", other.len()))),
        }
    }
}

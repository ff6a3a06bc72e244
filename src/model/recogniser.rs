//! Aligned crop to embedding and score.
use burn::tensor::{Tensor, TensorData};
use serfiq_models::verify::check_sha256;

use super::{
    Backend, ModelCard, ModelError,
    card::{Input, ScoreCard},
    generated,
    head::Head,
    network::Trunk,
};
use crate::{
    face::AlignedCrop,
    score::{Method, Robustness, limit, monte_carlo},
};

/// A face recogniser on its device: the trunk on burn, the head ours.
pub struct Recogniser {
    card: &'static ModelCard,
    score: ScoreCard,
    trunk: Box<dyn Trunk>,
    head: Head,
}

impl Recogniser {
    /// Loads the recogniser called `name` from its ONNX file.
    ///
    /// # Errors
    /// An unknown name; a file of the wrong SHA-256, or one this build was not made for.
    pub fn load(name: &str, onnx: &[u8], backend: &Backend) -> Result<Self, ModelError> {
        let entry = generated::RECOGNISERS.iter().find(|r| r.card.name == name);
        let known = || generated::RECOGNISERS.iter().map(|r| r.card.name).collect();
        let entry = entry.ok_or_else(|| ModelError::Unknown { asked: name.into(), known: known() })?;
        check_sha256(entry.card.file, onnx, entry.card.sha256).map_err(serfiq_models::ImportError::from)?;
        let dropout = entry.card.dropout;
        let mut model = serfiq_models::Recogniser::import(onnx, dropout.node, dropout.probability)?;
        let trunk = (entry.load)(&mut model.trunk, &backend.device)?;
        let head = Head::new(model.head, backend)?;
        Ok(Self { card: entry.card, score: entry.score, trunk, head })
    }

    /// The model's card.
    pub fn card(&self) -> &'static ModelCard {
        self.card
    }

    /// Length of the embedding.
    pub fn dimension(&self) -> usize {
        self.head.dimension()
    }

    /// Dropout probability p: the one the model was trained with, unless it was [set](Self::set_dropout).
    pub fn dropout(&self) -> f64 {
        self.head.dropout()
    }

    /// Takes another dropout probability p, between 0 and 1. Raw scores of two p do not compare, and qualities are calibrated
    /// for the model's own.
    ///
    /// # Errors
    /// A p that is not between 0 and 1.
    pub fn set_dropout(&mut self, p: f64) -> Result<(), ModelError> {
        Ok(self.head.set_dropout(p)?)
    }

    /// The embedding without dropout: [`dimension`](Self::dimension) numbers, not normalised.
    pub async fn embed(&self, backend: &Backend, crop: &AlignedCrop) -> Result<Vec<f32>, ModelError> {
        self.head.embed(backend, self.features(backend, crop)).await
    }

    /// How little the embedding moves under dropout.
    pub async fn robustness(&self, backend: &Backend, crop: &AlignedCrop, method: Method) -> Result<Robustness, ModelError> {
        let features = self.features(backend, crop);
        Ok(match method {
            Method::Limit => limit(&self.head.moments(backend, features).await?, self.score.k)?,
            Method::MonteCarlo { passes, seed } => {
                monte_carlo(&self.head.passes(backend, features, passes, seed).await?, self.head.dimension())?
            }
        })
    }

    /// Both of the above, for the price of one run of the trunk.
    pub async fn robustness_and_embedding(
        &self,
        backend: &Backend,
        crop: &AlignedCrop,
        method: Method,
    ) -> Result<(Robustness, Vec<f32>), ModelError> {
        let features = self.features(backend, crop);
        Ok(match method {
            Method::Limit => {
                let moments = self.head.moments(backend, features).await?;
                (limit(&moments, self.score.k)?, moments.mean)
            }
            Method::MonteCarlo { passes, seed } => {
                let embeddings = self.head.passes(backend, features.clone(), passes, seed).await?;
                (monte_carlo(&embeddings, self.head.dimension())?, self.head.embed(backend, features).await?)
            }
        })
    }

    /// Quality 0 to 100 of a raw score, by the model's calibration.
    pub fn quality(&self, raw: f64) -> f64 {
        self.score.quality.quality(raw)
    }

    fn features(&self, backend: &Backend, crop: &AlignedCrop) -> Tensor<2> {
        let side = AlignedCrop::SIZE as usize;
        let planes = planes(crop.rgb(), self.card.input);
        let input = Tensor::from_data(TensorData::new(planes, [1, 3, side, side]), &backend.device);
        self.trunk.features(input)
    }
}

/// Interleaved RGB to the planes `[3, height, width]` that the graph expects.
fn planes(rgb: &[u8], input: Input) -> Vec<f32> {
    let order = if input.bgr { [2, 1, 0] } else { [0, 1, 2] };
    let pixels = rgb.as_chunks::<3>().0;
    let mut planes = vec![0.0; 3 * pixels.len()];
    for (plane, channel) in planes.chunks_exact_mut(pixels.len()).zip(order) {
        for (value, pixel) in plane.iter_mut().zip(pixels) {
            *value = (f32::from(pixel[channel]) - input.mean) * input.scale;
        }
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_follow_the_card() {
        let rgb = [10, 20, 30, 40, 50, 60];
        let plain = Input { bgr: false, mean: 0.0, scale: 1.0 };
        assert_eq!(planes(&rgb, plain), [10.0, 40.0, 20.0, 50.0, 30.0, 60.0]);
        let scaled = Input { bgr: true, mean: 10.0, scale: 0.5 };
        assert_eq!(planes(&rgb, scaled), [10.0, 25.0, 5.0, 20.0, 0.0, 15.0]);
    }
}

//! Aligned crop to embedding and score.
use burn::tensor::{Tensor, TensorData};
use serfiq_models::{
    scaling::{self, Scaling},
    verify::check_sha256,
};

use super::{Backend, ModelCard, ModelError, generated, head::Head, network::Trunk};
use crate::{
    face::AlignedCrop,
    score::{Calibration, Method, Moments, Robustness, effective_dimensions, limit, monte_carlo},
};

/// A face recogniser on its device: the trunk on burn, the head ours.
pub struct Recogniser {
    card: &'static ModelCard,
    trained_with_dropout: bool,
    /// The card's, and the graph's own.
    scaling: Scaling,
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
        // As `build.rs` did.
        let input = entry.card.input;
        let scaling = Scaling::of(input.mean, input.scale).then(scaling::take(&mut model.trunk));
        // The head first: its weights are then gone before the trunk's are needed twice.
        let head = Head::new(model.head, backend)?;
        let trunk = (entry.load)(&mut model.trunk, &backend.device)?;
        Ok(Self { card: entry.card, trained_with_dropout: entry.trained_with_dropout, scaling, trunk, head })
    }

    /// The model's card.
    pub fn card(&self) -> &'static ModelCard {
        self.card
    }

    /// Whether raw scores can be told as qualities, and the limit be taken: both need numbers that are fitted on images.
    pub fn is_calibrated(&self) -> bool {
        self.card.calibration.is_some()
    }

    /// Whether the network has a Dropout of its own. One that was never trained with dropout was not made to bear it, and its
    /// scores may say less: the paper (Terhörst et al., CVPR 2020) scores such networks by another one on top.
    pub fn trained_with_dropout(&self) -> bool {
        self.trained_with_dropout
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

    /// The embedding of each dropout pass: rows of [`dimension`](Self::dimension) numbers, not normalised.
    pub async fn pass_embeddings(
        &self,
        backend: &Backend,
        crop: &AlignedCrop,
        passes: u32,
        seed: u64,
    ) -> Result<Vec<f32>, ModelError> {
        self.head.passes(backend, self.features(backend, crop), passes, seed).await
    }

    /// How little the embedding moves under dropout.
    ///
    /// # Errors
    /// [`ModelError::Uncalibrated`] for the limit of a model that is not calibrated.
    pub async fn robustness(&self, backend: &Backend, crop: &AlignedCrop, method: Method) -> Result<Robustness, ModelError> {
        self.robustness_of(backend, self.features(backend, crop), method).await
    }

    /// The same, and the embedding, for the price of one run of the trunk.
    pub async fn robustness_and_embedding(
        &self,
        backend: &Backend,
        crop: &AlignedCrop,
        method: Method,
    ) -> Result<(Robustness, Vec<f32>), ModelError> {
        let features = self.features(backend, crop);
        let robustness = self.robustness_of(backend, features.clone(), method).await?;
        Ok((robustness, self.head.embed(backend, features).await?))
    }

    async fn robustness_of(&self, backend: &Backend, features: Tensor<2>, method: Method) -> Result<Robustness, ModelError> {
        Ok(match method {
            Method::Limit => {
                let k = self.card.calibration.ok_or(ModelError::Uncalibrated { model: self.card.name })?.k;
                limit(&self.head.moments(backend, features).await?, k)?
            }
            Method::MonteCarlo { passes, seed } => {
                monte_carlo(&self.head.passes(backend, features, passes, seed).await?, self.head.dimension())?
            }
        })
    }

    /// What a calibration is fitted to: mean and variance of the embedding under dropout, of which [`limit`](crate::score::limit())
    /// makes the score, and the number of dimensions in which dropout scatters it, of which the `k` of a model is the median.
    ///
    /// # Errors
    /// [`ModelError::NeedsCpu`] on another backend.
    pub async fn scatter(&self, backend: &Backend, crop: &AlignedCrop) -> Result<(Moments, f64), ModelError> {
        let features = self.features(backend, crop);
        let (mean, scatter) = self.head.scatter(backend, features.clone()).await?;
        Ok((self.head.moments(backend, features).await?, effective_dimensions(&mean, &scatter)?))
    }

    /// What makes qualities of raw scores; `None` for a model that is not calibrated.
    pub fn calibration(&self) -> Option<Calibration> {
        Some(self.card.calibration?.quality)
    }

    /// Quality 0 to 100 of a raw score, by the model's calibration; `None` without one.
    pub fn quality(&self, raw: f64) -> Option<f64> {
        Some(self.calibration()?.quality(raw))
    }

    fn features(&self, backend: &Backend, crop: &AlignedCrop) -> Tensor<2> {
        let side = AlignedCrop::SIZE as usize;
        let planes = planes(crop.rgb(), self.card.input.bgr, self.scaling);
        let input = Tensor::from_data(TensorData::new(planes, [1, 3, side, side]), &backend.device);
        self.trunk.features(input)
    }
}

/// Interleaved RGB to the planes `[3, height, width]` that the trunk expects.
fn planes(rgb: &[u8], bgr: bool, scaling: Scaling) -> Vec<f32> {
    let order = if bgr { [2, 1, 0] } else { [0, 1, 2] };
    let (mean, scale) = (scaling.mean as f32, scaling.scale as f32);
    let pixels = rgb.as_chunks::<3>().0;
    let mut planes = vec![0.0; 3 * pixels.len()];
    for (plane, channel) in planes.chunks_exact_mut(pixels.len()).zip(order) {
        for (value, pixel) in plane.iter_mut().zip(pixels) {
            *value = (f32::from(pixel[channel]) - mean) * scale;
        }
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_follow_card_and_graph() {
        let rgb = [10, 20, 30, 40, 50, 60];
        assert_eq!(planes(&rgb, false, Scaling::of(0.0, 1.0)), [10.0, 40.0, 20.0, 50.0, 30.0, 60.0]);
        assert_eq!(planes(&rgb, true, Scaling::of(10.0, 0.5)), [10.0, 25.0, 5.0, 20.0, 0.0, 15.0]);
    }
}

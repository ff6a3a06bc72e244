//! Aligned crop to embedding and score.
use burn::tensor::Tensor;
use serfiq_network::{self as network, ImportError, import::Layout, scaling::Scaling, verify::check_sha256};

use serfiq_score::{
    Calibration, CellSums, Method, Moments, Percentiles, Robustness, ScoreError, effective_dimensions, limit, monte_carlo,
};

use super::{Backend, ModelCard, ModelError, head::Head, program::Program};
use crate::{explain::CellMap, face::AlignedCrop};

/// A face recogniser on its device.
pub(crate) struct Recogniser {
    card: ModelCard,
    trained_with_dropout: bool,
    pixels: Pixels,
    trunk: Program,
    head: Head,
}

/// How the pixels of a crop reach the trunk.
#[derive(Debug, Clone, Copy)]
struct Pixels {
    is_bgr: bool,
    /// The card's scaling, followed by that of the network's first steps.
    scaling: Scaling,
    layout: Layout,
}

impl Recogniser {
    /// Loads a recogniser from its file.
    ///
    /// # Errors
    /// A file that does not match the card, is not a network, or cannot be cut before an affine map; a card that lacks what the network
    /// does not specify.
    pub(crate) fn load(card: &ModelCard, file: &[u8], backend: &Backend) -> Result<Self, ModelError> {
        check_sha256(&card.file, file, &card.sha256).map_err(ImportError::from)?;
        let (side, dropout) = (AlignedCrop::SIZE as usize, &card.dropout);
        let model = network::CutRecogniser::import(file, side, dropout.node.as_deref(), dropout.probability);
        // Checked first: if the card also lacks the probability, the error would otherwise name only that.
        let scales_itself = match &model {
            Ok(model) => model.scales_itself,
            Err(ImportError::Probability(_)) => network::inspect::scales_itself(file, side)?,
            Err(_) => true,
        };
        if card.input.range.is_none() && !scales_itself {
            return Err(ModelError::Normalisation { model: card.name.clone() });
        }
        let model = model?;
        let [mean, scale] = card.input.range.unwrap_or([0.0, 1.0]);
        let scaling = Scaling::of(mean, scale).then(model.scaling);
        let pixels = Pixels { is_bgr: card.input.is_bgr, scaling, layout: model.layout };
        let trained_with_dropout = model.head.has_dropout;
        // The head comes first: its weights are freed before the trunk's are held twice.
        let head = Head::new(model.head, backend)?;
        if let Some(cells) =
            card.cells.as_ref().map(|cells| [cells.rows, cells.columns]).filter(|cells| Some(*cells) != head.grid())
        {
            return Err(ModelError::Cells { model: card.name.clone(), card: cells, network: head.grid() });
        }
        let trunk = Program::new(model.trunk, backend);
        Ok(Self { card: card.clone(), trained_with_dropout, pixels, trunk, head })
    }

    /// The model's card.
    pub(crate) fn card(&self) -> &ModelCard {
        &self.card
    }

    /// Whether qualities and the limit are available: both need numbers fitted on images.
    pub(crate) fn is_calibrated(&self) -> bool {
        self.card.calibration.is_some()
    }

    /// Whether the network has its own Dropout. A network never trained with dropout may not tolerate it, and its scores may be less
    /// informative: the paper (Terhörst et al., CVPR 2020) scores such networks with another network on top.
    pub(crate) fn trained_with_dropout(&self) -> bool {
        self.trained_with_dropout
    }

    /// Length of the embedding.
    pub(crate) fn dimension(&self) -> usize {
        self.head.dimension()
    }

    /// Dropout probability p: the one the model was trained with, unless [set](Self::set_dropout).
    pub(crate) fn dropout(&self) -> f64 {
        self.head.dropout()
    }

    /// Changes the dropout probability p, between 0 and 1. Raw scores under two values of p are not comparable, and qualities are
    /// calibrated for the model's own p.
    ///
    /// # Errors
    /// A p that is not between 0 and 1.
    pub(crate) fn set_dropout(&mut self, p: f64) -> Result<(), ModelError> {
        Ok(self.head.set_dropout(p)?)
    }

    /// Returns the embedding without dropout: [`dimension`](Self::dimension) numbers, not normalised.
    ///
    /// # Errors
    /// [`ModelError::Score`] if one of them is not finite; [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub(crate) async fn embed(&self, backend: &Backend, crop: &AlignedCrop) -> Result<Vec<f32>, ModelError> {
        let embedding = self.head.embed(backend, self.features(crop)).await?;
        match embedding.iter().all(|value| value.is_finite()) {
            true => Ok(embedding),
            false => Err(ScoreError::NotFinite { what: "the embedding".into() }.into()),
        }
    }

    /// Returns each dropout pass's embedding: rows of [`dimension`](Self::dimension) numbers, not normalised, not checked to be finite.
    ///
    /// # Errors
    /// [`ModelError::Score`] for a number of passes out of range; [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub(crate) async fn pass_embeddings(
        &self,
        backend: &Backend,
        crop: &AlignedCrop,
        passes: u32,
        seed: u64,
    ) -> Result<Vec<f32>, ModelError> {
        self.head.passes(backend, self.features(crop), passes, seed).await
    }

    /// Measures how little the embedding moves under dropout.
    ///
    /// # Errors
    /// [`ModelError::Uncalibrated`] for the limit of a model without calibration; [`ModelError::Score`] for a number of passes out of
    /// range, and for embeddings that are zero or not finite; [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub(crate) async fn robustness(
        &self,
        backend: &Backend,
        crop: &AlignedCrop,
        method: Method,
    ) -> Result<Robustness, ModelError> {
        self.robustness_of(backend, self.features(crop), method).await
    }

    /// As [`robustness`](Self::robustness), with the map of the cells and the embedding, for one run of the trunk.
    ///
    /// # Errors
    /// As [`robustness`](Self::robustness).
    pub(crate) async fn robustness_cells_and_embedding(
        &self,
        backend: &Backend,
        crop: &AlignedCrop,
        method: Method,
    ) -> Result<(Robustness, Option<CellMap>, Vec<f32>), ModelError> {
        let features = self.features(crop);
        let (robustness, map) = self.robustness_and_cells_of(backend, features.clone(), method).await?;
        Ok((robustness, map, self.head.embed(backend, features).await?))
    }

    /// As [`robustness`](Self::robustness), with the map of the cells, for one run of the trunk. For the limit, whose sums the map splits,
    /// at no cost; `None` for a recogniser whose features lie on no grid.
    ///
    /// # Errors
    /// As [`robustness`](Self::robustness).
    pub(crate) async fn robustness_and_cells(
        &self,
        backend: &Backend,
        crop: &AlignedCrop,
        method: Method,
    ) -> Result<(Robustness, Option<CellMap>), ModelError> {
        self.robustness_and_cells_of(backend, self.features(crop), method).await
    }

    /// What each cell of the features adds to the limit; `None` for a recogniser whose features lie on no grid.
    ///
    /// # Errors
    /// [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub(crate) async fn cells(&self, backend: &Backend, crop: &AlignedCrop) -> Result<Option<CellMap>, ModelError> {
        Ok(self.map(self.head.moments(backend, self.features(crop)).await?.cells))
    }

    /// Rows and columns of the features over the face; `None` if they lie on no grid.
    pub(crate) fn grid(&self) -> Option<[usize; 2]> {
        self.head.grid()
    }

    fn map(&self, cells: Vec<CellSums>) -> Option<CellMap> {
        let [rows, columns] = self.head.grid()?;
        Some(CellMap { rows, columns, cells })
    }

    /// The constant of the limit.
    fn k(&self) -> Result<f64, ModelError> {
        let calibration = self.card.calibration.ok_or_else(|| ModelError::Uncalibrated { model: self.card.name.clone() })?;
        Ok(calibration.k)
    }

    async fn robustness_and_cells_of(
        &self,
        backend: &Backend,
        features: Tensor<2>,
        method: Method,
    ) -> Result<(Robustness, Option<CellMap>), ModelError> {
        let (robustness, moments) = match (method, self.head.grid()) {
            (Method::Limit, _) => {
                let k = self.k()?;
                let moments = self.head.moments(backend, features).await?;
                (limit(&moments, k)?, moments)
            }
            (_, None) => return Ok((self.robustness_of(backend, features, method).await?, None)),
            _ => {
                let robustness = self.robustness_of(backend, features.clone(), method).await?;
                (robustness, self.head.moments(backend, features).await?)
            }
        };
        Ok((robustness, self.map(moments.cells)))
    }

    async fn robustness_of(&self, backend: &Backend, features: Tensor<2>, method: Method) -> Result<Robustness, ModelError> {
        Ok(match method {
            Method::Limit => {
                let k = self.k()?;
                limit(&self.head.moments(backend, features).await?, k)?
            }
            Method::MonteCarlo { passes, seed } => {
                monte_carlo(&self.head.passes(backend, features, passes, seed).await?, self.head.dimension())?
            }
        })
    }

    /// Returns the data for a calibration: mean and variance of the embedding under dropout, from which [`limit`](serfiq_score::limit())
    /// computes the score, and the number of dimensions in which dropout scatters it; a model's `k` is its median.
    ///
    /// # Errors
    /// [`ModelError::NeedsCpu`] on another backend; [`ModelError::Score`] for an embedding that is not finite, is zero, or does not
    /// scatter.
    pub(crate) async fn scatter(&self, backend: &Backend, crop: &AlignedCrop) -> Result<(Moments, f64), ModelError> {
        let features = self.features(crop);
        let (mean, scatter) = self.head.scatter(backend, features.clone()).await?;
        Ok((self.head.moments(backend, features).await?, effective_dimensions(&mean, &scatter)?))
    }

    /// Returns the calibration that turns raw scores into qualities; `None` for a model without one.
    pub(crate) fn calibration(&self) -> Option<Calibration> {
        Some(self.card.calibration?.quality)
    }

    /// Quality of a raw score, 0 to 100, by the model's calibration; `None` without one.
    pub(crate) fn quality(&self, raw: f64) -> Option<f64> {
        Some(self.calibration()?.quality(raw))
    }

    /// Returns how the scores of known faces are distributed; `None` for a model whose card does not say.
    pub(crate) fn percentiles(&self) -> Option<&Percentiles> {
        self.card.percentiles.as_ref()
    }

    /// The percentage of those faces, 0 to 100, that a raw score exceeds; `None` where the card does not say.
    pub(crate) fn percentile(&self, raw: f64) -> Option<f64> {
        Some(self.percentiles()?.percentile(&self.calibration()?, raw))
    }

    fn features(&self, crop: &AlignedCrop) -> Tensor<2> {
        let mut outputs = self.trunk.run(self.pixels.of(crop.rgb()));
        outputs.pop().expect("a trunk has one output, the features")
    }
}

impl Pixels {
    /// Converts interleaved RGB to the trunk's input.
    fn of(self, rgb: &[u8]) -> Vec<f32> {
        let order = if self.is_bgr { [2, 1, 0] } else { [0, 1, 2] };
        let (mean, scale) = (self.scaling.mean as f32, self.scaling.scale as f32);
        let pixels = rgb.as_chunks::<3>().0;
        let mut values = vec![0.0; 3 * pixels.len()];
        match self.layout {
            Layout::ChannelsFirst => {
                for (plane, channel) in values.chunks_exact_mut(pixels.len()).zip(order) {
                    for (value, pixel) in plane.iter_mut().zip(pixels) {
                        *value = (f32::from(pixel[channel]) - mean) * scale;
                    }
                }
            }
            Layout::ChannelsLast => {
                for (values, pixel) in values.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
                    *values = order.map(|channel| (f32::from(pixel[channel]) - mean) * scale);
                }
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::{BackendChoice, ModelFile, example, frame::Frame};

    #[test]
    fn pixels_follow_card_and_network() {
        let rgb = [10, 20, 30, 40, 50, 60];
        let pixels = |is_bgr, scaling, layout| Pixels { is_bgr, scaling, layout }.of(&rgb);
        assert_eq!(pixels(false, Scaling::NONE, Layout::ChannelsFirst), [10.0, 40.0, 20.0, 50.0, 30.0, 60.0]);
        assert_eq!(pixels(true, Scaling::of(10.0, 0.5), Layout::ChannelsFirst), [10.0, 25.0, 5.0, 20.0, 0.0, 15.0]);
        assert_eq!(pixels(true, Scaling::of(10.0, 0.5), Layout::ChannelsLast), [10.0, 5.0, 0.0, 25.0, 20.0, 15.0]);
    }

    #[test]
    fn an_embedding_that_is_not_a_number_is_an_error() {
        let ModelFile { bytes, .. } = example::files().recogniser;
        let size = AlignedCrop::SIZE;
        let frame = Frame::from_rgb(size, size, (0..3 * size * size).map(|value| value as u8).collect()).unwrap();
        let crop = AlignedCrop::from_frame(&frame).unwrap();
        let embed = |scale| {
            let card = ModelCard::own("mine.onnx", bytes, Some(&format!("[input]\nmean = -300\nscale = {scale}"))).unwrap();
            let backend = block_on(Backend::open(BackendChoice::Cpu)).unwrap();
            block_on(Recogniser::load(&card, bytes, &backend).unwrap().embed(&backend, &crop))
        };
        assert!(embed("1.0").unwrap().iter().any(|value| *value != 0.0));
        let error = embed("3e38").unwrap_err();
        assert!(matches!(error, ModelError::Score(ScoreError::NotFinite { .. })), "{error}");
    }
}

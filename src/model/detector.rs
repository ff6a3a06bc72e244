//! Frame to faces.
use burn::tensor::{Tensor, TensorData};
use serfiq_models::verify::check_sha256;

use super::{Backend, ModelError, generated, network::DetectorNetwork};
use crate::{
    face::{DetectorOutputs, Face, FaceError, GridOutputs, decode_faces},
    frame::{Region, letterbox},
};

/// YuNet on its device.
pub struct Detector {
    network: Box<dyn DetectorNetwork>,
}

/// Why faces could not be looked for.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The network could not be run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its outputs make no sense.
    #[error(transparent)]
    Face(#[from] FaceError),
}

impl Detector {
    /// Loads the detector from its ONNX file.
    ///
    /// # Errors
    /// A file of the wrong SHA-256, or one this build was not made for.
    pub fn load(onnx: &[u8], backend: &Backend) -> Result<Self, ModelError> {
        let entry = &generated::DETECTOR;
        check_sha256(entry.card.file, onnx, entry.card.sha256).map_err(serfiq_models::ImportError::from)?;
        let mut model = serfiq_models::Detector::import(onnx)?;
        let network = (entry.load)(&mut model.network, &backend.device)?;
        Ok(Self { network })
    }

    /// The faces in a region, in pixels of its frame, largest first, looked for in a copy whose long side is at most `long_side`
    /// pixels.
    pub async fn detect(&self, backend: &Backend, region: Region<'_>, long_side: u32) -> Result<Vec<Face>, DetectError> {
        let input = letterbox(region, long_side);
        let shape = [1, 3, input.height as usize, input.width as usize];
        let picture = Tensor::from_data(TensorData::new(input.planes, shape), &backend.device);
        let mut values = Vec::with_capacity(12);
        for tensor in self.network.detect(picture) {
            values.push(backend.read(tensor).await?);
        }
        let mut take = |index: usize| std::mem::take(&mut values[index]);
        let grids = [0, 1, 2].map(|stride| GridOutputs {
            cls: take(stride),
            obj: take(3 + stride),
            bbox: take(6 + stride),
            kps: take(9 + stride),
        });
        let faces = decode_faces(&DetectorOutputs { grids }, input.width, input.height, input.scale)?;
        Ok(faces.iter().map(|face| face.moved(region.corner())).collect())
    }
}

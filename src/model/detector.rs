//! Frame to faces.
use std::sync::{Arc, Mutex, PoisonError};

use serfiq_network::{ImportError, file::NetworkFile, import::network, verify::check_sha256};

use super::{Backend, ModelCard, ModelError, program::Program, yunet::YuNet};
use crate::{
    face::{Face, FaceError},
    frame::Region,
};

/// Maximum number of input sizes kept ready. A camera alternates between a few; a folder of photos may have any number.
const MAX_KEPT: usize = 8;

/// The input of a detector's network.
pub(super) struct DetectorInput {
    /// `shape`, row-major.
    pub(super) planes: Vec<f32>,
    /// `[1, 3, height, width]`.
    pub(super) shape: [usize; 4],
    /// Input pixels per frame pixel.
    pub(super) scale: f32,
}

/// A kind of detector: prepares its network's input and decodes faces from its outputs. Independent of the device.
pub(super) trait FaceDetector: Send + Sync {
    /// Makes the input from a region, in a copy whose long side is at most `long_side` pixels.
    fn input(&self, region: Region<'_>, long_side: u32) -> DetectorInput;

    /// Number of outputs of the network.
    fn outputs(&self) -> usize;

    /// Decodes the faces from the outputs for an input of this shape and scale, in pixels of the region, largest first.
    ///
    /// # Errors
    /// Outputs whose length does not match the shape; values that are not finite.
    fn faces(&self, outputs: Vec<Vec<f32>>, shape: [usize; 4], scale: f32) -> Result<Vec<Face>, FaceError>;
}

/// A face detector on its device.
pub(crate) struct Detector {
    kind: Box<dyn FaceDetector>,
    file: NetworkFile,
    /// Most recently used last.
    programs: Mutex<Vec<([usize; 4], Arc<Program>)>>,
}

/// Why faces could not be detected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DetectError {
    /// The network could not be run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its outputs have the wrong length or are not finite.
    #[error(transparent)]
    Face(#[from] FaceError),
}

impl Detector {
    /// Loads the detector from its ONNX file.
    ///
    /// # Errors
    /// A file of the wrong SHA-256, or one that is not such a detector.
    pub(crate) fn load(card: &ModelCard, onnx: &[u8], backend: &Backend) -> Result<Self, ModelError> {
        check_sha256(&card.file, onnx, &card.sha256).map_err(ImportError::from)?;
        let kind = Box::new(YuNet { normalisation: card.input.normalisation() });
        let detector = Self { kind, file: NetworkFile::read(onnx)?, programs: Mutex::default() };
        // Fail now, not at the first frame, if the network cannot run.
        detector.program(backend, [1, 3, 32, 32])?;
        Ok(detector)
    }

    /// Finds the faces in a region, in pixels of its frame, largest first, in a copy whose long side is at most `long_side` pixels.
    ///
    /// # Errors
    /// [`DetectError::Model`] if the network cannot run at this size, or the device fails; [`DetectError::Face`] if its outputs have the
    /// wrong length or are not finite.
    pub(crate) async fn detect(&self, backend: &Backend, region: Region<'_>, long_side: u32) -> Result<Vec<Face>, DetectError> {
        let DetectorInput { planes, shape, scale } = self.kind.input(region, long_side);
        let program = self.program(backend, shape)?;
        let mut outputs = Vec::new();
        for tensor in program.run(planes) {
            outputs.push(backend.read(tensor).await?);
        }
        let faces = self.kind.faces(outputs, shape, scale)?;
        Ok(faces.iter().map(|face| face.moved(region.corner())).collect())
    }

    /// Returns the network for inputs of this shape.
    fn program(&self, backend: &Backend, shape: [usize; 4]) -> Result<Arc<Program>, ModelError> {
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = programs.iter().position(|(of, _)| *of == shape) {
            let found = programs.remove(place);
            let program = found.1.clone();
            programs.push(found);
            return Ok(program);
        }
        let network = network(self.file.clone(), &shape)?;
        if network.outputs.len() != self.kind.outputs() {
            return Err(ModelError::Outputs { found: network.outputs.len(), expected: self.kind.outputs() });
        }
        let program = Arc::new(Program::new(network, backend));
        if programs.len() == MAX_KEPT {
            programs.remove(0);
        }
        programs.push((shape, program.clone()));
        Ok(program)
    }
}

//! A network file, in either format.
use crate::{ImportError, Network, onnx::OnnxFile, tflite::TfliteFile};

/// A network as stored in its file.
#[derive(Debug, Clone)]
pub enum NetworkFile {
    /// An ONNX model.
    Onnx(OnnxFile),
    /// A TFLite model.
    Tflite(TfliteFile),
}

/// An input as the file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its shape, if declared; `None` for an open dimension.
    pub shape: Option<Vec<Option<usize>>>,
}

/// An operator that is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Its name, with the domain unless it is a standard one.
    pub op: String,
    /// First output of the node.
    pub node: String,
}

impl NetworkFile {
    /// Reads a file; its first bytes tell the format.
    pub fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        match TfliteFile::is_one(bytes) {
            true => TfliteFile::read(bytes).map(Self::Tflite),
            false => OnnxFile::read(bytes).map(Self::Onnx),
        }
    }

    /// The network's inputs.
    pub fn inputs(&self) -> Vec<Declared> {
        match self {
            Self::Onnx(file) => file.inputs(),
            Self::Tflite(file) => file.inputs(),
        }
    }

    /// Number of operations in the file.
    pub fn operations(&self) -> usize {
        match self {
            Self::Onnx(file) => file.operations(),
            Self::Tflite(file) => file.operations(),
        }
    }

    /// The unsupported operators, one entry per node.
    pub fn unsupported(&self) -> Vec<Unsupported> {
        match self {
            Self::Onnx(file) => file.unsupported(),
            Self::Tflite(file) => file.unsupported(),
        }
    }

    /// The network for an input of this shape, lowered operator by operator.
    ///
    /// # Errors
    /// More than one input; an unsupported operator; shapes that do not fit.
    pub fn lower(self, input: &[usize]) -> Result<Network, ImportError> {
        let inputs = self.inputs();
        let [declared] = inputs.as_slice() else {
            let names = inputs.iter().map(|input| input.name.clone()).collect();
            return Err(ImportError::Inputs { names });
        };
        // Sizes may differ: a fully convolutional network accepts others than it declares, and its operators check them.
        if let Some(shape) = declared.shape.as_ref().filter(|shape| shape.len() != input.len()) {
            return Err(ImportError::Input { name: declared.name.clone(), declared: shape.clone(), given: input.to_vec() });
        }
        match self {
            Self::Onnx(file) => file.lower(input),
            Self::Tflite(file) => file.lower(input),
        }
    }
}

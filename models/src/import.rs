//! The import, whole: from the bytes of an ONNX file to a network for burn, and a head.
use crate::{
    ImportError,
    cut::{self, Head},
    expand::expand,
    fold::fold,
    network::Network,
};

/// A face recogniser, cut at its dropout.
#[derive(Debug)]
pub struct Recogniser {
    /// From the aligned crop to the features just before the dropout.
    pub trunk: Network,
    /// From the features to the embedding.
    pub head: Head,
}

impl Recogniser {
    /// Reads, expands, folds and cuts. `node` and `probability` are the model card's, for graphs that leave them open.
    pub fn import(onnx: &[u8], node: Option<&str>, probability: Option<f32>) -> Result<Self, ImportError> {
        let mut network = Network::read(onnx)?;
        expand(&mut network)?;
        fold(&mut network)?;
        let (trunk, head) = cut::cut(network, node, probability)?;
        Ok(Self { trunk, head })
    }
}

/// A face detector: the whole network.
#[derive(Debug)]
pub struct Detector {
    /// From the letterboxed picture to the twelve outputs.
    pub network: Network,
}

impl Detector {
    /// Reads, expands and folds.
    pub fn import(onnx: &[u8]) -> Result<Self, ImportError> {
        let mut network = Network::read(onnx)?;
        expand(&mut network)?;
        fold(&mut network)?;
        Ok(Self { network })
    }
}

//! What an ONNX file is, before it has a card.
use crate::{
    ImportError, Place, Recogniser, expand::expand, fold::fold, network::Network, onnx::ValueInfo, operators::unsupported,
};

/// What can be told of a recogniser from its ONNX file.
#[derive(Debug)]
pub struct Inspection {
    /// What it reads.
    pub inputs: Vec<ValueInfo>,
    /// How many operations it has, as the file has them.
    pub operations: usize,
    /// How many numbers its weights are.
    pub parameters: usize,
    /// Its head, or why it has none that can be used.
    pub head: Result<HeadFound, ImportError>,
    /// Operators that cannot be built, by name.
    pub unsupported: Vec<String>,
}

/// What follows the dropout: affine, so that the limit of infinitely many passes has a closed form.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadFound {
    /// Where the network is cut.
    pub place: Place,
    /// Length of the feature vector that dropout acts on.
    pub features: usize,
    /// Length of the embedding.
    pub dimension: usize,
    /// The Dropout's ratio; `None` in a network that has no Dropout, and was not trained with one as far as its file tells.
    pub dropout: Option<f64>,
}

/// Stands in for the ratio of a Dropout that is not there; what is found does not depend on it.
const ANY_PROBABILITY: f32 = 0.5;

/// Looks into an ONNX file. `node` is where to cut, where that is not found by itself.
///
/// # Errors
/// A file that is no ONNX model, or whose weights cannot be read. A head that cannot be used is a finding.
pub fn inspect(onnx: &[u8], node: Option<&str>) -> Result<Inspection, ImportError> {
    let mut network = Network::read(onnx)?;
    let operations = network.graph.nodes.len();
    expand(&mut network)?;
    fold(&mut network)?;
    let inputs = network.graph.inputs.clone();
    let parameters = network.weights.values().map(|weight| weight.values.len()).sum();
    let (head, unsupported) = match Recogniser::import(onnx, node, Some(ANY_PROBABILITY)) {
        Ok(Recogniser { trunk, head }) => {
            let dropout = (head.place.op == "Dropout").then_some(head.dropout);
            let found = HeadFound { place: head.place, features: head.features, dimension: head.dimension, dropout };
            (Ok(found), unsupported(&trunk))
        }
        Err(error) => (Err(error), unsupported(&network)),
    };
    Ok(Inspection { inputs, operations, parameters, head, unsupported })
}

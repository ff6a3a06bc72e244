//! Describes a file that has no card yet.
use crate::{
    ImportError, Place,
    file::{Declared, NetworkFile, Unsupported},
    import::{self, CutRecogniser, Layout, layout},
    scaling::{self, Scaling},
};

/// What a recogniser's file says about it.
#[derive(Debug)]
pub struct Inspection {
    /// The network's inputs.
    pub inputs: Vec<Declared>,
    /// Number of operations in the file.
    pub operations: usize,
    /// The unsupported operators, one entry per node.
    pub unsupported: Vec<Unsupported>,
    /// The recogniser, or why the file cannot be one.
    pub recogniser: Result<Found, ImportError>,
}

/// A usable recogniser.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Order of the crop's values.
    pub layout: Layout,
    /// Number of steps in the trunk.
    pub steps: usize,
    /// Number of weights.
    pub parameters: usize,
    /// The pixel scaling within the file, if it is the same for all channels.
    pub scaling: Scaling,
    /// Whether the file scales the pixels itself.
    pub scales_itself: bool,
    /// Where the network is cut.
    pub place: Place,
    /// Length of the feature vector that dropout acts on.
    pub features: usize,
    /// Length of the embedding.
    pub dimension: usize,
    /// The Dropout's ratio; `None` if the network has no Dropout, and so, as far as the file tells, was trained without one.
    pub dropout: Option<f64>,
}

/// Stands in for the ratio of a missing Dropout; no finding depends on it.
const ANY_PROBABILITY: f32 = 0.5;

/// Whether a recogniser of square crops of this side scales the pixels itself. If not, the caller must know the scaling.
///
/// # Errors
/// The file is not a network, or does not take such crops.
pub fn scales_itself(bytes: &[u8], side: usize) -> Result<bool, ImportError> {
    let file = NetworkFile::read(bytes)?;
    let shape = layout(&file, side)?.shape(side);
    Ok(scaling::is_within(&import::network(file, &shape)?))
}

/// Inspects the file of a recogniser of square crops of this side. `node` says where to cut, if that is not found automatically.
///
/// # Errors
/// The file is not a network, or its weights cannot be read. An unusable recogniser is a finding, not an error.
pub fn inspect(bytes: &[u8], side: usize, node: Option<&str>) -> Result<Inspection, ImportError> {
    let file = NetworkFile::read(bytes)?;
    let (inputs, operations, unsupported) = (file.inputs(), file.operations(), file.unsupported());
    let found = layout(&file, side);
    drop(file);
    let recogniser = found.and_then(|_| CutRecogniser::import(bytes, side, node, Some(ANY_PROBABILITY)));
    let recogniser = recogniser.map(|CutRecogniser { trunk, head, scaling, layout, scales_itself }| Found {
        layout,
        steps: trunk.steps.len(),
        parameters: trunk.parameters() + head.weight.len() + head.bias.len(),
        scaling,
        scales_itself,
        dropout: head.has_dropout.then_some(head.dropout),
        place: head.place,
        features: head.features,
        dimension: head.dimension,
    });
    Ok(Inspection { inputs, operations, unsupported, recogniser })
}

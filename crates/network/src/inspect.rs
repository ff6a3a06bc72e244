//! What a file is, before it has a card.
use crate::{
    ImportError, Place,
    file::{Declared, NetworkFile, Unsupported},
    import::{self, CutRecogniser, Layout, layout},
    scaling::{self, Scaling},
};

/// What can be told of a recogniser from its file.
#[derive(Debug)]
pub struct Inspection {
    /// What it reads.
    pub inputs: Vec<Declared>,
    /// How many operations it has, as the file has them.
    pub operations: usize,
    /// Operators that are not supported, one for each node that has one.
    pub unsupported: Vec<Unsupported>,
    /// The recogniser, or why it cannot be one.
    pub recogniser: Result<Found, ImportError>,
}

/// A recogniser that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// How the crop's values lie.
    pub layout: Layout,
    /// How many steps its trunk has.
    pub steps: usize,
    /// How many numbers its weights are.
    pub parameters: usize,
    /// The scaling of the pixels that is within the file, if it is the same for all channels.
    pub scaling: Scaling,
    /// Whether the file scales the pixels itself.
    pub scales_itself: bool,
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

/// Whether a recogniser of square crops of this side scales the pixels itself: else whoever runs it must know how.
///
/// # Errors
/// A file that is no network, or that does not take such crops.
pub fn scales_itself(bytes: &[u8], side: usize) -> Result<bool, ImportError> {
    let file = NetworkFile::read(bytes)?;
    let shape = layout(&file, side)?.shape(side);
    Ok(scaling::is_within(&import::network(file, &shape)?))
}

/// Looks into the file of a recogniser of square crops of this side. `node` is where to cut, where that is not found by itself.
///
/// # Errors
/// A file that is no network, or whose weights cannot be read. A recogniser that cannot be used is a finding.
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

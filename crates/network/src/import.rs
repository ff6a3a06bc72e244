//! The whole import: from a file's bytes to a network, or to a trunk and a head.
use crate::{
    ImportError, Network,
    cut::{self, AffineHead},
    file::NetworkFile,
    network::{Epilogue, Op, Origin, Step},
    passes::simplify,
    scaling::{self, Scaling},
};

/// Lowers and simplifies a file's network, for an input of this shape.
pub fn network(file: NetworkFile, input: &[usize]) -> Result<Network, ImportError> {
    let mut network = file.lower(input)?;
    simplify(&mut network);
    check_weights(&network)?;
    Ok(network)
}

/// Checks that all weights are finite. An infinity elsewhere is no error: limits and masks use it.
fn check_weights(network: &Network) -> Result<(), ImportError> {
    for step in &network.steps {
        if let Some(value) = not_finite(&step.op) {
            let Origin { node, op } = &*step.origin;
            return Err(ImportError::NotFinite { place: format!("the weights of the node `{node}` ({op})"), value });
        }
    }
    Ok(())
}

/// Finds the first weight that is not finite.
fn not_finite(op: &Op) -> Option<f32> {
    // Some thousand at once, without a branch for each: there are millions.
    let has_none = |values: &&[f32]| values.iter().fold(false, |found, value| found | !value.is_finite());
    let first = |values: &[f32]| values.chunks(4096).find(has_none)?.iter().copied().find(|value| !value.is_finite());
    match op {
        Op::Convolution(of) => {
            let epilogues = of.epilogue.iter().map(|Epilogue { bias, above, below, shift }| [*bias, *above, *below, *shift]);
            first(&of.weight).or_else(|| epilogues.flatten().find(|value| !value.is_finite()))
        }
        Op::TransposedConvolution(of) => first(&of.weight).or_else(|| first(&of.bias)),
        Op::Linear(of) => of.weight.as_floats().and_then(first).or_else(|| first(&of.bias)),
        Op::PRelu { slopes } => first(slopes),
        Op::Affine { scale, shift } => first(scale).or_else(|| first(shift)),
        _ => None,
    }
}

/// A face recogniser, cut at its dropout.
#[derive(Debug)]
pub struct CutRecogniser {
    /// From the aligned crop to the features just before the dropout.
    pub trunk: Network,
    /// From the features to the embedding.
    pub head: AffineHead,
    /// The scaling removed from the trunk's first steps; the trunk expects scaled pixels.
    pub scaling: Scaling,
    /// Order of the values in the trunk's input.
    pub layout: Layout,
    /// Whether the file scales the pixels itself, uniformly or per channel.
    pub scales_itself: bool,
}

/// Order of the values in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `[1, 3, height, width]`, as in PyTorch.
    ChannelsFirst,
    /// `[1, height, width, 3]`, as in TensorFlow.
    ChannelsLast,
}

impl Layout {
    /// The layout a file declares: channels first, unless the last dimension is 3 and no other can be the channels.
    pub fn of(shape: Option<&[Option<usize>]>) -> Self {
        match shape {
            Some([_, first, _, Some(3)]) if *first != Some(3) => Self::ChannelsLast,
            _ => Self::ChannelsFirst,
        }
    }

    /// The shape of a square picture.
    pub fn shape(self, side: usize) -> [usize; 4] {
        match self {
            Self::ChannelsFirst => [1, 3, side, side],
            Self::ChannelsLast => [1, side, side, 3],
        }
    }
}

impl CutRecogniser {
    /// Reads, simplifies and cuts a recogniser of square crops of this side. `node` and `probability` come from the model card, for
    /// files that leave them open.
    pub fn import(bytes: &[u8], side: usize, node: Option<&str>, probability: Option<f32>) -> Result<Self, ImportError> {
        let file = NetworkFile::read(bytes)?;
        let layout = layout(&file, side)?;
        let network = network(file, &layout.shape(side))?;
        let scales_itself = scaling::is_within(&network);
        let (mut trunk, head) = cut::cut(network, node, probability)?;
        let scaling = scaling::take(&mut trunk);
        let layout = if channels_first(&mut trunk) { Layout::ChannelsFirst } else { layout };
        Ok(Self { trunk, head, scaling, layout, scales_itself })
    }
}

/// Removes an initial transposition to channels first, which TensorFlow networks have: the network then takes pictures with channels first.
/// Returns whether there was one.
pub fn channels_first(network: &mut Network) -> bool {
    let moves = |step: &Step| matches!(&step.op, Op::Transpose { permutation } if *permutation == [0, 3, 1, 2]);
    let first = network.steps.iter().position(|step| step.inputs.contains(&network.input));
    let Some(first) = first.filter(|first| moves(&network.steps[*first]) && network.readers(network.input) == 1) else {
        return false;
    };
    network.input = network.steps.remove(first).output;
    true
}

/// The layout of a file's only input, which must take square pictures of this side.
pub(crate) fn layout(file: &NetworkFile, side: usize) -> Result<Layout, ImportError> {
    let inputs = file.inputs();
    let [input] = inputs.as_slice() else {
        return Err(ImportError::Inputs { names: inputs.into_iter().map(|input| input.name).collect() });
    };
    let layout = Layout::of(input.shape.as_deref());
    let given = layout.shape(side);
    // An open dimension fits any size.
    let fits = |shape: &[Option<usize>]| shape.len() == 4 && shape.iter().zip(given).all(|(s, g)| s.is_none_or(|s| s == g));
    match &input.shape {
        Some(shape) if !fits(shape) => {
            Err(ImportError::Input { name: input.name.clone(), declared: shape.clone(), given: given.to_vec() })
        }
        _ => Ok(layout),
    }
}

//! Batch norms into the convolution or fully connected layer before them.
//!
//! Outside training a batch norm is `y = (x - mean) * gamma / sqrt(var + epsilon) + beta`: a scale and a shift a channel.
//! Behind a layer `x = W v + b` it disappears into `W` and `b`.
use crate::{
    ImportError,
    network::{Network, Weight},
    onnx::Node,
};

/// Scale and shift of a batch norm, one a channel.
pub(crate) struct Affine {
    pub(crate) scale: Vec<f64>,
    pub(crate) shift: Vec<f64>,
}

impl Affine {
    pub(crate) fn of_batch_norm(network: &Network, node: &Node) -> Result<Self, ImportError> {
        let [gamma, beta, mean, var] = [1, 2, 3, 4].map(|i| network.weight_of(node, i).map(|w| &w.values));
        let (gamma, beta, mean, var) = (gamma?, beta?, mean?, var?);
        let channels = gamma.len();
        if [beta.len(), mean.len(), var.len()] != [channels; 3] {
            return Err(node.error("has scale, bias, mean and variance of different lengths"));
        }
        let epsilon = f64::from(node.float("epsilon", 1e-5));
        let scale: Vec<f64> = gamma.iter().zip(var).map(|(g, v)| f64::from(*g) / (f64::from(*v) + epsilon).sqrt()).collect();
        let shift = (0..channels).map(|c| f64::from(beta[c]) - f64::from(mean[c]) * scale[c]).collect();
        Ok(Self { scale, shift })
    }

    /// Folds this into `weight` (`[channels, ...]`) and `bias` (`[channels]`).
    pub(crate) fn fold_into(&self, weight: &mut [f32], bias: &mut [f32]) {
        let each = weight.len() / self.scale.len();
        for (channel, row) in weight.chunks_exact_mut(each).enumerate() {
            row.iter_mut().for_each(|w| *w = (f64::from(*w) * self.scale[channel]) as f32);
            bias[channel] = (f64::from(bias[channel]) * self.scale[channel] + self.shift[channel]) as f32;
        }
    }
}

/// Folds every batch norm that follows a convolution, and is the only reader of its output.
pub fn fold(network: &mut Network) -> Result<(), ImportError> {
    let mut index = 0;
    while index < network.graph.nodes.len() {
        match foldable(network, index) {
            Some(conv) => fold_pair(network, conv, index)?,
            None => index += 1,
        }
    }
    Ok(())
}

/// Index of the convolution that the batch norm at `index` can be folded into.
fn foldable(network: &Network, index: usize) -> Option<usize> {
    let norm = &network.graph.nodes[index];
    let input = norm.input(0).filter(|_| norm.op == "BatchNormalization")?;
    let conv = network.producer(input)?;
    let only_reader = network.graph.readers(input) == 1;
    (network.graph.nodes[conv].op == "Conv" && only_reader).then_some(conv)
}

fn fold_pair(network: &mut Network, conv: usize, norm: usize) -> Result<(), ImportError> {
    let affine = Affine::of_batch_norm(network, &network.graph.nodes[norm])?;
    let node = network.graph.nodes[conv].clone();
    let mut weight = network.weight_of(&node, 1)?.clone();
    let mut bias = match node.input(2) {
        Some(_) => network.weight_of(&node, 2)?.clone(),
        None => Weight { shape: vec![affine.scale.len()], values: vec![0.0; affine.scale.len()] },
    };
    if weight.shape.first() != Some(&affine.scale.len()) || bias.values.len() != affine.scale.len() {
        return Err(node.error(format!(
            "has {:?} output channels; the batch norm after it has {}",
            weight.shape.first(),
            affine.scale.len()
        )));
    }
    affine.fold_into(&mut weight.values, &mut bias.values);
    let output = network.graph.nodes[norm].output().to_owned();
    // Named after the folded pair: another node may read the unfolded constant still.
    let (weight_name, bias_name) = (format!("{output}.weight"), format!("{output}.bias"));
    network.weights.insert(weight_name.clone(), weight);
    network.weights.insert(bias_name.clone(), bias);
    let data = node.inputs.first().cloned().unwrap_or_default();
    network.graph.nodes[conv].inputs = vec![data, weight_name, bias_name];
    network.graph.nodes[conv].outputs = vec![output];
    network.graph.nodes.remove(norm);
    Ok(())
}

//! The graph in two at its dropout: the trunk before it, and the head after it.
//!
//! The head must be affine, `h(v) = W v + b`: SER-FIQ's passes then need only `W` and `b`, and the limit of infinitely many
//! passes has a closed form. This holds for SFace and for every ArcFace "E" head.
use crate::{
    ImportError,
    fold::Affine,
    network::Network,
    onnx::{Node, ValueInfo},
};

/// What follows the dropout: `h(v) = W v + b`.
#[derive(Debug, Clone)]
pub struct Head {
    /// `W`, row-major `[dimension, features]`.
    pub weight: Vec<f32>,
    /// `b`, `[dimension]`.
    pub bias: Vec<f32>,
    /// Length of the embedding.
    pub dimension: usize,
    /// Length of the feature vector the dropout acts on.
    pub features: usize,
    /// Dropout probability p.
    pub dropout: f64,
    /// Where the network was cut.
    pub place: Place,
}

/// Where a network was cut: at a Dropout, or before a fully connected layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// First output of the node.
    pub node: String,
    /// Its operator.
    pub op: String,
}

/// Cuts `network` at the node the card names, or at its only Dropout, or before its last fully connected layer. A 1x1 convolution
/// is one too, where it sees a single pixel.
///
/// `probability` is for a graph without a Dropout to read it from.
pub fn cut(mut network: Network, node: Option<&str>, probability: Option<f32>) -> Result<(Network, Head), ImportError> {
    let index = find(&network, node)?;
    let at = &network.graph.nodes[index];
    let trunk_output = at.input(0).ok_or_else(|| at.error("has no input"))?.to_owned();
    let dropout = match at.op.as_str() {
        "Dropout" => ratio(&network, at)?,
        _ => probability.ok_or_else(|| ImportError::Probability("not in the graph, which has no Dropout".into()))?,
    };
    let dropout = as_written(dropout);
    if !(dropout > 0.0 && dropout < 1.0) {
        return Err(ImportError::Probability(dropout.to_string()));
    }
    let first = if at.op == "Dropout" { index + 1 } else { index };
    let value = if at.op == "Dropout" { at.output() } else { &trunk_output }.to_owned();
    let place = Place { node: at.output().to_owned(), op: at.op.clone() };
    let after = network.graph.nodes.split_off(first);
    let head = compose(&mut network, &after, value, dropout, place)?;

    network.graph.nodes.truncate(index);
    network.graph.outputs = vec![describe(&network, &trunk_output)];
    drop_unreachable(&mut network, &trunk_output);
    Ok((network, head))
}

fn find(network: &Network, named: Option<&str>) -> Result<usize, ImportError> {
    let nodes = &network.graph.nodes;
    if let Some(name) = named {
        let position = nodes.iter().position(|n| n.output() == name);
        return position.ok_or_else(|| ImportError::NoCut {
            found: format!("no node whose first output is `{name}`, which the model card names"),
        });
    }
    let dropouts: Vec<_> = (0..nodes.len()).filter(|i| nodes[*i].op == "Dropout").collect();
    match dropouts.as_slice() {
        [one] => Ok(*one),
        [] => nodes.iter().rposition(|node| is_fully_connected(network, node)).ok_or_else(|| ImportError::NoCut {
            found: format!("no Dropout and no fully connected layer among its {} nodes", nodes.len()),
        }),
        several => {
            let names: Vec<_> = several.iter().map(|i| nodes[*i].output()).collect();
            Err(ImportError::NoCut { found: format!("{} Dropout nodes ({})", several.len(), names.join(", ")) })
        }
    }
}

fn is_fully_connected(network: &Network, node: &Node) -> bool {
    matches!(node.op.as_str(), "Gemm" | "MatMul") || is_pointwise(network, node)
}

/// Whether a node is a convolution that mixes the channels of each pixel, and nothing else.
fn is_pointwise(network: &Network, node: &Node) -> bool {
    let weight = node.input(1).and_then(|name| network.weights.get(name));
    let is_one_by_one = weight.is_some_and(|weight| matches!(weight.shape.as_slice(), [_, _, 1, 1]));
    node.op == "Conv" && is_one_by_one && node.integer("group", 1) == 1
}

/// The dropout's ratio: an input since ONNX operator set 12, an attribute before, 0.5 by default.
fn ratio(network: &Network, node: &Node) -> Result<f32, ImportError> {
    match node.input(1) {
        Some(_) => {
            let ratio = &network.weight_of(node, 1)?.values;
            ratio.first().copied().ok_or_else(|| node.error("has an empty ratio"))
        }
        None => Ok(node.float("ratio", 0.5)),
    }
}

/// The decimal number that was meant: 0.4, not the 0.4000000059604645 which is the nearest `f32`. The masks depend on it.
fn as_written(ratio: f32) -> f64 {
    ratio.to_string().parse().unwrap_or(f64::from(ratio))
}

/// Multiplies layers, the first of which reads `value`, out to one affine map.
fn compose(network: &mut Network, nodes: &[Node], mut value: String, dropout: f64, place: Place) -> Result<Head, ImportError> {
    let output = network.graph.outputs.first().map(|o| o.name.clone()).unwrap_or_default();
    let mut affine: Option<(Vec<f32>, Vec<f32>, usize)> = None;
    for node in nodes {
        let position = node.inputs.iter().position(|i| *i == value);
        let Some(position) = position else {
            return Err(ImportError::NoCut {
                found: format!("`{}` ({}) beside the path from the cut to the output", node.output(), node.op),
            });
        };
        affine = match (node.op.as_str(), affine, position) {
            ("Flatten" | "Reshape" | "Identity" | "Squeeze", affine, 0) => affine,
            ("Gemm" | "MatMul", None, 0) => Some(fully_connected(network, node)?),
            ("Conv", None, 0) if is_pointwise(network, node) => Some(pointwise(network, node)?),
            ("Add", Some((weight, mut bias, features)), _) => {
                let shift = &network.weight_of(node, 1 - position)?.values;
                if shift.len() != bias.len() {
                    return Err(node.error(format!("adds {} numbers to {}", shift.len(), bias.len())));
                }
                bias.iter_mut().zip(shift).for_each(|(b, s)| *b += s);
                Some((weight, bias, features))
            }
            ("BatchNormalization", Some((mut weight, mut bias, features)), 0) => {
                let norm = Affine::of_batch_norm(network, node)?;
                if norm.scale.len() != bias.len() {
                    return Err(node.error(format!(
                        "has {} channels; the layer before it has {}",
                        norm.scale.len(),
                        bias.len()
                    )));
                }
                norm.fold_into(&mut weight, &mut bias);
                Some((weight, bias, features))
            }
            (op, _, _) => {
                return Err(ImportError::NoCut { found: format!("`{}` ({op}) between the cut and the output", node.output()) });
            }
        };
        value = node.output().to_owned();
    }
    match affine {
        Some((weight, bias, features)) if value == output => {
            Ok(Head { dimension: bias.len(), weight, bias, features, dropout, place })
        }
        _ => Err(ImportError::NoCut { found: format!("no fully connected layer between the cut and the output `{output}`") }),
    }
}

/// The weights of a layer that has been cut off. They are most of the network: a copy would be the most memory that loading takes.
fn take_weight(network: &mut Network, node: &Node) -> Result<Vec<f32>, ImportError> {
    let is_used = |name: &str| network.graph.nodes.iter().any(|node| node.inputs.iter().any(|input| input == name));
    let own = node.input(1).filter(|name| !is_used(name));
    match own.and_then(|name| network.weights.remove(name)) {
        Some(weight) => Ok(weight.values),
        None => Ok(network.weight_of(node, 1)?.values.clone()),
    }
}

/// `W` as `[dimension, features]`, `b`, and the number of features, of a Gemm or a MatMul.
fn fully_connected(network: &mut Network, node: &Node) -> Result<(Vec<f32>, Vec<f32>, usize), ImportError> {
    let weight = network.weight_of(node, 1)?;
    let &[rows, columns] = weight.shape.as_slice() else {
        return Err(node.error(format!("has a weight of shape {:?}; expected two dimensions", weight.shape)));
    };
    if node.integer("transA", 0) != 0 {
        return Err(node.error("transposes its input, which is not supported"));
    }
    let transposed = node.op == "Gemm" && node.integer("transB", 0) != 0;
    let (dimension, features) = if transposed { (rows, columns) } else { (columns, rows) };
    let alpha = if node.op == "Gemm" { node.float("alpha", 1.0) } else { 1.0 };
    let beta = if node.op == "Gemm" { node.float("beta", 1.0) } else { 1.0 };
    let mut values = match transposed {
        true => take_weight(network, node)?,
        false => (0..dimension * features).map(|i| weight.values[i % features * columns + i / features]).collect(),
    };
    values.iter_mut().for_each(|w| *w *= alpha);
    let bias = match node.input(2) {
        Some(_) => network.weight_of(node, 2)?.values.iter().map(|b| b * beta).collect(),
        None => vec![0.0; dimension],
    };
    if bias.len() != dimension {
        return Err(node.error(format!("has a bias of {} numbers; expected {dimension}", bias.len())));
    }
    Ok((values, bias, features))
}

/// `W` as `[dimension, features]`, `b`, and the number of features, of a 1x1 convolution that sees a single pixel: then, and only
/// then, the output has as many numbers as the convolution has channels.
fn pointwise(network: &Network, node: &Node) -> Result<(Vec<f32>, Vec<f32>, usize), ImportError> {
    let weight = network.weight_of(node, 1)?;
    let (dimension, features) = (weight.shape[0], weight.shape[1]);
    let output = network.graph.outputs.first().and_then(ValueInfo::elements);
    if output != Some(dimension) {
        let found = output.map_or("an unknown number of".into(), |elements| elements.to_string());
        return Err(node.error(format!(
            "has {dimension} output channels, and the graph declares {found} output elements; expected as many, so that the \
             convolution sees one pixel"
        )));
    }
    let bias = match node.input(2) {
        Some(_) => network.weight_of(node, 2)?.values.clone(),
        None => vec![0.0; dimension],
    };
    if bias.len() != dimension {
        return Err(node.error(format!("has a bias of {} numbers; expected {dimension}", bias.len())));
    }
    Ok((weight.values.clone(), bias, features))
}

/// What the graph says of a value; where it says nothing, a type like that of its output, of a shape that follows from the rest.
fn describe(network: &Network, value: &str) -> ValueInfo {
    if let Some(known) = network.graph.value_info.iter().find(|v| v.name == value) {
        return known.clone();
    }
    let mut kind = network.graph.outputs.first().and_then(|output| output.kind.clone());
    if let Some(tensor) = kind.as_mut().and_then(|kind| kind.tensor.as_mut()) {
        tensor.shape = None;
    }
    ValueInfo { name: value.into(), kind }
}

/// Keeps only the nodes and constants that `output` depends on.
fn drop_unreachable(network: &mut Network, output: &str) {
    let mut needed = std::collections::HashSet::from([output.to_owned()]);
    let mut kept = Vec::new();
    for node in std::mem::take(&mut network.graph.nodes).into_iter().rev() {
        if node.outputs.iter().any(|o| needed.contains(o)) {
            needed.extend(node.inputs.iter().cloned());
            kept.push(node);
        }
    }
    kept.reverse();
    network.graph.nodes = kept;
    network.weights.retain(|name, _| needed.contains(name));
    network.graph.initializers.retain(|t| needed.contains(&t.name));
    network.graph.value_info.clear();
}

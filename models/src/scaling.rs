//! The scaling of the pixels, taken out of a graph: what its first nodes do to every value alike, whoever gives it the pixels can
//! do on the way.
use crate::network::Network;

/// What becomes of each value v: `(v - mean) * scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Subtracted first.
    pub mean: f64,
    /// Multiplied then.
    pub scale: f64,
}

impl Scaling {
    /// What follows after a subtraction of this mean and a multiplication by this scale.
    pub fn of(mean: f32, scale: f32) -> Self {
        Self { mean: mean.into(), scale: scale.into() }
    }

    /// This one first, then `next`.
    pub fn then(self, next: Self) -> Self {
        Self { mean: self.mean + next.mean / self.scale, scale: self.scale * next.scale }
    }
}

/// Removes the nodes that scale the whole input by constants, and tells what they did.
pub fn take(network: &mut Network) -> Scaling {
    let mut scaling = Scaling { mean: 0.0, scale: 1.0 };
    while let Some((index, step)) = first_step(network) {
        let node = network.graph.nodes.remove(index);
        let (input, output) = (node.inputs[0].clone(), node.output().to_owned());
        let readers = network.graph.nodes.iter_mut().flat_map(|node| &mut node.inputs);
        readers.filter(|name| **name == output).for_each(|name| name.clone_from(&input));
        scaling = scaling.then(step);
    }
    scaling
}

/// The node that is the only one to read the input, where all it does is to scale.
fn first_step(network: &Network) -> Option<(usize, Scaling)> {
    let graph = &network.graph;
    let input = &graph.inputs.iter().find(|input| !network.weights.contains_key(&input.name))?.name;
    let index = graph.nodes.iter().position(|node| node.input(0) == Some(input))?;
    let node = &graph.nodes[index];
    // A graph that is nothing but a scaling keeps its last node.
    if graph.readers(input) != 1 || graph.readers(node.output()) == 0 {
        return None;
    }
    let values = &network.weight_of(node, 1).ok()?.values;
    let constant = f64::from(*values.first()?);
    if values.iter().any(|value| *value != values[0]) || !constant.is_finite() {
        return None;
    }
    let step = match node.op.as_str() {
        "Sub" => Scaling { mean: constant, scale: 1.0 },
        "Add" => Scaling { mean: -constant, scale: 1.0 },
        "Mul" if constant != 0.0 => Scaling { mean: 0.0, scale: constant },
        "Div" if constant != 0.0 => Scaling { mean: 0.0, scale: 1.0 / constant },
        _ => return None,
    };
    Some((index, step))
}

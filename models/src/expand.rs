//! Block-quantised weights to `f32`.
//!
//! `w = (q - zero) * scale`, where each scale and zero stands for `block_size` neighbours along `axis`
//! (ONNX operator `DequantizeLinear`, since version 21). Ordinary runtimes refuse such weights, and so does burn.
use crate::{
    ImportError,
    network::{Network, Weight},
    onnx::Node,
};

/// Replaces each `DequantizeLinear` of constants, and each `Reshape` of its result, by the float constant it makes.
pub fn expand(network: &mut Network) -> Result<(), ImportError> {
    let mut kept = Vec::new();
    for node in std::mem::take(&mut network.graph.nodes) {
        let weight = match node.op.as_str() {
            "DequantizeLinear" => Some(dequantise(network, &node)?),
            "Reshape" => reshape_constant(network, &node)?,
            _ => None,
        };
        match weight {
            Some(weight) => {
                network.weights.insert(node.output().into(), weight);
            }
            None => kept.push(node),
        }
    }
    let used: std::collections::HashSet<&str> = kept.iter().flat_map(|n| &n.inputs).map(String::as_str).collect();
    network.graph.initializers.retain(|t| used.contains(t.name.as_str()));
    network.weights.retain(|name, _| used.contains(name.as_str()));
    network.graph.nodes = kept;
    Ok(())
}

fn dequantise(network: &Network, node: &Node) -> Result<Weight, ImportError> {
    let constant = |index: usize| {
        let name = node.input(index)?;
        network.integers(name)
    };
    let quantised = constant(0).ok_or_else(|| {
        node.error("does not read a constant; only quantised weights are supported, not quantised activations")
    })?;
    let shape = quantised.shape()?;
    let scale = network.weight_of(node, 1)?;
    let zero = constant(2).map(|z| z.to_integers()).transpose()?;
    let blocks = Blocks::of(node, &shape, &scale.shape)?;
    if zero.as_ref().is_some_and(|z| z.len() != scale.values.len()) {
        return Err(node.error("has as its zero point another shape than its scale"));
    }
    // In the place of the integers, which for a head are as much memory as all else together.
    let values = quantised.to_integers()?.into_iter().enumerate().map(|(i, q)| {
        let block = blocks.index(i);
        let zero = zero.as_ref().map_or(0, |z| z[block]);
        (q - zero) as f32 * scale.values[block]
    });
    Ok(Weight { shape: shape.clone(), values: values.collect() })
}

/// Which scale belongs to which element: the array seen as `[outer, axis, inner]`.
struct Blocks {
    axis: usize,
    inner: usize,
    block_size: usize,
    blocks_along_axis: usize,
}

impl Blocks {
    fn of(node: &Node, shape: &[usize], scale: &[usize]) -> Result<Self, ImportError> {
        let whole = scale.iter().product::<usize>() == 1;
        if whole {
            return Ok(Self { axis: 1, inner: usize::MAX, block_size: 1, blocks_along_axis: 1 });
        }
        let rank = shape.len() as i64;
        let axis = node.integer("axis", 1);
        let axis = if axis < 0 { axis + rank } else { axis };
        let axis = usize::try_from(axis).ok().filter(|a| *a < shape.len());
        let axis =
            axis.ok_or_else(|| node.error(format!("has axis {}; the weight has {rank} dimensions", node.integer("axis", 1))))?;
        let inner = shape[axis + 1..].iter().product();
        let block_size = node.integer("block_size", 0);
        if block_size == 0 {
            if scale != [shape[axis]] {
                return Err(node.error(format!(
                    "has a scale of shape {scale:?}; expected [{}], one for each along axis {axis}",
                    shape[axis]
                )));
            }
            return Ok(Self { axis: shape[axis], inner, block_size: 1, blocks_along_axis: 0 });
        }
        let block_size =
            usize::try_from(block_size).map_err(|_| node.error(format!("has block_size {block_size}; expected 1 or more")))?;
        let mut expected = shape.to_vec();
        expected[axis] = shape[axis].div_ceil(block_size);
        if scale != expected {
            return Err(node.error(format!(
                "has a scale of shape {scale:?}; expected {expected:?} for a weight of shape {shape:?} in blocks of {block_size} along axis {axis}"
            )));
        }
        Ok(Self { axis: shape[axis], inner, block_size, blocks_along_axis: expected[axis] })
    }

    fn index(&self, element: usize) -> usize {
        let (row, inner) = (element / self.inner, element % self.inner);
        if self.inner == usize::MAX {
            return 0;
        }
        let (outer, along) = (row / self.axis, row % self.axis);
        match self.blocks_along_axis {
            // One scale for each position along the axis, the same for all of the other dimensions.
            0 => along,
            blocks => (outer * blocks + along / self.block_size) * self.inner + inner,
        }
    }
}

fn reshape_constant(network: &Network, node: &Node) -> Result<Option<Weight>, ImportError> {
    let Some(weight) = node.input(0).and_then(|name| network.weights.get(name)) else { return Ok(None) };
    let Some(target) = node.input(1).and_then(|name| network.integers(name)) else { return Ok(None) };
    let total = weight.values.len();
    let mut shape = Vec::new();
    let mut inferred = None;
    for (i, size) in target.to_integers()?.into_iter().enumerate() {
        shape.push(match size {
            -1 => {
                inferred = Some(i);
                1
            }
            0 => weight.shape.get(i).copied().unwrap_or(0),
            size => usize::try_from(size).unwrap_or(0),
        });
    }
    let known: usize = shape.iter().product();
    if let Some(i) = inferred.filter(|_| known > 0) {
        shape[i] = total / known;
    }
    if shape.iter().product::<usize>() != total {
        return Err(node.error(format!("reshapes a constant of {total} elements to {shape:?}, which does not fit")));
    }
    Ok(Some(Weight { shape, values: weight.values.clone() }))
}

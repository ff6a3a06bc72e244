//! ONNX files, operator sets 7 to 22.
//!
//! | module | owns |
//! |---|---|
//! | [`format`](mod@format) | the file format: protobuf messages |
//! | `operators` | how each operator is lowered |
pub mod format;
mod operators;

use std::collections::{BTreeMap, HashMap};

use crate::{
    Constant, ImportError, Network,
    builder::Builder,
    file::{Declared, Unsupported},
    network::ValueId,
};
use format::{Graph, Model, Node, Tensor};

/// Arithmetic broadcasts differently before this operator set.
const FIRST_OPSET: i64 = 7;

/// An ONNX file.
#[derive(Debug, Clone)]
pub struct OnnxFile {
    /// Version of the standard operators.
    opset: i64,
    graph: Graph,
    constants: BTreeMap<String, Constant>,
}

/// A node whose inputs are known to the builder.
pub(crate) struct Call<'a> {
    pub(crate) node: &'a Node,
    pub(crate) opset: i64,
    inputs: Vec<Option<ValueId>>,
}

impl OnnxFile {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let (header, mut graph) = Model::read(bytes)?;
        let standard = header.opsets.iter().find(|set| set.domain.is_empty() || set.domain == "ai.onnx");
        let opset = standard.map_or(1, |set| set.version);
        if opset < FIRST_OPSET {
            return Err(ImportError::Opset { found: opset, first: FIRST_OPSET });
        }
        let mut constants = BTreeMap::new();
        for tensor in std::mem::take(&mut graph.initializers) {
            constants.insert(tensor.name.clone(), tensor.into_constant()?);
        }
        // Some exporters keep weights in Constant nodes. They are moved, not copied: they are most of the file.
        for node in std::mem::take(&mut graph.nodes) {
            match constant_of(node) {
                Ok(tensor) => drop(constants.insert(tensor.name.clone(), tensor.into_constant()?)),
                Err(node) => graph.nodes.push(*node),
            }
        }
        Ok(Self { opset, graph, constants })
    }

    /// The network's inputs.
    pub(crate) fn inputs(&self) -> Vec<Declared> {
        let declared = |input: &format::ValueInfo| Declared {
            name: input.name.clone(),
            shape: input.shape().map(|shape| shape.iter().map(|size| usize::try_from(*size).ok().filter(|s| *s > 0)).collect()),
        };
        self.graph.inputs.iter().map(declared).collect()
    }

    /// Number of nodes.
    pub(crate) fn operations(&self) -> usize {
        self.graph.nodes.len()
    }

    /// The nodes with unsupported operators.
    pub(crate) fn unsupported(&self) -> Vec<Unsupported> {
        let nodes = self.graph.nodes.iter().filter(|node| find(node).is_none());
        nodes.map(|node| Unsupported { op: full_name(node), node: node.output().into() }).collect()
    }

    /// Lowers the network for an input of this shape.
    pub(crate) fn lower(self, input: &[usize]) -> Result<Network, ImportError> {
        let Self { opset, graph, constants } = self;
        let mut builder = Builder::new(input);
        let mut values: HashMap<String, ValueId> = HashMap::new();
        for input in &graph.inputs {
            values.insert(input.name.clone(), builder.input());
        }
        let mut reads: HashMap<&str, usize> = HashMap::new();
        let names = graph.nodes.iter().flat_map(|node| &node.inputs).chain(graph.outputs.iter().map(|output| &output.name));
        names.for_each(|name| *reads.entry(name).or_default() += 1);
        for (name, constant) in constants.into_iter().filter(|(name, _)| reads.contains_key(name.as_str())) {
            let constant = constant.without_nan(&name)?;
            values.insert(name, builder.constant(constant));
        }
        // Counted by value, not by name: the output of an Identity is a second name of its input.
        let mut reads_left: HashMap<ValueId, usize> = HashMap::new();
        for (name, value) in &values {
            *reads_left.entry(*value).or_default() += reads.get(name.as_str()).copied().unwrap_or(0);
        }
        for node in &graph.nodes {
            builder.enter(node.output(), &node.op);
            let inputs = node.inputs.iter().map(|name| match name.as_str() {
                "" => Ok(None),
                name => values.get(name).copied().map(Some).ok_or_else(|| {
                    builder.error(format!("reads `{name}`, which no earlier node computes; expected execution order"))
                }),
            });
            let call = Call { node, opset, inputs: inputs.collect::<Result<_, _>>()? };
            let operator =
                find(node).ok_or_else(|| ImportError::Operator { op: full_name(node), node: node.output().into() })?;
            let results = operator(&mut builder, &call)?;
            for (name, value) in node.outputs.iter().zip(results).filter(|(name, _)| !name.is_empty()) {
                *reads_left.entry(value).or_default() += reads.get(name.as_str()).copied().unwrap_or(0);
                values.insert(name.clone(), value);
            }
            // Frees quantised weights once they are expanded: a head's weights are most of a file.
            for value in call.inputs() {
                let left = reads_left.entry(value).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    builder.forget(value);
                }
            }
        }
        let output = |output: &format::ValueInfo| {
            let value = values.get(&output.name).copied();
            let value = value.ok_or_else(|| ImportError::NotOnnx(format!("no node computes its output `{}`", output.name)))?;
            Ok((output.name.clone(), value))
        };
        let outputs = graph.outputs.iter().map(output).collect::<Result<Vec<_>, ImportError>>()?;
        Ok(builder.finish(outputs))
    }
}

fn find(node: &Node) -> Option<operators::Operator> {
    operators::find(&node.op).filter(|_| is_standard(node))
}

fn is_standard(node: &Node) -> bool {
    node.domain.is_empty() || node.domain == "ai.onnx"
}

/// The tensor of a Constant node, named after the node's output. Returns other nodes unchanged.
fn constant_of(mut node: Node) -> Result<Tensor, Box<Node>> {
    let is_constant = node.op == "Constant" && is_standard(&node);
    let value = node.attributes.iter_mut().find(|attribute| is_constant && attribute.name == "value");
    match value.and_then(|value| value.t.take()) {
        Some(tensor) => Ok(Tensor { name: node.output().into(), ..tensor }),
        None => Err(Box::new(node)),
    }
}

/// The operator, with its domain unless it is standard.
fn full_name(node: &Node) -> String {
    if node.domain.is_empty() { node.op.clone() } else { format!("{}.{}", node.domain, node.op) }
}

impl Call<'_> {
    /// A required input.
    pub(crate) fn input(&self, builder: &Builder, index: usize) -> Result<ValueId, ImportError> {
        self.optional(index).ok_or_else(|| builder.error(format!("has no input {index}")))
    }

    /// An optional input.
    pub(crate) fn optional(&self, index: usize) -> Option<ValueId> {
        self.inputs.get(index).copied().flatten()
    }

    /// All inputs that are present.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = ValueId> {
        self.inputs.iter().copied().flatten()
    }

    /// A required constant input.
    pub(crate) fn constant(&self, builder: &Builder, index: usize) -> Result<Constant, ImportError> {
        let value = self.input(builder, index)?;
        let known = builder.known(value).cloned();
        known.ok_or_else(|| {
            builder.error(format!("computes its input {index} (`{}`); expected a constant", self.node.inputs[index]))
        })
    }

    /// An optional input, which must be constant if present.
    pub(crate) fn optional_constant(&self, builder: &Builder, index: usize) -> Result<Option<Constant>, ImportError> {
        self.optional(index).map(|_| self.constant(builder, index)).transpose()
    }

    /// A number that older operator sets store as the attribute `name` and newer ones as input `index`; `None` if omitted.
    pub(crate) fn number(&self, builder: &Builder, name: &str, index: usize) -> Result<Option<f32>, ImportError> {
        if let Some(attribute) = self.node.attribute(name) {
            return Ok(Some(attribute.f));
        }
        let Some(constant) = self.optional_constant(builder, index)? else { return Ok(None) };
        match constant.to_floats().as_slice() {
            [number] => Ok(Some(*number)),
            several => Err(builder.error(format!("has {} numbers as its input {index} ({name}); expected one", several.len()))),
        }
    }

    /// Integers that older operator sets store as the attribute `name` and newer ones as input `index`; `None` if omitted.
    pub(crate) fn integers(&self, builder: &Builder, name: &str, index: usize) -> Result<Option<Vec<i64>>, ImportError> {
        match self.node.integers(name) {
            Some(integers) => Ok(Some(integers.to_vec())),
            None => Ok(self.optional_constant(builder, index)?.map(|constant| constant.to_integers())),
        }
    }
}

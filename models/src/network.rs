//! A graph with its float constants beside it, as the steps of the import pass it on.
use std::collections::BTreeMap;

use crate::{
    ImportError,
    onnx::{Graph, Model, Node, Tensor, element},
};

/// A float constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// Shape; the product is the number of values.
    pub shape: Vec<usize>,
    /// Row-major.
    pub values: Vec<f32>,
}

/// A graph and its float constants by name. Integer constants (shapes) stay in the graph.
#[derive(Debug, Clone)]
pub struct Network {
    header: Model,
    /// Nodes, inputs, outputs.
    pub graph: Graph,
    /// Float constants by the name of the value they are.
    pub weights: BTreeMap<String, Weight>,
}

impl Network {
    /// Reads an ONNX file.
    pub fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let (header, mut graph) = Model::read(bytes)?;
        let mut weights = BTreeMap::new();
        let mut rest = Vec::new();
        for tensor in std::mem::take(&mut graph.initializers) {
            match tensor.element {
                element::FLOAT => {
                    let weight = Weight { shape: tensor.shape()?, values: tensor.to_floats()? };
                    weights.insert(tensor.name, weight);
                }
                _ => rest.push(tensor),
            }
        }
        graph.initializers = rest;
        let mut network = Self { header, graph, weights };
        network.take_constant_nodes()?;
        Ok(network)
    }

    /// `Constant` nodes that hold a float tensor become weights like any other.
    fn take_constant_nodes(&mut self) -> Result<(), ImportError> {
        let mut kept = Vec::new();
        for node in std::mem::take(&mut self.graph.nodes) {
            let tensor = node.attribute("value").and_then(|a| a.t.as_ref()).filter(|t| t.element == element::FLOAT);
            match (node.op.as_str(), tensor) {
                ("Constant", Some(tensor)) => {
                    let weight = Weight { shape: tensor.shape()?, values: tensor.to_floats()? };
                    self.weights.insert(node.output().into(), weight);
                }
                _ => kept.push(node),
            }
        }
        self.graph.nodes = kept;
        Ok(())
    }

    /// The bytes of an ONNX file of this network, with only the constants that its nodes read.
    pub fn to_onnx(&self) -> Vec<u8> {
        let mut graph = self.graph.clone();
        let used = |name: &str| self.graph.readers(name) > 0;
        graph.initializers.retain(|t| used(&t.name));
        graph.initializers.extend(
            self.weights.iter().filter(|(name, _)| used(name)).map(|(name, w)| Tensor::from_floats(name, &w.shape, &w.values)),
        );
        self.header.write(graph)
    }

    /// The float constant that `node` reads as its input `index`.
    pub(crate) fn weight_of(&self, node: &Node, index: usize) -> Result<&Weight, ImportError> {
        let name = node.input(index).ok_or_else(|| node.error(format!("has no input {index}; expected a constant there")))?;
        self.weights
            .get(name)
            .ok_or_else(|| node.error(format!("reads `{name}` as input {index}; expected a float constant there")))
    }

    /// The integer constant called `name`.
    pub(crate) fn integers(&self, name: &str) -> Option<&Tensor> {
        self.graph.initializers.iter().find(|t| t.name == name)
    }

    /// Index of the node that makes the value `name`.
    pub(crate) fn producer(&self, name: &str) -> Option<usize> {
        self.graph.nodes.iter().position(|n| n.outputs.iter().any(|o| o == name))
    }
}

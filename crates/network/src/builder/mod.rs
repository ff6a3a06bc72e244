//! Builds a network step by step: each method checks its input shapes and returns a value of known shape.
//!
//! Constant expressions are evaluated immediately, so the shape arithmetic of exporters (`Shape`, `Gather`, `Concat`, `Reshape`)
//! leaves no steps behind.
//!
//! | module | owns |
//! |---|---|
//! | `layers` | steps with weights: convolutions, fully connected layers; matrix products |
//! | `arithmetic` | elementwise steps, and steps over axes |
//! | `shapes` | steps that only move values |
//! | `sampling` | pooling, upsampling and downsampling |
//! | `composed` | single operators of both file formats that take several steps here |
//! | `evaluate` | the same operations on constants |
mod arithmetic;
mod composed;
pub(crate) mod evaluate;
mod layers;
mod sampling;
mod shapes;

use std::sync::Arc;

pub(crate) use arithmetic::is_per_axis;
pub use layers::{Convolve, Deconvolve};

use crate::{
    Constant, ImportError,
    constant::Data,
    network::{Network, Op, Origin, Step, Value, ValueId},
};

/// The maximum number of elements of a value, and of all constants computed here together: 1 GiB of floats. No face recogniser
/// needs more, and a damaged file may ask for any number.
const MAX_ELEMENTS: usize = 1 << 28;

/// A network being built.
#[derive(Debug)]
pub struct Builder {
    network: Network,
    origin: Arc<Origin>,
    /// How many more constant elements may be computed.
    room: usize,
}

impl Builder {
    /// A network that reads a value of this shape, with no steps yet.
    pub fn new(input: &[usize]) -> Self {
        let values = vec![Value { shape: input.to_vec(), constant: None }];
        let network = Network { values, steps: vec![], input: ValueId(0), outputs: vec![] };
        Self { network, origin: Arc::default(), room: MAX_ELEMENTS }
    }

    /// The network's input.
    pub fn input(&self) -> ValueId {
        self.network.input
    }

    /// Attributes the following steps and errors to this node of the file.
    pub fn enter(&mut self, node: &str, op: &str) {
        self.origin = Arc::new(Origin { node: node.into(), op: op.into() });
    }

    /// Returns the network, with these outputs.
    pub fn finish(mut self, outputs: Vec<(String, ValueId)>) -> Network {
        self.network.outputs = outputs;
        self.network.prune();
        self.network
    }

    /// An error in the node being built.
    pub fn error(&self, problem: impl Into<String>) -> ImportError {
        ImportError::Node { node: self.origin.node.clone(), op: self.origin.op.clone(), problem: problem.into() }
    }

    /// Adds a constant.
    pub fn constant(&mut self, constant: Constant) -> ValueId {
        self.network.values.push(Value { shape: constant.shape.clone(), constant: Some(constant) });
        ValueId(self.network.values.len() - 1)
    }

    /// Adds a float without dimensions.
    pub fn scalar(&mut self, value: f32) -> ValueId {
        self.constant(Constant::scalar(value))
    }

    /// Shape of a value.
    pub fn shape(&self, value: ValueId) -> &[usize] {
        self.network.shape(value)
    }

    /// Number of dimensions of a value.
    pub fn rank(&self, value: ValueId) -> usize {
        self.shape(value).len()
    }

    /// The elements of a value, if known.
    pub fn known(&self, value: ValueId) -> Option<&Constant> {
        self.network.constant(value)
    }

    /// Frees the elements of a constant that no step reads.
    pub fn forget(&mut self, value: ValueId) {
        if self.known(value).is_some() && self.network.readers(value) == 0 {
            self.network.values[value.0].constant = None;
        }
    }

    /// Resolves an axis as files count it: negative ones from the end.
    pub fn axis(&self, axis: i64, rank: usize) -> Result<usize, ImportError> {
        let from_start = if axis < 0 { axis + rank as i64 } else { axis };
        let found = usize::try_from(from_start).ok().filter(|axis| *axis < rank);
        found.ok_or_else(|| self.error(format!("has axis {axis}; its input has {rank} dimensions")))
    }

    /// Adds a step.
    fn push(&mut self, op: Op, inputs: &[ValueId], shape: Vec<usize>) -> Result<ValueId, ImportError> {
        self.check_size(&shape)?;
        for input in inputs {
            if self.shape(*input).contains(&0) {
                return Err(self.error(format!("reads a value of shape {:?}, which has no elements", self.shape(*input))));
            }
            match self.known(*input).map(|constant| &constant.data) {
                None | Some(Data::Floats(_)) => {}
                Some(Data::Integers(_)) => {
                    return Err(self.error("mixes integers with values that are only known when the network runs"));
                }
                Some(Data::Bytes(..)) => {
                    return Err(self.error(
                        "computes with quantised values; only quantised weights are supported, each behind a DequantizeLinear",
                    ));
                }
            }
        }
        self.network.values.push(Value { shape, constant: None });
        let output = ValueId(self.network.values.len() - 1);
        self.network.steps.push(Step { op, inputs: inputs.to_vec(), output, origin: self.origin.clone() });
        Ok(output)
    }

    /// The step that computes a value.
    fn step_of(&self, value: ValueId) -> Option<&Step> {
        self.network.steps.iter().rev().find(|step| step.output == value)
    }

    /// Reserves room for a constant of this shape. Called before its elements are computed, because a damaged file may ask for any
    /// shape.
    pub(crate) fn make_room(&mut self, shape: &[usize]) -> Result<(), ImportError> {
        // Axes of length 0 count as 1, so that the strides cannot overflow either.
        let elements = shape.iter().try_fold(1_usize, |product, size| product.checked_mul((*size).max(1)));
        let left = elements.and_then(|elements| self.room.checked_sub(elements));
        self.room = left.ok_or_else(|| {
            self.error(format!(
                "computes a constant of shape {shape:?}, which makes more than {MAX_ELEMENTS} elements of all such constants together"
            ))
        })?;
        Ok(())
    }

    /// Checks that a value computed at run time may have this shape.
    pub(crate) fn check_size(&self, shape: &[usize]) -> Result<(), ImportError> {
        let elements = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        match elements {
            Some(0) => Err(self.error(format!("makes a value of shape {shape:?}, which has no elements"))),
            Some(elements) if elements <= MAX_ELEMENTS => Ok(()),
            _ => Err(self.error(format!("makes a value of shape {shape:?}; expected at most {MAX_ELEMENTS} elements"))),
        }
    }
}

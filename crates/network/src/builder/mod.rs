//! Building a network step by step: each method checks the shapes it is given, and tells that of its result.
//!
//! What is computed from constants alone is computed at once, so that the shape arithmetic of exporters (`Shape`, `Gather`, `Concat`,
//! `Reshape`) leaves nothing behind.
//!
//! | module | owns |
//! |---|---|
//! | `layers` | steps with weights: convolutions, fully connected layers; products of matrices |
//! | `arithmetic` | steps value by value, and over axes |
//! | `shapes` | steps that only move values |
//! | `sampling` | pooling, enlarging and shrinking |
//! | `composed` | what both file formats have as one operator, and is several steps here |
//! | `evaluate` | the same of constants |
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

/// The most elements that a value may have, and that all constants computed here may have together: 1 GiB of floats. No face
/// recogniser needs more, and a damaged file may ask for any number.
const MAX_ELEMENTS: usize = 1 << 28;

/// A network being built.
#[derive(Debug)]
pub struct Builder {
    network: Network,
    origin: Arc<Origin>,
    /// How many elements of constants may still be computed.
    room: usize,
}

impl Builder {
    /// A network that reads a value of this shape, and does nothing yet.
    pub fn new(input: &[usize]) -> Self {
        let values = vec![Value { shape: input.to_vec(), constant: None }];
        let network = Network { values, steps: vec![], input: ValueId(0), outputs: vec![] };
        Self { network, origin: Arc::default(), room: MAX_ELEMENTS }
    }

    /// What the network reads.
    pub fn input(&self) -> ValueId {
        self.network.input
    }

    /// Steps and errors from here on belong to this node of the file.
    pub fn enter(&mut self, node: &str, op: &str) {
        self.origin = Arc::new(Origin { node: node.into(), op: op.into() });
    }

    /// The network, which makes these values.
    pub fn finish(mut self, outputs: Vec<(String, ValueId)>) -> Network {
        self.network.outputs = outputs;
        self.network.prune();
        self.network
    }

    /// An error of the node that is being built.
    pub fn error(&self, problem: impl Into<String>) -> ImportError {
        ImportError::Node { node: self.origin.node.clone(), op: self.origin.op.clone(), problem: problem.into() }
    }

    /// A value that is known.
    pub fn constant(&mut self, constant: Constant) -> ValueId {
        self.network.values.push(Value { shape: constant.shape.clone(), constant: Some(constant) });
        ValueId(self.network.values.len() - 1)
    }

    /// A float without dimensions.
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

    /// The elements of a value, if they are known.
    pub fn known(&self, value: ValueId) -> Option<&Constant> {
        self.network.constant(value)
    }

    /// Lets a constant go that no step reads, and with it the memory of its elements.
    pub fn forget(&mut self, value: ValueId) {
        if self.known(value).is_some() && self.network.readers(value) == 0 {
            self.network.values[value.0].constant = None;
        }
    }

    /// An axis as files count it: negative ones from behind.
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

    /// The step that makes a value.
    fn step_of(&self, value: ValueId) -> Option<&Step> {
        self.network.steps.iter().rev().find(|step| step.output == value)
    }

    /// Takes the room that a constant of this shape needs. Called before its elements are computed: the shape may be any that a
    /// damaged file asks for.
    pub(crate) fn make_room(&mut self, shape: &[usize]) -> Result<(), ImportError> {
        // Axes of length 0 count as 1, so that the distances between elements cannot overflow either.
        let elements = shape.iter().try_fold(1_usize, |product, size| product.checked_mul((*size).max(1)));
        let left = elements.and_then(|elements| self.room.checked_sub(elements));
        self.room = left.ok_or_else(|| {
            self.error(format!(
                "computes a constant of shape {shape:?}, which makes more than {MAX_ELEMENTS} elements of all such constants together"
            ))
        })?;
        Ok(())
    }

    /// Whether a value that is computed at run time may have this shape.
    pub(crate) fn check_size(&self, shape: &[usize]) -> Result<(), ImportError> {
        let elements = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        match elements {
            Some(0) => Err(self.error(format!("makes a value of shape {shape:?}, which has no elements"))),
            Some(elements) if elements <= MAX_ELEMENTS => Ok(()),
            _ => Err(self.error(format!("makes a value of shape {shape:?}; expected at most {MAX_ELEMENTS} elements"))),
        }
    }
}

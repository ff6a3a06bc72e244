//! The part of the ONNX file format that the import needs, read and written with protobuf.
//!
//! Field numbers are those of the ONNX specification (`onnx.proto3`). Fields left out here are dropped on reading.
use std::collections::HashSet;

use prost::Message;

use crate::ImportError;

/// A whole ONNX file.
#[derive(Clone, PartialEq, Message)]
pub struct Model {
    /// Version of the file format.
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    /// The computation.
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    /// Which operator sets the nodes belong to.
    #[prost(message, repeated, tag = "8")]
    pub opsets: Vec<OperatorSet>,
}

/// Version of an operator set.
#[derive(Clone, PartialEq, Message)]
pub struct OperatorSet {
    /// Empty for the standard operators.
    #[prost(string, tag = "1")]
    pub domain: String,
    /// Version.
    #[prost(int64, tag = "2")]
    pub version: i64,
}

/// Nodes in topological order, and the constants they use.
#[derive(Clone, PartialEq, Message)]
pub struct Graph {
    /// Operations.
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<Node>,
    /// Name of the graph.
    #[prost(string, tag = "2")]
    pub name: String,
    /// Constants.
    #[prost(message, repeated, tag = "5")]
    pub initializers: Vec<Tensor>,
    /// Inputs; in old files the constants too.
    #[prost(message, repeated, tag = "11")]
    pub inputs: Vec<ValueInfo>,
    /// Outputs.
    #[prost(message, repeated, tag = "12")]
    pub outputs: Vec<ValueInfo>,
    /// Types of values in between.
    #[prost(message, repeated, tag = "13")]
    pub value_info: Vec<ValueInfo>,
}

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub struct Node {
    /// Names of the values it reads.
    #[prost(string, repeated, tag = "1")]
    pub inputs: Vec<String>,
    /// Names of the values it makes.
    #[prost(string, repeated, tag = "2")]
    pub outputs: Vec<String>,
    /// Name, for people.
    #[prost(string, tag = "3")]
    pub name: String,
    /// Operator.
    #[prost(string, tag = "4")]
    pub op: String,
    /// Options.
    #[prost(message, repeated, tag = "5")]
    pub attributes: Vec<Attribute>,
}

/// An option of an operation.
#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    /// Name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Value of a float.
    #[prost(float, tag = "2")]
    pub f: f32,
    /// Value of an integer.
    #[prost(int64, tag = "3")]
    pub i: i64,
    /// Value of a string.
    #[prost(bytes = "vec", tag = "4")]
    pub s: Vec<u8>,
    /// Value of a tensor.
    #[prost(message, optional, tag = "5")]
    pub t: Option<Tensor>,
    /// Values of a list of floats.
    #[prost(float, repeated, tag = "7")]
    pub floats: Vec<f32>,
    /// Values of a list of integers.
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
    /// Which of the values is meant.
    #[prost(int32, tag = "20")]
    pub kind: i32,
}

/// A constant.
#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    /// Shape.
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    /// Element type, see [`element`].
    #[prost(int32, tag = "2")]
    pub element: i32,
    /// Elements of a float tensor, unless raw.
    #[prost(float, repeated, tag = "4")]
    pub floats: Vec<f32>,
    /// Elements of an integer tensor of up to 32 bits, unless raw.
    #[prost(int32, repeated, tag = "5")]
    pub ints: Vec<i32>,
    /// Elements of a 64-bit integer tensor, unless raw.
    #[prost(int64, repeated, tag = "7")]
    pub longs: Vec<i64>,
    /// Name.
    #[prost(string, tag = "8")]
    pub name: String,
    /// Elements, little-endian, when not in the lists above.
    #[prost(bytes = "vec", tag = "9")]
    pub raw: Vec<u8>,
    /// 1 when the elements are in another file.
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

/// Name and type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct ValueInfo {
    /// Name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Type.
    #[prost(message, optional, tag = "2")]
    pub kind: Option<Type>,
}

/// Type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct Type {
    /// Tensor type.
    #[prost(message, optional, tag = "1")]
    pub tensor: Option<TensorType>,
}

/// Element type and shape.
#[derive(Clone, PartialEq, Message)]
pub struct TensorType {
    /// Element type, see [`element`].
    #[prost(int32, tag = "1")]
    pub element: i32,
    /// Shape.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

/// Shape of a tensor.
#[derive(Clone, PartialEq, Message)]
pub struct Shape {
    /// Dimensions.
    #[prost(message, repeated, tag = "1")]
    pub dims: Vec<Dimension>,
}

/// One dimension.
#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    /// Its size, 0 when unknown.
    #[prost(int64, tag = "1")]
    pub size: i64,
}

/// Numbers of the element types that the import reads.
pub mod element {
    /// 32-bit float.
    pub const FLOAT: i32 = 1;
    /// Unsigned byte.
    pub const UINT8: i32 = 2;
    /// Signed byte.
    pub const INT8: i32 = 3;
    /// 32-bit integer.
    pub const INT32: i32 = 6;
    /// 64-bit integer.
    pub const INT64: i32 = 7;
}

impl ValueInfo {
    /// The declared shape, 0 where a dimension is left open; `None` where none is declared.
    pub fn shape(&self) -> Option<Vec<i64>> {
        let shape = self.kind.as_ref()?.tensor.as_ref()?.shape.as_ref()?;
        Some(shape.dims.iter().map(|dimension| dimension.size).collect())
    }

    /// How many elements it has for each entry of its first dimension, the batch; `None` where that is left open.
    pub(crate) fn elements(&self) -> Option<usize> {
        let shape = self.shape()?;
        let known = |size: &i64| usize::try_from(*size).ok().filter(|size| *size > 0);
        shape.get(1..)?.iter().map(known).product()
    }
}

impl Model {
    /// Reads an ONNX file, and drops the inputs that only repeat a constant's name.
    pub fn read(bytes: &[u8]) -> Result<(Model, Graph), ImportError> {
        let mut model = Model::decode(bytes).map_err(|e| ImportError::NotOnnx(e.to_string()))?;
        let mut graph = model.graph.take().ok_or_else(|| ImportError::NotOnnx("it has no graph".into()))?;
        let constants: HashSet<_> = graph.initializers.iter().map(|t| t.name.as_str()).collect();
        let produced: HashSet<_> = graph.nodes.iter().flat_map(|n| &n.outputs).map(String::as_str).collect();
        let read: HashSet<_> = graph.nodes.iter().flat_map(|n| &n.inputs).map(String::as_str).collect();
        // Quantising tools leave the old constants' names among the inputs though nothing reads them any more.
        graph.inputs.retain(|i| {
            let name = i.name.as_str();
            read.contains(name) && !constants.contains(name) && !produced.contains(name)
        });
        Ok((model, graph))
    }

    /// The bytes of an ONNX file with this header and `graph`.
    pub fn write(&self, graph: Graph) -> Vec<u8> {
        Model { graph: Some(graph), ..self.clone() }.encode_to_vec()
    }
}

impl Graph {
    /// How many nodes read the value `name`; a graph output counts as a reader.
    pub(crate) fn readers(&self, name: &str) -> usize {
        let nodes = self.nodes.iter().flat_map(|n| &n.inputs).filter(|i| *i == name).count();
        nodes + self.outputs.iter().filter(|o| o.name == name).count()
    }
}

impl Node {
    /// Name of the first output, by which errors and cards name a node.
    pub fn output(&self) -> &str {
        self.outputs.first().map_or("", String::as_str)
    }

    pub(crate) fn input(&self, index: usize) -> Option<&str> {
        self.inputs.get(index).map(String::as_str).filter(|name| !name.is_empty())
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    pub(crate) fn integer(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |a| a.i)
    }

    pub(crate) fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |a| a.f)
    }

    pub(crate) fn error(&self, problem: impl Into<String>) -> ImportError {
        ImportError::Node { node: self.output().into(), op: self.op.clone(), problem: problem.into() }
    }
}

impl Tensor {
    /// A float constant.
    pub(crate) fn from_floats(name: &str, dims: &[usize], values: &[f32]) -> Self {
        Self {
            name: name.into(),
            element: element::FLOAT,
            dims: dims.iter().map(|d| *d as i64).collect(),
            raw: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ..Self::default()
        }
    }

    /// The shape; an error if a dimension is negative.
    pub fn shape(&self) -> Result<Vec<usize>, ImportError> {
        let dimension =
            |d: &i64| usize::try_from(*d).map_err(|_| ImportError::tensor(&self.name, format!("has a dimension of {d}")));
        self.dims.iter().map(dimension).collect()
    }

    /// The elements of a float tensor, as many as the shape says.
    pub fn to_floats(&self) -> Result<Vec<f32>, ImportError> {
        self.expect_element(&[element::FLOAT], "floats")?;
        let values = match self.raw.is_empty() {
            true => self.floats.clone(),
            false => self.raw.as_chunks::<4>().0.iter().map(|c| f32::from_le_bytes(*c)).collect(),
        };
        self.expect_length(values)
    }

    /// The elements of an integer tensor, as many as the shape says.
    pub fn to_integers(&self) -> Result<Vec<i32>, ImportError> {
        self.expect_element(&[element::INT8, element::UINT8, element::INT32, element::INT64], "integers")?;
        let narrow =
            |v: i64| i32::try_from(v).map_err(|_| ImportError::tensor(&self.name, format!("holds {v}, which needs 64 bits")));
        let values = match (self.raw.is_empty(), self.element) {
            (true, element::INT64) => self.longs.iter().map(|v| narrow(*v)).collect::<Result<_, _>>()?,
            (true, _) => self.ints.clone(),
            (false, element::INT8) => self.raw.iter().map(|v| i32::from(v.cast_signed())).collect(),
            (false, element::UINT8) => self.raw.iter().map(|v| i32::from(*v)).collect(),
            (false, element::INT32) => self.raw.as_chunks::<4>().0.iter().map(|c| i32::from_le_bytes(*c)).collect(),
            (false, _) => {
                self.raw.as_chunks::<8>().0.iter().map(|c| narrow(i64::from_le_bytes(*c))).collect::<Result<_, _>>()?
            }
        };
        self.expect_length(values)
    }

    fn expect_element(&self, allowed: &[i32], words: &str) -> Result<(), ImportError> {
        if self.data_location == 1 {
            return Err(ImportError::tensor(&self.name, "keeps its elements in another file"));
        }
        if !allowed.contains(&self.element) {
            return Err(ImportError::tensor(&self.name, format!("has element type {}; expected {words}", self.element)));
        }
        Ok(())
    }

    fn expect_length<T>(&self, values: Vec<T>) -> Result<Vec<T>, ImportError> {
        let shape = self.shape()?;
        let expected = shape.iter().try_fold(1_usize, |product, d| product.checked_mul(*d));
        if expected != Some(values.len()) {
            return Err(ImportError::tensor(
                &self.name,
                format!("has {} elements; its shape {shape:?} says otherwise", values.len()),
            ));
        }
        Ok(values)
    }
}

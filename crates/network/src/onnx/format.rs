//! The part of the ONNX file format that the import needs, read and written with protobuf.
//!
//! Field numbers are those of the ONNX specification (`onnx.proto3`). Fields left out here are dropped on reading.
use std::{collections::HashSet, sync::Arc};

use prost::Message;

use crate::{
    Constant, ImportError,
    constant::{Data, Sign},
};

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
    /// Inputs; old files list the constants too.
    #[prost(message, repeated, tag = "11")]
    pub inputs: Vec<ValueInfo>,
    /// Outputs.
    #[prost(message, repeated, tag = "12")]
    pub outputs: Vec<ValueInfo>,
    /// Types of intermediate values.
    #[prost(message, repeated, tag = "13")]
    pub value_info: Vec<ValueInfo>,
}

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub struct Node {
    /// Names of the values it reads.
    #[prost(string, repeated, tag = "1")]
    pub inputs: Vec<String>,
    /// Names of the values it computes.
    #[prost(string, repeated, tag = "2")]
    pub outputs: Vec<String>,
    /// Human-readable name.
    #[prost(string, tag = "3")]
    pub name: String,
    /// Operator.
    #[prost(string, tag = "4")]
    pub op: String,
    /// Options.
    #[prost(message, repeated, tag = "5")]
    pub attributes: Vec<Attribute>,
    /// Operator set it belongs to; empty for the standard operators.
    #[prost(string, tag = "7")]
    pub domain: String,
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
    /// Which of the values is set.
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
    /// Elements, little-endian, if they are in none of the lists.
    #[prost(bytes = "vec", tag = "9")]
    pub raw: Vec<u8>,
    /// Elements of a tensor of doubles, unless raw.
    #[prost(double, repeated, tag = "10")]
    pub doubles: Vec<f64>,
    /// 1 if the elements are in another file.
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
    /// Its size, 0 if unknown.
    #[prost(int64, tag = "1")]
    pub size: i64,
}

/// Codes of the element types the import reads.
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
    /// Boolean, one byte.
    pub const BOOL: i32 = 9;
    /// 16-bit float.
    pub const FLOAT16: i32 = 10;
    /// 64-bit float.
    pub const DOUBLE: i32 = 11;
    /// The upper half of a 32-bit float.
    pub const BFLOAT16: i32 = 16;
    /// Unsigned 4-bit integer, two per byte.
    pub const UINT4: i32 = 21;
    /// Signed 4-bit integer, two per byte.
    pub const INT4: i32 = 22;
}

impl ValueInfo {
    /// The declared shape, with 0 for an open dimension; `None` if none is declared.
    pub fn shape(&self) -> Option<Vec<i64>> {
        let shape = self.kind.as_ref()?.tensor.as_ref()?.shape.as_ref()?;
        Some(shape.dims.iter().map(|dimension| dimension.size).collect())
    }
}

impl Model {
    /// Reads an ONNX file, dropping inputs that only repeat a constant's name.
    pub fn read(bytes: &[u8]) -> Result<(Model, Graph), ImportError> {
        let mut model = Model::decode(bytes).map_err(|e| ImportError::NotOnnx(e.to_string()))?;
        let mut graph = model.graph.take().ok_or_else(|| ImportError::NotOnnx("it has no graph".into()))?;
        let constants: HashSet<_> = graph.initializers.iter().map(|t| t.name.as_str()).collect();
        let produced: HashSet<_> = graph.nodes.iter().flat_map(|n| &n.outputs).map(String::as_str).collect();
        let read: HashSet<_> = graph.nodes.iter().flat_map(|n| &n.inputs).map(String::as_str).collect();
        // Quantisation tools leave the old constants' names among the inputs, although nothing reads them.
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

impl Node {
    /// Name of the first output, which identifies the node in errors and cards.
    pub fn output(&self) -> &str {
        self.outputs.first().map_or("", String::as_str)
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

    pub(crate) fn integers(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|a| a.ints.as_slice())
    }

    /// A string, such as `SAME_UPPER`; `default` if omitted.
    pub(crate) fn string<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.attribute(name).and_then(|a| std::str::from_utf8(&a.s).ok()).unwrap_or(default)
    }
}

impl Tensor {
    /// The elements, converted to floats, 64-bit integers or bytes. Takes them out of the tensor: a copy would double the memory.
    pub fn into_constant(mut self) -> Result<Constant, ImportError> {
        if self.data_location == 1 {
            return Err(ImportError::tensor(&self.name, "keeps its elements in another file"));
        }
        let shape = self.shape()?;
        // Axes of length 0 count as 1, so that the strides cannot overflow either, in any order of the axes.
        let is_small = shape.iter().try_fold(1_usize, |product, size| product.checked_mul((*size).max(1))).is_some();
        let expected = is_small.then(|| shape.iter().product::<usize>());
        let data = self.take_data(expected.unwrap_or(0))?;
        let found = data.len();
        if expected != Some(found) {
            return Err(ImportError::tensor(&self.name, format!("has {found} elements; they do not fit its shape {shape:?}")));
        }
        Ok(Constant { shape, data })
    }

    fn take_data(&mut self, expected: usize) -> Result<Data, ImportError> {
        let raw = std::mem::take(&mut self.raw);
        let is_raw = !raw.is_empty();
        let ints = std::mem::take(&mut self.ints);
        let floats = |values: Vec<f32>| Data::Floats(Arc::new(values));
        let integers = |values: Vec<i64>| Data::Integers(Arc::new(values));
        // Elements that are not raw are stored in a list of 32-bit integers, one element each.
        let halves = || -> Vec<u16> {
            match is_raw {
                true => raw.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect(),
                false => ints.iter().map(|value| *value as u16).collect(),
            }
        };
        Ok(match self.element {
            element::FLOAT if is_raw => floats(raw.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()),
            element::FLOAT => floats(std::mem::take(&mut self.floats)),
            element::FLOAT16 => floats(halves().into_iter().map(|bits| half::f16::from_bits(bits).to_f32()).collect()),
            element::BFLOAT16 => floats(halves().into_iter().map(|bits| half::bf16::from_bits(bits).to_f32()).collect()),
            element::DOUBLE if is_raw => {
                floats(raw.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes) as f32).collect())
            }
            element::DOUBLE => floats(self.doubles.iter().map(|value| *value as f32).collect()),
            element::INT64 if is_raw => {
                integers(raw.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
            }
            element::INT64 => integers(std::mem::take(&mut self.longs)),
            element::INT32 if is_raw => {
                integers(raw.as_chunks::<4>().0.iter().map(|bytes| i64::from(i32::from_le_bytes(*bytes))).collect())
            }
            element::BOOL if is_raw => integers(raw.iter().map(|byte| i64::from(*byte != 0)).collect()),
            element::INT32 | element::BOOL => integers(ints.iter().map(|value| i64::from(*value)).collect()),
            element::INT8 | element::UINT8 => {
                let sign = if self.element == element::INT8 { Sign::Signed } else { Sign::Unsigned };
                let bytes = if is_raw { raw } else { ints.iter().map(|value| *value as u8).collect() };
                Data::Bytes(Arc::new(bytes), sign)
            }
            element::INT4 | element::UINT4 => {
                let bytes = if is_raw { raw } else { ints.iter().map(|value| *value as u8).collect() };
                // The lower half of a byte comes first.
                let nibbles = bytes.iter().flat_map(|byte| [byte & 0xf, byte >> 4]).take(expected);
                match self.element {
                    element::INT4 => {
                        let signed = nibbles.map(|nibble| if nibble < 8 { nibble } else { nibble | 0xf0 }).collect();
                        Data::Bytes(Arc::new(signed), Sign::Signed)
                    }
                    _ => Data::Bytes(Arc::new(nibbles.collect()), Sign::Unsigned),
                }
            }
            other => {
                return Err(ImportError::tensor(&self.name, format!("has element type {other}; expected floats or integers")));
            }
        })
    }

    fn shape(&self) -> Result<Vec<usize>, ImportError> {
        let dimension =
            |d: &i64| usize::try_from(*d).map_err(|_| ImportError::tensor(&self.name, format!("has a dimension of {d}")));
        self.dims.iter().map(dimension).collect()
    }
}

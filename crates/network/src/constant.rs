//! Values known before a network runs: weights, shapes, indices.
use std::sync::Arc;

use crate::ImportError;

/// A constant tensor, row-major. Clones share their elements.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// Dimensions; their product is the number of elements.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Data,
}

/// The elements of a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Weights and other arithmetic operands. Half and double floats are converted to `f32` when a file is read.
    Floats(Arc<Vec<f32>>),
    /// Shapes, indices and axes: 32-bit and 64-bit integers, and booleans as 0 and 1.
    Integers(Arc<Vec<i64>>),
    /// Quantised weights, as stored in the file: widening them to 64 bits would take eight times the memory.
    Bytes(Arc<Vec<u8>>, Sign),
}

/// How a quantised byte is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// -128 to 127.
    Signed,
    /// 0 to 255.
    Unsigned,
}

impl Constant {
    /// A float tensor. `values` has as many elements as `shape` says.
    pub fn floats(shape: impl Into<Vec<usize>>, values: Vec<f32>) -> Self {
        let shape = shape.into();
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        Self { shape, data: Data::Floats(Arc::new(values)) }
    }

    /// An integer tensor. `values` has as many elements as `shape` says.
    pub fn integers(shape: impl Into<Vec<usize>>, values: Vec<i64>) -> Self {
        let shape = shape.into();
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        Self { shape, data: Data::Integers(Arc::new(values)) }
    }

    /// A float without dimensions.
    pub fn scalar(value: f32) -> Self {
        Self::floats([], vec![value])
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements of a float tensor.
    pub fn as_floats(&self) -> Option<&[f32]> {
        match &self.data {
            Data::Floats(values) => Some(values),
            Data::Integers(_) | Data::Bytes(..) => None,
        }
    }

    /// Checks that no element is NaN. Infinities are allowed: masks and limits use them.
    pub(crate) fn without_nan(self, name: &str) -> Result<Self, ImportError> {
        match self.as_floats().unwrap_or_default().iter().find(|value| value.is_nan()) {
            Some(value) => Err(ImportError::NotFinite { place: format!("the tensor `{name}`"), value: *value }),
            None => Ok(self),
        }
    }

    /// The elements of an integer tensor.
    pub fn as_integers(&self) -> Option<&[i64]> {
        match &self.data {
            Data::Integers(values) => Some(values),
            Data::Floats(_) | Data::Bytes(..) => None,
        }
    }

    /// Every element as a 64-bit integer, floats rounded toward zero.
    pub fn to_integers(&self) -> Vec<i64> {
        match &self.data {
            Data::Floats(values) => values.iter().map(|value| *value as i64).collect(),
            Data::Integers(values) => values.to_vec(),
            Data::Bytes(values, sign) => values.iter().map(|byte| i64::from(sign.read(*byte))).collect(),
        }
    }

    /// Every element as a float.
    pub fn to_floats(&self) -> Vec<f32> {
        match &self.data {
            Data::Floats(values) => values.to_vec(),
            Data::Integers(values) => values.iter().map(|value| *value as f32).collect(),
            Data::Bytes(values, sign) => values.iter().map(|byte| f32::from(sign.read(*byte))).collect(),
        }
    }

    /// The elements of a float tensor, without a copy if they have no other owner.
    pub fn into_floats(self) -> Vec<f32> {
        match self.data {
            Data::Floats(values) => Arc::try_unwrap(values).unwrap_or_else(|shared| shared.to_vec()),
            Data::Integers(_) | Data::Bytes(..) => self.to_floats(),
        }
    }

    /// The elements of a float tensor, shared with its other owners.
    pub(crate) fn into_shared_floats(self) -> Arc<Vec<f32>> {
        match self.data {
            Data::Floats(values) => values,
            Data::Integers(_) | Data::Bytes(..) => Arc::new(self.to_floats()),
        }
    }

    /// The same elements in another shape with as many elements.
    pub(crate) fn reshaped(&self, shape: &[usize]) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), self.len());
        Self { shape: shape.to_vec(), data: self.data.clone() }
    }

    /// The elements at these positions, in this order, as a tensor of `shape`.
    pub(crate) fn picked(&self, shape: Vec<usize>, places: impl Iterator<Item = usize>) -> Self {
        let data = match &self.data {
            Data::Floats(values) => Data::Floats(Arc::new(places.map(|place| values[place]).collect())),
            Data::Integers(values) => Data::Integers(Arc::new(places.map(|place| values[place]).collect())),
            Data::Bytes(values, sign) => Data::Bytes(Arc::new(places.map(|place| values[place]).collect()), *sign),
        };
        Self { shape, data }
    }
}

impl Data {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Bytes(values, _) => values.len(),
        }
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Sign {
    /// The number a byte stands for.
    pub fn read(self, byte: u8) -> i16 {
        match self {
            Self::Signed => i16::from(byte.cast_signed()),
            Self::Unsigned => i16::from(byte),
        }
    }
}

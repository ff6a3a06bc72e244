//! Constants of a TFLite file, and their dequantisation.
use std::sync::Arc;

use half::f16;

use super::schema::{Quantisation, Tensor};
use crate::{
    Constant, ImportError,
    constant::{Data, Sign},
};

/// Element types.
pub(super) mod element {
    pub(in crate::tflite) const FLOAT32: i8 = 0;
    pub(in crate::tflite) const FLOAT16: i8 = 1;
    pub(in crate::tflite) const INT32: i8 = 2;
    pub(in crate::tflite) const UINT8: i8 = 3;
    pub(in crate::tflite) const INT64: i8 = 4;
    pub(in crate::tflite) const INT8: i8 = 9;

    /// In code order.
    const NAMES: [&str; 23] = [
        "FLOAT32",
        "FLOAT16",
        "INT32",
        "UINT8",
        "INT64",
        "STRING",
        "BOOL",
        "INT16",
        "COMPLEX64",
        "INT8",
        "FLOAT64",
        "COMPLEX128",
        "UINT64",
        "RESOURCE",
        "VARIANT",
        "UINT32",
        "UINT16",
        "INT4",
        "BFLOAT16",
        "INT2",
        "UINT4",
        "FLOAT8_E4M3FN",
        "FLOAT8_E5M2",
    ];

    pub(in crate::tflite) fn name(element: i8) -> String {
        let name = usize::try_from(element).ok().and_then(|element| NAMES.get(element));
        name.map_or_else(|| format!("type {element}"), |name| (*name).into())
    }
}

impl Tensor {
    /// Whether its elements are in the file. A tensor without elements has no data, yet is constant.
    pub(super) fn is_constant(&self) -> bool {
        !self.data.is_empty() || self.shape.contains(&0)
    }

    /// The elements of a constant; half floats are converted to floats.
    pub(super) fn constant(&self, bytes: &[u8]) -> Result<Constant, ImportError> {
        let error = |problem| ImportError::tensor(&self.name, problem);
        let shape: Option<Vec<usize>> = self.shape.iter().map(|size| usize::try_from(*size).ok()).collect();
        let shape = shape.ok_or_else(|| error(format!("is a constant of shape {:?}", self.shape)))?;
        let size = match self.element {
            element::INT64 => 8,
            element::FLOAT32 | element::INT32 => 4,
            element::FLOAT16 => 2,
            element::INT8 | element::UINT8 => 1,
            other => {
                let expected = "expected FLOAT32, FLOAT16, INT8, UINT8, INT32 or INT64";
                return Err(error(format!("is a constant of {}; {expected}", element::name(other))));
            }
        };
        let data = bytes.get(self.data.clone()).unwrap_or_default();
        let needed = shape.iter().try_fold(size, |product: usize, size| product.checked_mul(*size));
        if needed != Some(data.len()) {
            return Err(error(format!("has the shape {shape:?} of {}, but {} bytes", element::name(self.element), data.len())));
        }
        let data = match self.element {
            element::FLOAT32 => Data::Floats(numbers(data, f32::from_le_bytes)),
            element::FLOAT16 => Data::Floats(numbers(data, |bytes| f16::from_le_bytes(bytes).to_f32())),
            element::INT32 => Data::Integers(numbers(data, |bytes| i32::from_le_bytes(bytes).into())),
            element::INT64 => Data::Integers(numbers(data, i64::from_le_bytes)),
            element::INT8 => Data::Bytes(Arc::new(data.to_vec()), Sign::Signed),
            _ => Data::Bytes(Arc::new(data.to_vec()), Sign::Unsigned),
        };
        Ok(Constant { shape, data })
    }
}

fn numbers<T, const SIZE: usize>(data: &[u8], read: impl Fn([u8; SIZE]) -> T) -> Arc<Vec<T>> {
    Arc::new(data.as_chunks().0.iter().map(|bytes| read(*bytes)).collect())
}

impl Quantisation {
    /// Dequantises to floats; `axis` is the position of the file's axis in `constant`. `None` if the number of scales or zero
    /// points does not fit.
    pub(super) fn floats(&self, constant: &Constant, axis: Option<usize>) -> Option<Constant> {
        let places = match self.scales.len() {
            1 => 1,
            _ => *constant.shape.get(axis?)?,
        };
        let zero_points = match self.zero_points.as_slice() {
            [] => &vec![0; places],
            zero_points => zero_points,
        };
        if self.is_special || [self.scales.len(), zero_points.len()] != [places; 2] {
            return None;
        }
        let inner = if places == 1 { constant.len() } else { constant.shape.get(axis? + 1..)?.iter().product() };
        let value = |(index, value): (usize, i64)| {
            let place = index / inner.max(1) % places;
            // Exact in f64, so it is rounded only once.
            ((value as f64 - zero_points[place] as f64) * f64::from(self.scales[place])) as f32
        };
        let values = constant.to_integers().into_iter().enumerate().map(value).collect();
        Some(Constant::floats(constant.shape.clone(), values))
    }
}

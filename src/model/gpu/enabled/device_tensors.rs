//! Tensors that our own GPU kernels read and write.
use burn::tensor::{DType, Device, Tensor, f16};
use burn_cubecl::{CubeBackend, CubeDevice, kernel::into_contiguous, tensor::CubeTensor};
use cubecl::{
    client::Client,
    ir::{ElemType, FloatKind},
};

use super::shader::Precision;
use crate::model::ModelError;

/// The largest weight is scaled to this half float: well below the format's maximum, and as far as possible above its smallest values,
/// which many GPUs flush to zero.
const LARGEST_HALF: f32 = 16_384.0;

/// Weights on a device.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    pub(super) tensor: CubeTensor,
    pub(super) precision: Precision,
    /// Factor for a sum of products with the weights.
    pub(super) scale: f32,
}

/// Makes tensors on a device.
pub(super) struct DeviceTensors {
    pub(super) client: Client,
    device: CubeDevice,
}

impl DeviceTensors {
    pub(super) fn of(device: &Device) -> Result<Self, ModelError> {
        let CubeTensor { client, device, .. } = primitive(Tensor::<1>::empty([1], device))?;
        Ok(Self { client, device })
    }

    pub(super) fn floats(&self, values: &[f32]) -> CubeTensor {
        self.filled(values.iter().flat_map(|value| value.to_le_bytes()).collect(), DType::F32)
    }

    /// Uses half floats if the device supports them: sums are still single precision, but half as many bytes are read.
    pub(super) fn weights(&self, values: &[f32]) -> Weights {
        let precision = self.precision();
        match precision {
            Precision::Single => Weights { tensor: self.floats(values), precision, scale: 1.0 },
            Precision::Half => {
                let (halves, scale) = halves(values);
                // Padded to an even number, to fill whole words.
                let bytes = halves.iter().chain((halves.len() % 2 == 1).then_some(&f16::ZERO));
                let tensor = self.filled(bytes.flat_map(|half| half.to_le_bytes()).collect(), DType::F16);
                Weights { tensor, precision, scale }
            }
        }
    }

    /// Precision of the weights on the device.
    pub(super) fn precision(&self) -> Precision {
        match self.client.properties().supports_type(ElemType::Float(FloatKind::F16)) {
            true => Precision::Half,
            false => Precision::Single,
        }
    }

    /// Unsigned integers, or the bits of signed ones.
    pub(super) fn integers(&self, values: &[u32], dtype: DType) -> CubeTensor {
        self.filled(values.iter().flat_map(|value| value.to_le_bytes()).collect(), dtype)
    }

    /// Allocates this many floats.
    pub(super) fn empty(&self, length: usize) -> CubeTensor {
        let handle = self.client.empty(length * size_of::<f32>());
        CubeTensor::new_contiguous(self.client.clone(), self.device.clone(), [1, length].into(), handle, DType::F32)
    }

    /// Uploads numbers to the device.
    fn filled(&self, bytes: Vec<u8>, dtype: DType) -> CubeTensor {
        let handle = self.client.create_from_slice(&bytes);
        CubeTensor::new_contiguous(self.client.clone(), self.device.clone(), [bytes.len() / dtype.size()].into(), handle, dtype)
    }
}

/// Half floats divided by a power of two, and that power.
pub(super) fn halves(values: &[f32]) -> (Vec<f16>, f32) {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = if largest > 0.0 && largest.is_finite() { (largest / LARGEST_HALF).log2().ceil().exp2() } else { 1.0 };
    (values.iter().map(|value| f16::from_f32(value / scale)).collect(), scale)
}

/// Returns the tensor on the device, row-major.
pub(super) fn primitive<const D: usize>(tensor: Tensor<D>) -> Result<CubeTensor, ModelError> {
    let tensor = tensor.try_into_primitive::<CubeBackend>();
    Ok(into_contiguous(tensor.map_err(|e| ModelError::Device(format!("{e:?}")))?))
}

//! Tensors that our own kernels on the GPU read and write.
use burn::tensor::{DType, Device, Tensor};
use burn_cubecl::{CubeBackend, CubeDevice, kernel::into_contiguous, tensor::CubeTensor};
use cubecl::client::Client;

use super::ModelError;

/// Makes them on a device.
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

    /// Unsigned ones, or the bits of signed ones.
    pub(super) fn integers(&self, values: &[u32], dtype: DType) -> CubeTensor {
        self.filled(values.iter().flat_map(|value| value.to_le_bytes()).collect(), dtype)
    }

    /// Room for this many floats.
    pub(super) fn empty(&self, length: usize) -> CubeTensor {
        let handle = self.client.empty(length * size_of::<f32>());
        CubeTensor::new_contiguous(self.client.clone(), self.device.clone(), [1, length].into(), handle, DType::F32)
    }

    /// Numbers of four bytes, sent to the device.
    fn filled(&self, bytes: Vec<u8>, dtype: DType) -> CubeTensor {
        let handle = self.client.create_from_slice(&bytes);
        CubeTensor::new_contiguous(self.client.clone(), self.device.clone(), [bytes.len() / 4].into(), handle, dtype)
    }
}

/// The tensor on the device, row-major.
pub(super) fn primitive<const D: usize>(tensor: Tensor<D>) -> Result<CubeTensor, ModelError> {
    let tensor = tensor.try_into_primitive::<CubeBackend>();
    Ok(into_contiguous(tensor.map_err(|e| ModelError::Device(format!("{e:?}")))?))
}

//! Stands in for a GPU that is never available.
use burn::tensor::{Device, Tensor};
use serfiq_kernels::head::{Cells, Moments};

use serfiq_score::DropoutMasks;

use crate::model::{Backend, ModelError};

const WHY: &str = "this build has no GPU support";

pub(in crate::model) async fn open(_software_too: bool) -> Result<Backend, String> {
    Err(WHY.into())
}

pub(in crate::model) enum GpuHead {}

impl GpuHead {
    pub(in crate::model) fn new(
        _head: &serfiq_network::AffineHead,
        _cells: Cells,
        _device: &Device,
    ) -> Result<Self, ModelError> {
        Err(ModelError::NoWebGpu(WHY.into()))
    }

    pub(in crate::model) fn embed(&self, _features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        match *self {}
    }

    pub(in crate::model) fn passes(&self, _features: Tensor<2>, _masks: &DropoutMasks) -> Result<Tensor<2>, ModelError> {
        match *self {}
    }

    pub(in crate::model) fn moments(&self, _features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        match *self {}
    }

    pub(in crate::model) fn read_moments(&self, _moments: Vec<f32>) -> Result<Moments, ModelError> {
        match *self {}
    }
}

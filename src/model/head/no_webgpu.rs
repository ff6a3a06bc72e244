//! In the place of `webgpu`, in a build without a GPU: a head that there never is.
use burn::tensor::{Device, Tensor};
use serfiq_kernels::head::Moments;

use crate::{model::ModelError, score::DropoutMasks};

pub(super) enum WebGpuHead {}

impl WebGpuHead {
    pub(super) fn new(_head: &serfiq_network::Head, _device: &Device) -> Result<Self, ModelError> {
        Err(ModelError::NoWebGpu("this build is one for the CPU alone".into()))
    }

    pub(super) fn embed(&self, _features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        match *self {}
    }

    pub(super) fn passes(&self, _features: Tensor<2>, _masks: &DropoutMasks) -> Result<Tensor<2>, ModelError> {
        match *self {}
    }

    pub(super) fn moments(&self, _features: Tensor<2>) -> Result<Tensor<2>, ModelError> {
        match *self {}
    }

    pub(super) fn read_moments(&self, _moments: Vec<f32>) -> Result<Moments, ModelError> {
        match *self {}
    }
}

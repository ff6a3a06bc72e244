use std::sync::OnceLock;

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, TensorData, activation},
};
use serfiq_kernels::activation as kernels;

use super::{on_cpu, to_be_loaded};

/// In the place of [`burn::tensor::activation::relu`].
pub fn relu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    match on_cpu::is_on_cpu(&input) {
        true => on_cpu::change(input, kernels::relu),
        false => activation::relu(input),
    }
}

/// In the place of [`burn::nn::PReluConfig`].
#[derive(burn::config::Config, Debug)]
pub struct PReluConfig {
    #[config(default = 1)]
    num_parameters: usize,
}

/// In the place of [`burn::nn::PRelu`].
#[derive(Module, Debug)]
pub struct PRelu {
    alpha: Param<Tensor<1>>,
    /// Beside the input, for burn's activation.
    #[module(skip)]
    elsewhere: OnceLock<Tensor<1>>,
}

impl PReluConfig {
    pub fn init(&self, _device: &Device) -> PRelu {
        PRelu { alpha: to_be_loaded([self.num_parameters]), elsewhere: OnceLock::new() }
    }
}

#[cfg(test)]
impl PReluConfig {
    /// With these slopes.
    pub(super) fn init_with(&self, slopes: &[f32]) -> PRelu {
        let alpha = Param::from_tensor(Tensor::from_floats(slopes, &Device::flex()));
        PRelu { alpha, ..self.init(&Device::flex()) }
    }
}

impl PRelu {
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        // Of a batch, the slopes would start again with each item.
        if on_cpu::is_on_cpu(&input) && input.dims()[0] == 1 {
            return on_cpu::change(input, |values| kernels::prelu(values, &self.slopes()));
        }
        let alpha = || Tensor::from_data(TensorData::new(self.slopes(), self.alpha.dims()), &input.device());
        let alpha = self.elsewhere.get_or_init(alpha).clone();
        activation::prelu(input, alpha)
    }

    /// How many slopes there are.
    pub(super) fn count(&self) -> usize {
        self.alpha.dims()[0]
    }

    /// One for each channel, or one for all.
    pub(super) fn slopes(&self) -> Vec<f32> {
        on_cpu::values(self.alpha.val())
    }
}

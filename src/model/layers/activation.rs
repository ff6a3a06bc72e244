use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, activation},
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
}

impl PReluConfig {
    pub fn init(&self, device: &Device) -> PRelu {
        PRelu { alpha: to_be_loaded([self.num_parameters], device) }
    }
}

impl PRelu {
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        // Of a batch, the slopes would start again with each item.
        match on_cpu::is_on_cpu(&input) && input.dims()[0] == 1 {
            true => on_cpu::change(input, |values| kernels::prelu(values, &on_cpu::values(self.alpha.val()))),
            false => activation::prelu(input, self.alpha.val()),
        }
    }
}

use std::sync::OnceLock;

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, TensorData},
};
use serfiq_kernels::finish::{Finish, finish};

use super::{on_cpu, to_be_loaded};

/// In the place of [`burn::nn::BatchNormConfig`].
#[derive(burn::config::Config, Debug)]
pub struct BatchNormConfig {
    num_features: usize,
    #[config(default = 1e-5)]
    epsilon: f64,
    #[config(default = 0.1)]
    momentum: f64,
}

/// In the place of [`burn::nn::BatchNorm`].
#[derive(Module, Debug)]
pub struct BatchNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    running_mean: Param<Tensor<1>>,
    running_var: Param<Tensor<1>>,
    #[module(skip)]
    epsilon: f64,
    /// Scale and shift beside the input, where that is not on the CPU.
    #[module(skip)]
    elsewhere: OnceLock<[Tensor<1>; 2]>,
}

impl BatchNormConfig {
    pub fn init(&self, _device: &Device) -> BatchNorm {
        let [gamma, beta, running_mean, running_var] = [(); 4].map(|()| to_be_loaded([self.num_features]));
        BatchNorm { gamma, beta, running_mean, running_var, epsilon: self.epsilon, elsewhere: OnceLock::new() }
    }
}

impl BatchNorm {
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        if on_cpu::is_on_cpu(&input) && input.dims()[0] == 1 {
            let finishes: Vec<Finish> =
                self.affine().map(|[scale, shift]| Finish::bias(0.0).then_affine(scale, shift)).collect();
            return on_cpu::change(input, |values| finish(values, &finishes));
        }
        let device = input.device();
        let [scale, shift] = self.elsewhere.get_or_init(|| {
            [0, 1].map(|which| {
                let values: Vec<f32> = self.affine().map(|of| of[which]).collect();
                Tensor::from_data(TensorData::new(values, self.gamma.dims()), &device)
            })
        });
        let mut shape = [1; D];
        shape[1] = scale.dims()[0];
        input.mul(scale.clone().reshape(shape)).add(shift.clone().reshape(shape))
    }

    /// Scale and shift of each channel.
    pub(super) fn affine(&self) -> impl Iterator<Item = [f32; 2]> {
        let [gamma, beta, mean, var] =
            [&self.gamma, &self.beta, &self.running_mean, &self.running_var].map(|parameter| on_cpu::values(parameter.val()));
        (0..gamma.len()).map(move |channel| {
            let scale = f64::from(gamma[channel]) / (f64::from(var[channel]) + self.epsilon).sqrt();
            [scale as f32, (f64::from(beta[channel]) - f64::from(mean[channel]) * scale) as f32]
        })
    }
}

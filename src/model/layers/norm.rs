use burn::{
    module::{Param, RunningState},
    nn::BatchNorm,
    tensor::{Device, Tensor},
};

use super::to_be_loaded;

/// In the place of [`burn::nn::BatchNormConfig`].
#[derive(burn::config::Config, Debug)]
pub struct BatchNormConfig {
    num_features: usize,
    #[config(default = 1e-5)]
    epsilon: f64,
    #[config(default = 0.1)]
    momentum: f64,
}

impl BatchNormConfig {
    pub fn init(&self, device: &Device) -> BatchNorm {
        let (shape, &Self { epsilon, momentum, .. }) = ([self.num_features], self);
        BatchNorm {
            gamma: to_be_loaded(shape, device),
            beta: to_be_loaded(shape, device),
            training: Param::from_bool(false),
            running_mean: RunningState::new(Tensor::zeros(shape, device)),
            running_var: RunningState::new(Tensor::zeros(shape, device)),
            momentum,
            epsilon,
        }
    }
}

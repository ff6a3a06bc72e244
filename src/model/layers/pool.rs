use burn::{
    module::Module,
    nn::{self, PaddingConfig2d},
    tensor::Tensor,
};
use serfiq_kernels::pool::max_pool_2x2;

use super::on_cpu;

/// In the place of [`burn::nn::pool::MaxPool2dConfig`].
#[derive(burn::config::Config, Debug)]
pub struct MaxPool2dConfig {
    kernel_size: [usize; 2],
    #[config(default = "kernel_size")]
    strides: [usize; 2],
    #[config(default = "PaddingConfig2d::Valid")]
    padding: PaddingConfig2d,
    #[config(default = "[1, 1]")]
    dilation: [usize; 2],
    #[config(default = false)]
    ceil_mode: bool,
}

/// In the place of [`burn::nn::pool::MaxPool2d`].
#[derive(Module, Debug)]
pub struct MaxPool2d {
    general: nn::pool::MaxPool2d,
    /// Two by two, side by side.
    is_2x2: bool,
}

impl MaxPool2dConfig {
    pub fn init(&self) -> MaxPool2d {
        let is_plain = self.padding == PaddingConfig2d::Valid && self.dilation == [1, 1] && !self.ceil_mode;
        MaxPool2d {
            general: nn::pool::MaxPool2dConfig::new(self.kernel_size)
                .with_strides(self.strides)
                .with_padding(self.padding.clone())
                .with_dilation(self.dilation)
                .with_ceil_mode(self.ceil_mode)
                .init(),
            is_2x2: is_plain && self.kernel_size == [2, 2] && self.strides == [2, 2],
        }
    }
}

impl MaxPool2d {
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = input.dims();
        match self.is_2x2 && on_cpu::is_on_cpu(&input) {
            true => on_cpu::map(input, [batch, channels, height / 2, width / 2], |values, output| {
                max_pool_2x2(values, batch * channels, [height, width], output);
            }),
            false => self.general.forward(input),
        }
    }
}

use std::sync::{Arc, OnceLock};

use burn::{
    module::{Module, Param},
    nn::{self, PaddingConfig2d},
    tensor::{Device, Tensor},
};
use serfiq_kernels::direct::Direct;
#[cfg(target_family = "wasm")]
use serfiq_kernels::pointwise::Pointwise;
#[cfg(not(target_family = "wasm"))]
use serfiq_kernels::pointwise_float::PointwiseFloat as Pointwise;

use super::{on_cpu, to_be_loaded};

/// In the place of [`burn::nn::conv::Conv2dConfig`].
#[derive(burn::config::Config, Debug)]
pub struct Conv2dConfig {
    /// In, out.
    channels: [usize; 2],
    kernel_size: [usize; 2],
    #[config(default = "[1, 1]")]
    stride: [usize; 2],
    #[config(default = "[1, 1]")]
    dilation: [usize; 2],
    #[config(default = "1")]
    groups: usize,
    #[config(default = "PaddingConfig2d::Valid")]
    padding: PaddingConfig2d,
    #[config(default = true)]
    bias: bool,
}

/// In the place of [`burn::nn::conv::Conv2d`].
#[derive(Module, Debug)]
pub struct Conv2d {
    weight: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    config: Conv2dConfig,
    /// Made at the first run on the CPU, when the weights are there.
    #[module(skip)]
    kernel: OnceLock<Kernel>,
}

/// How a convolution is run.
#[derive(Debug, Clone)]
enum Kernel {
    Direct(Arc<Direct>),
    Pointwise(Arc<Pointwise>),
    /// burn's.
    General,
}

impl Conv2dConfig {
    pub fn init(&self, device: &Device) -> Conv2d {
        let ([channels_in, channels_out], [height, width]) = (self.channels, self.kernel_size);
        Conv2d {
            weight: to_be_loaded([channels_out, channels_in / self.groups, height, width], device),
            bias: self.bias.then(|| to_be_loaded([channels_out], device)),
            config: self.clone(),
            kernel: OnceLock::new(),
        }
    }

    /// Whether every output channel reads so few input channels that a product of matrices does not pay: those of a picture, or
    /// one of its own.
    fn is_direct(&self) -> bool {
        self.channels[0] / self.groups <= 3 && self.dilation == [1, 1]
    }

    fn is_pointwise(&self) -> bool {
        self.kernel_size == [1, 1] && self.stride == [1, 1] && self.groups == 1 && self.padding == PaddingConfig2d::Valid
    }

    /// Above and below, left and right; `None` where it depends on the size of the input.
    fn padding(&self) -> Option<[[usize; 2]; 2]> {
        match self.padding {
            PaddingConfig2d::Valid => Some([[0; 2]; 2]),
            PaddingConfig2d::Explicit(top, left, bottom, right) => Some([[top, bottom], [left, right]]),
            _ => None,
        }
    }
}

impl Conv2d {
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, _, height, width] = input.dims();
        let kernel = match batch == 1 && on_cpu::is_on_cpu(&input) {
            true => self.kernel.get_or_init(|| self.kernel()),
            false => &Kernel::General,
        };
        let channels = self.config.channels[1];
        match kernel {
            Kernel::Direct(kernel) => {
                let [out_height, out_width] = kernel.output_size([height, width]);
                on_cpu::map(input, [1, channels, out_height, out_width], |values| kernel.run(values, [height, width]))
            }
            Kernel::Pointwise(kernel) => on_cpu::map(input, [1, channels, height, width], |values| kernel.run(values)),
            Kernel::General => self.general().forward(input),
        }
    }

    /// burn's layer, which shares the parameters.
    fn general(&self) -> nn::conv::Conv2d {
        let Conv2dConfig { stride, kernel_size, dilation, groups, ref padding, .. } = self.config;
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        nn::conv::Conv2d { weight, bias, stride, kernel_size, dilation, groups, padding: padding.clone() }
    }

    fn kernel(&self) -> Kernel {
        let Conv2dConfig { channels: [_, channels], kernel_size: kernel, stride, groups, .. } = self.config;
        let weight = || on_cpu::values(self.weight.val());
        let bias = || self.bias.as_ref().map_or_else(|| vec![0.0; channels], |bias| on_cpu::values(bias.val()));
        if let Some(padding) = self.config.padding().filter(|_| self.config.is_direct()) {
            return Kernel::Direct(Arc::new(Direct { weight: weight(), bias: bias(), groups, kernel, stride, padding }));
        }
        if self.config.is_pointwise() {
            return Kernel::Pointwise(Arc::new(Pointwise::new(&weight(), bias())));
        }
        Kernel::General
    }
}
